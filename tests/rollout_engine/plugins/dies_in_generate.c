/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads, is made and unloads without a fault, and aborts on its first request: what no look at a
 * plugin without requests finds.
 */
#include <stdlib.h>

#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  (void)builder;
  abort();
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("dies_in_generate", "generator");
HOSTILE_GENERATOR("dies_in_generate", table, hostile_init, hostile_create);
