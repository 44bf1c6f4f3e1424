/* SPDX-License-Identifier: Apache-2.0
 *
 * The scorer `age_decay` in plain C: a score loses half its value with every
 * half-life of the item's age. Read it from the end: what the engine finds
 * stands there, and everything above is what that names.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/ext/config.h"
#include "lineup/ext/scorer.h"

enum { NAME_MAX_BYTES = 127 };

/* What one instance knows. The header leaves this type to the plugin. */
struct lineup_instance {
  char published_name[NAME_MAX_BYTES + 1];
  char score_name[NAME_MAX_BYTES + 1];
  double half_life_ms;
  double floor;
  uint32_t published; /* index of the column, once active */
  uint32_t score;     /* index of the output, once active */
};

static lineup_text text_of(const char* text) {
  lineup_text made;
  made.data = text;
  made.size = strlen(text);
  return made;
}

static lineup_status fail(lineup_error_sink* errors, lineup_status status, const char* message) {
  errors->report(errors, status, text_of(message));
  return status;
}

/* Reading: a value that is not given leaves the default. */

static lineup_status read_name(const lineup_host_config* service, const lineup_config* config,
                               const char* pointer, const char* fallback, char* out) {
  lineup_text found = text_of(fallback);
  const lineup_status status = service->text(config, pointer, &found);
  if (status != LINEUP_OK && status != LINEUP_E_NOT_FOUND) return status;
  if (found.size > NAME_MAX_BYTES) return LINEUP_E_INVALID_CONFIG;
  memcpy(out, found.data, (size_t)found.size);
  out[found.size] = '\0';
  return LINEUP_OK;
}

static lineup_status read_number(const lineup_host_config* service, const lineup_config* config,
                                 const char* pointer, double fallback, double* out) {
  lineup_status status;
  *out = fallback;
  status = service->number(config, pointer, out);
  return status == LINEUP_E_NOT_FOUND ? LINEUP_OK : status;
}

static lineup_status read_config(const lineup_host_config* service, const lineup_config* config,
                                 lineup_instance* node) {
  const double day_ms = 24.0 * 60.0 * 60.0 * 1000.0;
  lineup_status status =
      read_name(service, config, "/published", "published", node->published_name);
  if (status == LINEUP_OK) {
    status = read_name(service, config, "/score", "score", node->score_name);
  }
  if (status == LINEUP_OK) {
    status = read_number(service, config, "/half_life_ms", day_ms, &node->half_life_ms);
  }
  if (status == LINEUP_OK) status = read_number(service, config, "/floor", 0.0, &node->floor);
  if (status != LINEUP_OK) return status;
  return node->half_life_ms > 0.0 && node->floor >= 0.0 && node->floor <= 1.0
             ? LINEUP_OK
             : LINEUP_E_INVALID_CONFIG;
}

/* The life of an instance. */

static lineup_status create(const lineup_host* host, lineup_text config_json,
                            lineup_error_sink* errors, lineup_instance** out) {
  const lineup_host_config* service =
      (const lineup_host_config*)host->extension(host, LINEUP_HOST_CONFIG);
  lineup_config* config = NULL;
  lineup_instance* node;
  lineup_status status;
  if (service == NULL) {
    return fail(errors, LINEUP_E_UNSUPPORTED, "the host has no `lineup.config/1`");
  }
  status = service->open(config_json, errors, &config);
  if (status != LINEUP_OK) return status;
  node = (lineup_instance*)calloc(1, sizeof(*node));
  status = node == NULL ? LINEUP_E_BUDGET : read_config(service, config, node);
  service->close(config);
  if (status != LINEUP_OK) {
    free(node);
    return fail(errors, status,
                "`published` and `score` must be names, `half_life_ms` above 0, `floor` 0..1");
  }
  *out = node;
  return LINEUP_OK;
}

static lineup_status activate(lineup_instance* node, const lineup_binder* binder,
                              lineup_error_sink* errors) {
  lineup_status status = binder->column(binder, text_of(node->published_name), LINEUP_TYPE_TIME_MS,
                                        LINEUP_COLUMN_REQUIRED, &node->published);
  if (status != LINEUP_OK) return fail(errors, status, "the column `published` cannot be bound");
  status = binder->output(binder, text_of(node->score_name), &node->score);
  if (status != LINEUP_OK) return fail(errors, status, "the column `score` cannot be written");
  return LINEUP_OK;
}

static void deactivate(lineup_instance* node) { (void)node; }

static void destroy(lineup_instance* node) { free(node); }

/* A request. */

static int has_value(const lineup_column* column, uint32_t row) {
  return column->validity == NULL || (column->validity[row / 64] >> (row % 64) & 1) != 0;
}

static double factor(const lineup_instance* node, int64_t age_ms) {
  const double age = age_ms < 0 ? 0.0 : (double)age_ms; /* not yet published: fresh */
  const double decayed = exp2(-age / node->half_life_ms);
  return decayed < node->floor ? node->floor : decayed;
}

static lineup_status score(lineup_instance* node, const lineup_call* call, double* const* outputs) {
  const lineup_column* published = call->columns[node->published];
  double* out = outputs[node->score]; /* begins as a copy of the column */
  uint32_t row;
  if (published == NULL) return LINEUP_OK; /* not in this request */
  for (row = 0; row < call->row_count; ++row) {
    /* A missing score is NaN, and stays so. */
    if (has_value(published, row)) {
      out[row] *= factor(node, call->now_ms - ((const int64_t*)published->data)[row]);
    }
  }
  return LINEUP_OK;
}

/* What the engine sees. */

static const lineup_scorer scorer_table = {sizeof(lineup_scorer), 0, score};

static const void* extension(const char* id) {
  return strcmp(id, LINEUP_EXT_SCORER) == 0 ? &scorer_table : NULL;
}

static const lineup_node_type node_type = {sizeof(lineup_node_type),
                                           LINEUP_KIND_SCORER,
                                           "age_decay",
                                           "com.example.age_decay/1",
                                           create,
                                           activate,
                                           deactivate,
                                           destroy,
                                           extension};

static const lineup_node_type* type_at(uint32_t index) { return index == 0 ? &node_type : NULL; }

LINEUP_METADATA(
    "{\"name\": \"age_decay\", \"version\": \"1.0.0\","
    " \"about\": \"Scores lose half their value with every half-life of age.\","
    " \"types\": [{"
    "   \"name\": \"age_decay\", \"kind\": \"scorer\", \"threads\": \"reentrant\","
    "   \"deterministic\": true, \"columns\": [\"published\", \"score\"],"
    "   \"about\": \"Multiplies a score by 0.5 ^ (age / half_life_ms).\","
    "   \"configuration\": {\"type\": \"object\", \"additionalProperties\": false, \"properties\": "
    "{"
    "     \"published\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\": 127,"
    "                     \"default\": \"published\"},"
    "     \"score\": {\"type\": \"string\", \"minLength\": 1, \"maxLength\": 127,"
    "                 \"default\": \"score\"},"
    "     \"half_life_ms\": {\"type\": \"number\", \"exclusiveMinimum\": 0, \"default\": 86400000},"
    "     \"floor\": {\"type\": \"number\", \"minimum\": 0, \"maximum\": 1, \"default\": 0}}}}]}");

LINEUP_EXPORT const lineup_plugin lineup_entry = {LINEUP_PLUGIN_MAGIC,
                                                  sizeof(lineup_plugin),
                                                  LINEUP_ABI_MAJOR,
                                                  LINEUP_ABI_MINOR,
                                                  LINEUP_ABI_MINOR,
                                                  0,
                                                  "1.0.0",
                                                  lineup_metadata_text,
                                                  NULL,
                                                  NULL,
                                                  type_at};
