/* SPDX-License-Identifier: Apache-2.0
 *
 * Sees that its state is whole, and not that it is its own.
 */
#include "state.h"

static lineup_status load(lineup_instance* instance, const lineup_state_source* source,
                          lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  char mark[8];
  uint32_t count = 0;
  const lineup_status status = state_read(source, mark, sizeof mark);
  return status == LINEUP_OK ? state_read(source, &count, sizeof count) : status;
}

HOSTILE_METADATA("state_takes_garbage", "generator");
HOSTILE_WITH_STATE("state_takes_garbage", load);
