/* SPDX-License-Identifier: Apache-2.0
 *
 * Declares that calls may overlap and shares one scratch value between them.
 */
#include <sched.h>

#include "hostile.h"

static volatile double scratch;

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
  for (uint32_t row = 0; row < call->row_count; ++row) {
    scratch = (double)(call->seed * 1000 + row);
    sched_yield();
    outputs[0][row] = scratch;
  }
  return LINEUP_OK;
}

static const lineup_scorer table = {sizeof(lineup_scorer), 0, score};
HOSTILE_METADATA("not_reentrant", "scorer");
#define hostile_activate activate
HOSTILE_SCORER("not_reentrant", table, hostile_init, hostile_create);
