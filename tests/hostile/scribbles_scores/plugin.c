/* SPDX-License-Identifier: Apache-2.0
 *
 * A scorer that writes into the memory it shares with the service.
 */
#include "scribble.h"

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
  for (uint32_t row = 0; row < call->row_count; ++row) outputs[0][row] = 1.0;
  scribble(call->slot_count);
  return LINEUP_OK;
}

static const lineup_scorer table = {sizeof(lineup_scorer), 0, score};
HOSTILE_METADATA("scribbles_scores", "scorer");
#define hostile_activate activate
HOSTILE_SCORER("scribbles_scores", table, hostile_init, hostile_create);
