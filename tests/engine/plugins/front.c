/* SPDX-License-Identifier: Apache-2.0
 *
 * A generator whose pages say which build of it made them: it puts row VARIANT
 * before all others, which follow in the order of the batch. Built once for each
 * variant, so that a test can replace one by another and see which one answered.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  double* utility = (double*)call->allocate(call, call->row_count * sizeof(double));
  if (utility == NULL) return LINEUP_E_BUDGET;
  for (uint32_t row = 0; row < call->row_count; ++row) utility[row] = -(double)row;
  if (call->row_count > VARIANT) utility[VARIANT] = 1000.0;
  return hostile_builder()->emit(builder, utility);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("front", "generator");
HOSTILE_GENERATOR("front", table, hostile_init, hostile_create);
