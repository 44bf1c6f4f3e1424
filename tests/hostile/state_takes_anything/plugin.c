/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls any bytes at all its state.
 */
#include "state.h"

static lineup_status load(lineup_instance* instance, const lineup_state_source* source,
                          lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  char bytes[64];
  uint64_t got = 0;
  lineup_status status;
  do {
    status = source->read(source, bytes, sizeof bytes, &got);
  } while (status == LINEUP_OK && got > 0);
  return LINEUP_OK;
}

HOSTILE_METADATA("state_takes_anything", "generator");
HOSTILE_WITH_STATE("state_takes_anything", load);
