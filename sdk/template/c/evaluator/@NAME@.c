/* SPDX-License-Identifier: Apache-2.0
 *
 * The evaluator `@NAME@`: distinct categories per slot of the page.
 */
#include <stdlib.h>
#include <string.h>

#include "lineup/ext/config.h"
#include "lineup/ext/evaluator.h"

/* What one instance knows. */

struct lineup_instance {
  char objective_name[128];
  char column_name[128];
  uint32_t objective; /* index of the objective, once active */
  uint32_t column;    /* index of the column, once active */
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
  const lineup_status status = read_text(service, config, "/objective", "variety",
                                         node->objective_name, sizeof(node->objective_name));
  if (status != LINEUP_OK) return status;
  return read_text(service, config, "/column", "category", node->column_name,
                   sizeof(node->column_name));
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
    return fail(errors, status, "`objective` and `column` must be short texts");
  }
  *out = node;
  return LINEUP_OK;
}

static lineup_status activate(lineup_instance *node, const lineup_binder *binder,
                              lineup_error_sink *errors) {
  lineup_status status = binder->column(binder, text_of(node->column_name), LINEUP_TYPE_CODE,
                                        LINEUP_COLUMN_REQUIRED, &node->column);
  if (status != LINEUP_OK) return fail(errors, status, "the column of `column` cannot be bound");
  status = binder->objective(binder, text_of(node->objective_name), &node->objective);
  if (status != LINEUP_OK)
    return fail(errors, status, "the policy lacks the objective of `objective`");
  return LINEUP_OK;
}

static void deactivate(lineup_instance *node) { (void)node; }

static void destroy(lineup_instance *node) { free(node); }

/* Its work. */

/* The category of a row, or LINEUP_NO_CODE. */
static uint32_t code_at(const lineup_column *column, uint32_t row) {
  if (column->validity != NULL && (column->validity[row / 64] >> (row % 64) & 1) == 0) {
    return LINEUP_NO_CODE;
  }
  return ((const uint32_t *)column->data)[row];
}

/* Pages are short: every row is compared with those before it. */
static uint32_t distinct(const lineup_column *column, const uint32_t *rows, uint32_t length) {
  uint32_t count = 0;
  uint32_t slot;
  for (slot = 0; slot < length; ++slot) {
    const uint32_t code = code_at(column, rows[slot]);
    uint32_t before = 0;
    if (code == LINEUP_NO_CODE) continue;
    while (before < slot && code_at(column, rows[before]) != code) ++before;
    if (before == slot) ++count;
  }
  return count;
}

static lineup_status evaluate(lineup_instance *node, const lineup_call *call,
                              const lineup_slates *slates, double *values) {
  const lineup_column *column = call->columns[node->column];
  uint32_t slate;
  if (column == NULL) return LINEUP_OK; /* not in this request: nothing is distinct */
  for (slate = 0; slate < slates->slate_count; ++slate) {
    const uint32_t *rows = slates->rows + (size_t)slate * slates->slot_count;
    const uint32_t length = slates->lengths[slate];
    if (length == 0) continue;
    values[(size_t)slate * call->objective_count + node->objective] +=
        (double)distinct(column, rows, length) / length;
  }
  return LINEUP_OK;
}

/* What the host sees. */

static const lineup_evaluator evaluator_table = {sizeof(lineup_evaluator), 0, evaluate};

static const void *extension(const char *id) {
  return strcmp(id, LINEUP_EXT_EVALUATOR) == 0 ? &evaluator_table : NULL;
}

static const lineup_node_type node_type = {sizeof(lineup_node_type),
                                           LINEUP_KIND_EVALUATOR,
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
    "  \"about\": \"Distinct categories per slot of the page.\","
    "  \"types\": [{"
    "    \"name\": \"@NAME@\", \"kind\": \"evaluator\", \"threads\": \"reentrant\","
    "    \"deterministic\": true, \"columns\": [\"column\"],"
    "    \"about\": \"Distinct categories per slot of the page.\","
    "    \"configuration\": {"
    "      \"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "        \"objective\": {\"type\": \"string\", \"maxLength\": 127, \"default\": \"variety\"},"
    "        \"column\": {\"type\": \"string\", \"maxLength\": 127, \"default\": "
    "\"category\"}}}}]}");

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
