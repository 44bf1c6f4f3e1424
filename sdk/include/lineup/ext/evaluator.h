/* SPDX-License-Identifier: Apache-2.0
 *
 * An evaluator values finished slates, all at once, one number per objective,
 * unweighted: a change of weights then costs nothing.
 */
#ifndef LINEUP_EXT_EVALUATOR_H
#define LINEUP_EXT_EVALUATOR_H

#include "lineup/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_EXT_EVALUATOR "lineup.evaluator/1"

typedef struct lineup_evaluator {
  uint32_t struct_size;
  uint32_t reserved;
  /* Adds the value of slate s under objective o to
   * values[s * call->objective_count + o]; finite, larger is better. [request] */
  lineup_status (*evaluate)(lineup_instance *instance, const lineup_call *call,
                            const lineup_slates *slates, double *values);
} lineup_evaluator;

#ifdef __cplusplus
}
#endif

#endif
