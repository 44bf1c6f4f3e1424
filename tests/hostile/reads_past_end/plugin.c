/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads one value more than there are rows.
 */
#include "hostile.h"

static lineup_status activate(lineup_instance* instance, const lineup_binder* binder,
                              lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  const lineup_text name = {"score", 5};
  uint32_t index = 0;
  return binder->column(binder, name, LINEUP_TYPE_F64, LINEUP_COLUMN_REQUIRED, &index);
}

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  volatile double sum = 0.0;
  if (call->columns[0] != NULL) {
    for (uint32_t row = 0; row <= call->row_count; ++row) {
      sum += ((const double*)call->columns[0]->data)[row];
    }
  }
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("reads_past_end", "generator");
#define hostile_activate activate
HOSTILE_GENERATOR("reads_past_end", table, hostile_init, hostile_create);
