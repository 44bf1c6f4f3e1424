/* SPDX-License-Identifier: Apache-2.0
 *
 * Says ok and proposes no page.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  (void)builder;
  return LINEUP_OK;
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("emits_nothing", "generator");
HOSTILE_GENERATOR("emits_nothing", table, hostile_init, hostile_create);
