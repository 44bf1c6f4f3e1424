/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps the builder of its first call and uses it in every later one.
 */
#include "hostile.h"

static lineup_builder* kept;

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  const lineup_host_builder* host = hostile_builder();
  if (kept == NULL) {
    kept = builder;
    return host->emit(builder, NULL);
  }
  const lineup_status status = host->place(kept, 0);
  hostile_report(call->errors, status, "placed with a kept builder");
  return status;
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("keeps_builder", "generator");
HOSTILE_GENERATOR("keeps_builder", table, hostile_init, hostile_create);
