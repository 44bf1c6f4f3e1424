/* SPDX-License-Identifier: Apache-2.0
 *
 * The constraint `@NAME@`: at most `max` rows of one category in a row.
 */
#include <stdlib.h>
#include <string.h>

#include "lineup/ext/config.h"
#include "lineup/ext/constraint.h"

/* What one instance knows. */

struct lineup_instance {
  char column_name[128];
  int64_t max;
  uint32_t column; /* index of the column, once active */
};

/* The state of a page: how many of its last rows have the same category. */
typedef struct run {
  uint32_t code;
  uint32_t length;
} run;

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
  lineup_status status = read_text(service, config, "/column", "category", node->column_name,
                                   sizeof(node->column_name));
  if (status != LINEUP_OK) return status;
  node->max = 2;
  status = service->integer(config, "/max", &node->max);
  if (status != LINEUP_OK && status != LINEUP_E_NOT_FOUND) return status;
  return node->max >= 1 ? LINEUP_OK : LINEUP_E_INVALID_CONFIG;
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
    return fail(errors, status, "`column` must be a short text, `max` an integer of at least 1");
  }
  *out = node;
  return LINEUP_OK;
}

static lineup_status activate(lineup_instance *node, const lineup_binder *binder,
                              lineup_error_sink *errors) {
  const lineup_status status = binder->column(binder, text_of(node->column_name), LINEUP_TYPE_CODE,
                                              LINEUP_COLUMN_REQUIRED, &node->column);
  if (status != LINEUP_OK) return fail(errors, status, "the column of `column` cannot be bound");
  return LINEUP_OK;
}

static void deactivate(lineup_instance *node) { (void)node; }

static void destroy(lineup_instance *node) { free(node); }

/* Its work. */

/* The category of a row, or LINEUP_NO_CODE. */
static uint32_t code_at(const lineup_column *column, uint32_t row) {
  if (column == NULL) return LINEUP_NO_CODE; /* not in this request */
  if (column->validity != NULL && (column->validity[row / 64] >> (row % 64) & 1) == 0) {
    return LINEUP_NO_CODE;
  }
  return ((const uint32_t *)column->data)[row];
}

static uint64_t state_size(const lineup_instance *node) {
  (void)node;
  return sizeof(run);
}

static lineup_status begin(lineup_instance *node, const lineup_call *call, lineup_page *page) {
  run *state = (run *)page->state;
  (void)node;
  (void)call;
  state->code = LINEUP_NO_CODE;
  state->length = 0;
  return LINEUP_OK;
}

static lineup_status judge(lineup_instance *node, const lineup_call *call, const lineup_page *page,
                           uint32_t row, lineup_judgement *out) {
  const run *state = (const run *)page->state;
  const uint32_t code = code_at(call->columns[node->column], row);
  const int continues = code != LINEUP_NO_CODE && code == state->code;
  out->violations = continues && state->length >= node->max ? 1 : 0;
  out->penalty = 0.0;
  return LINEUP_OK;
}

static lineup_status place(lineup_instance *node, const lineup_call *call, lineup_page *page,
                           uint32_t row) {
  run *state = (run *)page->state;
  const uint32_t code = code_at(call->columns[node->column], row);
  state->length = code == state->code ? state->length + 1 : 1;
  state->code = code;
  return LINEUP_OK;
}

/* What the host sees. */

static const lineup_constraint constraint_table = {
    sizeof(lineup_constraint), 0, state_size, NULL, begin, judge, place, NULL};

static const void *extension(const char *id) {
  return strcmp(id, LINEUP_EXT_CONSTRAINT) == 0 ? &constraint_table : NULL;
}

static const lineup_node_type node_type = {sizeof(lineup_node_type),
                                           LINEUP_KIND_CONSTRAINT,
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
    "  \"about\": \"At most so many rows of one category in a row.\","
    "  \"types\": [{"
    "    \"name\": \"@NAME@\", \"kind\": \"constraint\", \"threads\": \"reentrant\","
    "    \"deterministic\": true, \"columns\": [\"column\"],"
    "    \"about\": \"At most so many rows of one category in a row.\","
    "    \"configuration\": {"
    "      \"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "        \"column\": {\"type\": \"string\", \"maxLength\": 127, \"default\": \"category\"},"
    "        \"max\": {\"type\": \"integer\", \"minimum\": 1, \"default\": 2}}}}]}");

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
