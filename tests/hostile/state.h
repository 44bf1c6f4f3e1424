/* SPDX-License-Identifier: Apache-2.0
 *
 * A generator that carries state: eight bytes of a mark, a count of four, and
 * as many bytes as it says. A fixture writes its own `load`, and breaks one thing
 * in it.
 */
#ifndef LINEUP_TESTS_HOSTILE_STATE_H
#define LINEUP_TESTS_HOSTILE_STATE_H

#include "hostile.h"
#include "lineup/ext/state.h"

#define STATE_MARK "counting"

static lineup_status state_save(lineup_instance* instance, const lineup_state_sink* sink,
                                lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  const uint32_t count = 0;
  lineup_status status = sink->write(sink, STATE_MARK, 8);
  if (status == LINEUP_OK) status = sink->write(sink, &count, sizeof count);
  return status;
}

/* Exactly `size` bytes, or INVALID_INPUT. */
HOSTILE_UNUSED static lineup_status state_read(const lineup_state_source* source, void* bytes,
                                               uint64_t size) {
  uint64_t done = 0;
  while (done < size) {
    uint64_t got = 0;
    const lineup_status status = source->read(source, (char*)bytes + done, size - done, &got);
    if (status != LINEUP_OK) return status;
    if (got == 0) return LINEUP_E_INVALID_INPUT;
    done += got;
  }
  return LINEUP_OK;
}

#define HOSTILE_WITH_STATE(name_text, load_fn)                                                \
  static const lineup_state hostile_state = {sizeof(lineup_state), 0, state_save, load_fn};   \
  static const void* state_extension(const char* id) {                                        \
    if (strcmp(id, LINEUP_EXT_STATE) == 0) return &hostile_state;                             \
    return strcmp(id, LINEUP_EXT_GENERATOR) == 0 ? &hostile_table : NULL;                     \
  }                                                                                           \
  static const lineup_node_type state_type = {                                                \
      sizeof(lineup_node_type), LINEUP_KIND_GENERATOR, name_text,   HOSTILE_ID_OF(name_text), \
      hostile_create,           hostile_activate,      hostile_end, hostile_end,              \
      state_extension};                                                                       \
  static const lineup_node_type* state_type_at(uint32_t index) {                              \
    return index == 0 ? &state_type : NULL;                                                   \
  }                                                                                           \
  HOSTILE_EXTERN LINEUP_EXPORT const lineup_plugin lineup_entry = {LINEUP_PLUGIN_MAGIC,       \
                                                                   sizeof(lineup_plugin),     \
                                                                   LINEUP_ABI_MAJOR,          \
                                                                   0,                         \
                                                                   0,                         \
                                                                   0,                         \
                                                                   "1.0.0",                   \
                                                                   lineup_metadata_text,      \
                                                                   hostile_init,              \
                                                                   NULL,                      \
                                                                   state_type_at}

#endif
