/* SPDX-License-Identifier: Apache-2.0
 *
 * The scorer `@NAME@`: score + weight * bonus.
 */
#include <stdlib.h>
#include <string.h>

#include "lineup/ext/config.h"
#include "lineup/ext/scorer.h"

/* What one instance knows. */

struct lineup_instance {
  char score_name[128];
  char bonus_name[128];
  double weight;
  uint32_t bonus;  /* index of the column, once active */
  uint32_t output; /* index of the output, once active */
};

static lineup_text text_of(const char *text) {
  lineup_text made;
  made.data = text;
  made.size = strlen(text);
  return made;
}

static lineup_status fail(lineup_error_sink *errors, lineup_status status, const char *message) {
  errors->report(errors, status, text_of(message));
  return status;
}

/* Copies the text at `pointer` into out[room], or `fallback` when none is given. */
static lineup_status read_text(const lineup_host_config *service, const lineup_config *config,
                               const char *pointer, const char *fallback, char *out, size_t room) {
  lineup_text found = text_of(fallback);
  const lineup_status status = service->text(config, pointer, &found);
  if (status != LINEUP_OK && status != LINEUP_E_NOT_FOUND) return status;
  if (found.size >= room) return LINEUP_E_INVALID_CONFIG;
  memcpy(out, found.data, (size_t)found.size);
  out[found.size] = '\0';
  return LINEUP_OK;
}

static lineup_status read_config(const lineup_host_config *service, const lineup_config *config,
                                 lineup_instance *node) {
  lineup_status status =
      read_text(service, config, "/score", "score", node->score_name, sizeof(node->score_name));
  if (status != LINEUP_OK) return status;
  status =
      read_text(service, config, "/bonus", "bonus", node->bonus_name, sizeof(node->bonus_name));
  if (status != LINEUP_OK) return status;
  node->weight = 1.0;
  status = service->number(config, "/weight", &node->weight);
  return status == LINEUP_E_NOT_FOUND ? LINEUP_OK : status;
}

/* Its life. */

static lineup_status create(const lineup_host *host, lineup_text config_json,
                            lineup_error_sink *errors, lineup_instance **out) {
  const lineup_host_config *service =
      (const lineup_host_config *)host->extension(host, LINEUP_HOST_CONFIG);
  lineup_config *config = NULL;
  lineup_instance *node;
  lineup_status status;
  if (service == NULL)
    return fail(errors, LINEUP_E_UNSUPPORTED, "the host has no `lineup.config/1`");
  status = service->open(config_json, errors, &config);
  if (status != LINEUP_OK) return status;
  node = (lineup_instance *)calloc(1, sizeof(*node));
  status = node == NULL ? LINEUP_E_BUDGET : read_config(service, config, node);
  service->close(config);
  if (status != LINEUP_OK) {
    free(node);
    return fail(errors, status, "`score` and `bonus` must be short texts, `weight` a number");
  }
  *out = node;
  return LINEUP_OK;
}

static lineup_status activate(lineup_instance *node, const lineup_binder *binder,
                              lineup_error_sink *errors) {
  lineup_status status = binder->column(binder, text_of(node->bonus_name), LINEUP_TYPE_F64,
                                        LINEUP_COLUMN_REQUIRED, &node->bonus);
  if (status != LINEUP_OK) return fail(errors, status, "the column of `bonus` cannot be bound");
  status = binder->output(binder, text_of(node->score_name), &node->output);
  if (status != LINEUP_OK) return fail(errors, status, "the column of `score` cannot be written");
  return LINEUP_OK;
}

static void deactivate(lineup_instance *node) { (void)node; }

static void destroy(lineup_instance *node) { free(node); }

/* Its work. */

static int has_value(const lineup_column *column, uint32_t row) {
  return column->validity == NULL || (column->validity[row / 64] >> (row % 64) & 1) != 0;
}

static lineup_status score(lineup_instance *node, const lineup_call *call, double *const *outputs) {
  const lineup_column *column = call->columns[node->bonus];
  double *out = outputs[node->output]; /* begins as a copy of the column */
  const double *bonus;
  uint32_t row;
  if (column == NULL) return LINEUP_OK; /* not in this request */
  bonus = (const double *)column->data;
  for (row = 0; row < call->row_count; ++row) {
    /* NaN is missing too: only it differs from itself. */
    if (has_value(column, row) && bonus[row] == bonus[row]) out[row] += node->weight * bonus[row];
  }
  return LINEUP_OK;
}

/* What the host sees. */

static const lineup_scorer scorer_table = {sizeof(lineup_scorer), 0, score};

static const void *extension(const char *id) {
  return strcmp(id, LINEUP_EXT_SCORER) == 0 ? &scorer_table : NULL;
}

static const lineup_node_type node_type = {sizeof(lineup_node_type),
                                           LINEUP_KIND_SCORER,
                                           "@NAME@",
                                           "com.example.@NAME@/1",
                                           create,
                                           activate,
                                           deactivate,
                                           destroy,
                                           extension};

static const lineup_node_type *type_at(uint32_t index) { return index == 0 ? &node_type : NULL; }

LINEUP_METADATA(
    "{"
    "  \"name\": \"@NAME@\", \"version\": \"0.1.0\","
    "  \"about\": \"Adds a weighted bonus column to a score.\","
    "  \"types\": [{"
    "    \"name\": \"@NAME@\", \"kind\": \"scorer\", \"threads\": \"reentrant\","
    "    \"deterministic\": true, \"columns\": [\"score\", \"bonus\"],"
    "    \"about\": \"Adds a weighted bonus column to a score.\","
    "    \"configuration\": {"
    "      \"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "        \"score\": {\"type\": \"string\", \"maxLength\": 127, \"default\": \"score\"},"
    "        \"bonus\": {\"type\": \"string\", \"maxLength\": 127, \"default\": \"bonus\"},"
    "        \"weight\": {\"type\": \"number\", \"default\": 1}}}}]}");

LINEUP_EXPORT const lineup_plugin lineup_entry = {LINEUP_PLUGIN_MAGIC,
                                                  sizeof(lineup_plugin),
                                                  LINEUP_ABI_MAJOR,
                                                  LINEUP_ABI_MINOR,
                                                  LINEUP_ABI_MINOR,
                                                  0,
                                                  "0.1.0",
                                                  lineup_metadata_text,
                                                  NULL,
                                                  NULL,
                                                  type_at};
