/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes as many entries as the bytes say that there are.
 */
#include "state.h"

static lineup_status load(lineup_instance* instance, const lineup_state_source* source,
                          lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  static volatile uint64_t slots[4];
  char mark[8];
  uint32_t count = 0;
  lineup_status status = state_read(source, mark, sizeof mark);
  if (status == LINEUP_OK) status = state_read(source, &count, sizeof count);
  if (status != LINEUP_OK) return status;
  for (uint32_t i = 0; i < count; ++i) slots[i] = i;
  return memcmp(mark, STATE_MARK, 8) == 0 && slots[0] == 0 ? LINEUP_OK : LINEUP_E_INVALID_INPUT;
}

HOSTILE_METADATA("state_trusts_count", "generator");
HOSTILE_WITH_STATE("state_trusts_count", load);
