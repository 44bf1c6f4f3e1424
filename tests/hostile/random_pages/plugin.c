/* SPDX-License-Identifier: Apache-2.0
 *
 * Begins each page with another row.
 */
#include "hostile.h"

static uint32_t calls;

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  const lineup_host_builder* host = hostile_builder();
  (void)host->place(builder, calls++ % call->row_count);
  return host->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("random_pages", "generator");
HOSTILE_GENERATOR("random_pages", table, hostile_init, hostile_create);
