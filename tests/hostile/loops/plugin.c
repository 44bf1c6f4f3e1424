/* SPDX-License-Identifier: Apache-2.0
 *
 * Never comes back from a call.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  (void)builder;
  for (volatile int forever = 1; forever;) {
  }
  return LINEUP_OK;
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("loops", "generator");
HOSTILE_GENERATOR("loops", table, hostile_init, hostile_create);
