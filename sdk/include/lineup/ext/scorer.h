/* SPDX-License-Identifier: Apache-2.0
 *
 * A scorer writes float columns before slates are generated: calibration,
 * re-estimation in context. The host owns the columns; inputs stay as they are.
 */
#ifndef LINEUP_EXT_SCORER_H
#define LINEUP_EXT_SCORER_H

#include "lineup/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_EXT_SCORER "lineup.scorer/1"

typedef struct lineup_scorer {
  uint32_t struct_size;
  uint32_t reserved;
  /* Writes outputs[index][row] for the columns bound with binder->output. Each
   * begins as a copy of the column of that name, NaN where there is none. NaN
   * means missing. On an error the host throws the outputs away. [request] */
  lineup_status (*score)(lineup_instance *instance, const lineup_call *call,
                         double *const *outputs);
} lineup_scorer;

#ifdef __cplusplus
}
#endif

#endif
