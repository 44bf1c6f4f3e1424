/* SPDX-License-Identifier: Apache-2.0
 *
 * Values every slate with a number that is none.
 */
#include <math.h>

#include "hostile.h"
#include "lineup/ext/evaluator.h"

static lineup_status evaluate(lineup_instance* instance, const lineup_call* call,
                              const lineup_slates* slates, double* values) {
  (void)instance;
  for (uint32_t i = 0; i < slates->slate_count * call->objective_count; ++i) values[i] = NAN;
  return LINEUP_OK;
}

static const lineup_evaluator table = {sizeof(lineup_evaluator), 0, evaluate};
HOSTILE_METADATA("nan_values", "evaluator");
HOSTILE_PLUGIN_WITH("nan_values", LINEUP_KIND_EVALUATOR, LINEUP_EXT_EVALUATOR, table,
                    LINEUP_ABI_MAJOR, LINEUP_PLUGIN_MAGIC, hostile_init, hostile_create);
