/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads its state with one read and believes that this gave everything.
 */
#include "state.h"

static lineup_status load(lineup_instance* instance, const lineup_state_source* source,
                          lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  struct {
    char mark[8];
    uint32_t count;
  } all = {"", 0};
  uint64_t got = 0;
  const lineup_status status = source->read(source, &all, 12, &got);
  if (status != LINEUP_OK) return status;
  return got == 12 && memcmp(all.mark, STATE_MARK, 8) == 0 && all.count == 0
             ? LINEUP_OK
             : LINEUP_E_INVALID_INPUT;
}

HOSTILE_METADATA("state_reads_once", "generator");
HOSTILE_WITH_STATE("state_reads_once", load);
