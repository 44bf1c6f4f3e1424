/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes memory from the heap in the hot call.
 */
#include <stdlib.h>

#include "hostile.h"

static lineup_status activate(lineup_instance* instance, const lineup_binder* binder,
                              lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  const lineup_text name = {"estimate", 8};
  uint32_t index = 0;
  return binder->output(binder, name, &index);
}

static lineup_status score(lineup_instance* instance, const lineup_call* call,
                           double* const* outputs) {
  (void)instance;
  double* scratch = malloc(sizeof(double) * (call->row_count + 1));
  if (scratch == NULL) return LINEUP_E_BUDGET;
  for (uint32_t row = 0; row < call->row_count; ++row) {
    scratch[row] = (double)row;
    outputs[0][row] = scratch[row];
  }
  free(scratch);
  return LINEUP_OK;
}

static const lineup_scorer table = {sizeof(lineup_scorer), 0, score};
HOSTILE_METADATA("allocates", "scorer");
#define hostile_activate activate
HOSTILE_SCORER("allocates", table, hostile_init, hostile_create);
