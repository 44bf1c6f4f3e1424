/* SPDX-License-Identifier: Apache-2.0
 *
 * The generator `@NAME@`: the best permitted row by one column, slot by slot.
 */
#include <stdlib.h>
#include <string.h>

#include "lineup/ext/config.h"
#include "lineup/ext/generator.h"

/* What one instance knows. */

struct lineup_instance {
  const lineup_host_builder *builder; /* the host's slate builder */
  char column_name[128];
  uint32_t column; /* index of the column, once active */
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
  return read_text(service, config, "/column", "score", node->column_name,
                   sizeof(node->column_name));
}

/* Its life. */

static lineup_status create(const lineup_host *host, lineup_text config_json,
                            lineup_error_sink *errors, lineup_instance **out) {
  const lineup_host_config *service =
      (const lineup_host_config *)host->extension(host, LINEUP_HOST_CONFIG);
  const lineup_host_builder *builder =
      (const lineup_host_builder *)host->extension(host, LINEUP_HOST_BUILDER);
  lineup_config *config = NULL;
  lineup_instance *node;
  lineup_status status;
  if (service == NULL)
    return fail(errors, LINEUP_E_UNSUPPORTED, "the host has no `lineup.config/1`");
  if (builder == NULL)
    return fail(errors, LINEUP_E_UNSUPPORTED, "the host has no `lineup.builder/1`");
  status = service->open(config_json, errors, &config);
  if (status != LINEUP_OK) return status;
  node = (lineup_instance *)calloc(1, sizeof(*node));
  status = node == NULL ? LINEUP_E_BUDGET : read_config(service, config, node);
  service->close(config);
  if (status != LINEUP_OK) {
    free(node);
    return fail(errors, status, "`column` must be a short text");
  }
  node->builder = builder;
  *out = node;
  return LINEUP_OK;
}

static lineup_status activate(lineup_instance *node, const lineup_binder *binder,
                              lineup_error_sink *errors) {
  const lineup_status status = binder->column(binder, text_of(node->column_name), LINEUP_TYPE_F64,
                                              LINEUP_COLUMN_REQUIRED, &node->column);
  if (status != LINEUP_OK) return fail(errors, status, "the column of `column` cannot be bound");
  return LINEUP_OK;
}

static void deactivate(lineup_instance *node) { (void)node; }

static void destroy(lineup_instance *node) { free(node); }

/* Its work. */

static int has_value(const lineup_column *column, uint32_t row) {
  return column->validity == NULL || (column->validity[row / 64] >> (row % 64) & 1) != 0;
}

/* The column per row; 0 where there is no value. */
static void fill_utility(const lineup_column *column, uint32_t row_count, double *utility) {
  const double *values = column == NULL ? NULL : (const double *)column->data;
  uint32_t row;
  for (row = 0; row < row_count; ++row) {
    /* NaN is missing too: only it differs from itself. */
    const int given = values != NULL && has_value(column, row) && values[row] == values[row];
    utility[row] = given ? values[row] : 0.0;
  }
}

static lineup_status generate(lineup_instance *node, const lineup_call *call,
                              lineup_builder *builder) {
  const lineup_host_builder *host = node->builder;
  double *utility = NULL;
  uint32_t slot;
  if (call->row_count > 0) {
    utility = (double *)call->allocate(call, call->row_count * sizeof(double));
    if (utility == NULL) return fail(call->errors, LINEUP_E_BUDGET, "out of memory");
    fill_utility(call->columns[node->column], call->row_count, utility);
  }
  for (slot = 0; slot < call->slot_count; ++slot) {
    uint32_t best;
    if (call->spend(call, call->row_count) != 0) break;
    best = host->best_permitted(builder, utility);
    if (best == LINEUP_NO_ROW || host->place(builder, best) != LINEUP_OK) break;
  }
  return host->emit(builder, utility); /* completes a page that is not full */
}

/* What the host sees. */

static const lineup_generator generator_table = {sizeof(lineup_generator), 0, generate};

static const void *extension(const char *id) {
  return strcmp(id, LINEUP_EXT_GENERATOR) == 0 ? &generator_table : NULL;
}

static const lineup_node_type node_type = {sizeof(lineup_node_type),
                                           LINEUP_KIND_GENERATOR,
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
    "  \"about\": \"The best permitted row by one column, slot by slot.\","
    "  \"types\": [{"
    "    \"name\": \"@NAME@\", \"kind\": \"generator\", \"threads\": \"reentrant\","
    "    \"deterministic\": true, \"columns\": [\"column\"],"
    "    \"about\": \"The best permitted row by one column, slot by slot.\","
    "    \"configuration\": {"
    "      \"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
    "        \"column\": {\"type\": \"string\", \"maxLength\": 127, \"default\": \"score\"}}}}]}");

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
