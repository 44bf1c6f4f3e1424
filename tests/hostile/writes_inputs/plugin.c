/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes into a column that it was given to read.
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
  if (call->columns[0] != NULL) ((double*)(uintptr_t)call->columns[0]->data)[0] = 1e9;
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("writes_inputs", "generator");
#define hostile_activate activate
HOSTILE_GENERATOR("writes_inputs", table, hostile_init, hostile_create);
