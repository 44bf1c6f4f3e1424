/* SPDX-License-Identifier: Apache-2.0
 *
 * Adds what it scored in the calls before.
 */
#include "hostile.h"

static double total;

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
  for (uint32_t row = 0; row < call->row_count; ++row) outputs[0][row] = total;
  total += call->row_count;
  return LINEUP_OK;
}

static const lineup_scorer table = {sizeof(lineup_scorer), 0, score};
HOSTILE_METADATA("keeps_state", "scorer");
#define hostile_activate activate
HOSTILE_SCORER("keeps_state", table, hostile_init, hostile_create);
