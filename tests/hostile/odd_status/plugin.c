/* SPDX-License-Identifier: Apache-2.0
 *
 * Returns a number that is no status.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  (void)hostile_builder()->emit(builder, NULL);
  return 17;
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("odd_status", "generator");
HOSTILE_GENERATOR("odd_status", table, hostile_init, hostile_create);
