/* SPDX-License-Identifier: Apache-2.0
 *
 * A generator proposes slates. It builds them with the host's slate builder and
 * emits each one that is finished; the order of emission breaks ties.
 */
#ifndef LINEUP_EXT_GENERATOR_H
#define LINEUP_EXT_GENERATOR_H

#include "lineup/ext/builder.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_EXT_GENERATOR "lineup.generator/1"

typedef struct lineup_generator {
  uint32_t struct_size;
  uint32_t reserved;
  /* Emits at least one slate. Must give the same slates for the same instance,
   * call and seed. On an error the slates emitted so far still count. [request] */
  lineup_status (*generate)(lineup_instance *instance, const lineup_call *call,
                            lineup_builder *builder);
} lineup_generator;

#ifdef __cplusplus
}
#endif

#endif
