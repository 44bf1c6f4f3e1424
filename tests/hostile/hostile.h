/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a plugin that a hostile one does not need to write again. HOSTILE_PLUGIN exports one
 * type `NAME` whose table of its kind is `table`; a fixture replaces what it breaks.
 */
#ifndef LINEUP_TESTS_HOSTILE_H
#define LINEUP_TESTS_HOSTILE_H

#include <string.h>

#include "lineup/ext/builder.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"
#include "lineup/plugin.h"

#define HOSTILE_UNUSED __attribute__((unused))

#define HOSTILE_METADATA(name, kind)                                                          \
  LINEUP_METADATA("{\"name\":\"" name "\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"" name \
                  "\",\"kind\":\"" kind "\",\"threads\":\"reentrant\"}]}")

/* The host, once initialised; an instance that is nothing but an address. */
static const lineup_host* hostile_host;
static int hostile_instance;

HOSTILE_UNUSED static lineup_status hostile_create(const lineup_host* host, lineup_text config,
                                                   lineup_error_sink* errors,
                                                   lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  *out = (lineup_instance*)&hostile_instance;
  return LINEUP_OK;
}
HOSTILE_UNUSED static lineup_status hostile_activate(lineup_instance* instance,
                                                     const lineup_binder* binder,
                                                     lineup_error_sink* errors) {
  (void)instance;
  (void)binder;
  (void)errors;
  return LINEUP_OK;
}
HOSTILE_UNUSED static void hostile_end(lineup_instance* instance) { (void)instance; }
HOSTILE_UNUSED static lineup_status hostile_init(const lineup_host* host,
                                                 lineup_error_sink* errors) {
  (void)errors;
  hostile_host = host;
  return LINEUP_OK;
}
HOSTILE_UNUSED static void hostile_report(lineup_error_sink* errors, lineup_status status,
                                          const char* text) {
  const lineup_text message = {text, strlen(text)};
  errors->report(errors, status, message);
}
HOSTILE_UNUSED static const lineup_host_builder* hostile_builder(void) {
  return (const lineup_host_builder*)hostile_host->extension(hostile_host, LINEUP_HOST_BUILDER);
}

#ifdef __cplusplus
#define HOSTILE_EXTERN extern "C"
#else
#define HOSTILE_EXTERN
#endif

/* A fixture with an id of its own defines HOSTILE_ID anew. */
#define HOSTILE_ID_OF(name_text) HOSTILE_ID(name_text)
#define HOSTILE_ID(name_text) "dev.lineup.test." name_text "/1"

#define HOSTILE_PLUGIN_WITH(name_text, kind_number, table_id, table, major, magic_number, init_fn, \
                            create_fn)                                                             \
  static const void* hostile_extension(const char* id) {                                           \
    return strcmp(id, table_id) == 0 ? &(table) : NULL;                                            \
  }                                                                                                \
  static const lineup_node_type hostile_type = {                                                   \
      sizeof(lineup_node_type), kind_number, name_text,   HOSTILE_ID_OF(name_text), create_fn,     \
      hostile_activate,         hostile_end, hostile_end, hostile_extension};                      \
  static const lineup_node_type* hostile_type_at(uint32_t index) {                                 \
    return index == 0 ? &hostile_type : NULL;                                                      \
  }                                                                                                \
  HOSTILE_EXTERN LINEUP_EXPORT const lineup_plugin lineup_entry = {                                \
      magic_number, sizeof(lineup_plugin), major, 0, 0, 0, "1.0.0", lineup_metadata_text, init_fn, \
      NULL,         hostile_type_at}

#define HOSTILE_GENERATOR(name_text, table, init_fn, create_fn)                      \
  HOSTILE_PLUGIN_WITH(name_text, LINEUP_KIND_GENERATOR, LINEUP_EXT_GENERATOR, table, \
                      LINEUP_ABI_MAJOR, LINEUP_PLUGIN_MAGIC, init_fn, create_fn)

#define HOSTILE_SCORER(name_text, table, init_fn, create_fn)                                     \
  HOSTILE_PLUGIN_WITH(name_text, LINEUP_KIND_SCORER, LINEUP_EXT_SCORER, table, LINEUP_ABI_MAJOR, \
                      LINEUP_PLUGIN_MAGIC, init_fn, create_fn)

/* A generator that does what it should. */
HOSTILE_UNUSED static lineup_status hostile_generate(lineup_instance* instance,
                                                     const lineup_call* call,
                                                     lineup_builder* builder) {
  (void)instance;
  (void)call;
  return hostile_builder()->emit(builder, NULL);
}
HOSTILE_UNUSED static const lineup_generator hostile_table = {sizeof(lineup_generator), 0,
                                                              hostile_generate};

#endif
