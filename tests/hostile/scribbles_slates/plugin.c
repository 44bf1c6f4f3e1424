/* SPDX-License-Identifier: Apache-2.0
 *
 * A generator that writes into the memory it shares with the service, after it
 * emitted a slate.
 */
#include "scribble.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  const uint32_t way = call->slot_count;
  const lineup_status status = hostile_builder()->emit(builder, NULL);
  scribble(way);
  return status;
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("scribbles_slates", "generator");
HOSTILE_GENERATOR("scribbles_slates", table, hostile_init, hostile_create);
