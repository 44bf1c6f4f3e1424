/* SPDX-License-Identifier: Apache-2.0
 *
 * A generator that asks no rule: it places the rows from the last to the first.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  for (uint32_t row = call->row_count; row > 0; --row) {
    (void)hostile_builder()->place(builder, row - 1);
  }
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("last_first", "generator");
HOSTILE_GENERATOR("last_first", table, hostile_init, hostile_create);
