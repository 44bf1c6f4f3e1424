/* SPDX-License-Identifier: Apache-2.0
 *
 * Scores that are not finite.
 */
#include <math.h>

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
  for (uint32_t row = 0; row < call->row_count; ++row) {
    outputs[0][row] = row % 3 == 0 ? NAN : row % 3 == 1 ? INFINITY : (double)row;
  }
  return LINEUP_OK;
}

static const lineup_scorer table = {sizeof(lineup_scorer), 0, score};
HOSTILE_METADATA("nan_scores", "scorer");
#define hostile_activate activate
HOSTILE_PLUGIN_WITH("nan_scores", LINEUP_KIND_SCORER, LINEUP_EXT_SCORER, table, LINEUP_ABI_MAJOR,
                    LINEUP_PLUGIN_MAGIC, hostile_init, hostile_create);
