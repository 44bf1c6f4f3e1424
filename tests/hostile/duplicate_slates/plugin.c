/* SPDX-License-Identifier: Apache-2.0
 *
 * Emits the same page four times.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  const lineup_host_builder* host = hostile_builder();
  for (int i = 0; i < 4; ++i) {
    const lineup_status status = host->emit(builder, NULL);
    if (status != LINEUP_OK) return status;
  }
  return LINEUP_OK;
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("duplicate_slates", "generator");
HOSTILE_GENERATOR("duplicate_slates", table, hostile_init, hostile_create);
