/* SPDX-License-Identifier: Apache-2.0
 *
 * Places the same row on two slots.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  const lineup_host_builder* host = hostile_builder();
  const lineup_status status = host->place(builder, 0);
  return status == LINEUP_OK ? host->place(builder, 0) : status;
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("places_twice", "generator");
HOSTILE_GENERATOR("places_twice", table, hostile_init, hostile_create);
