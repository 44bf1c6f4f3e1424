/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends the process in a call.
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
HOSTILE_METADATA("aborts_in_call", "generator");
HOSTILE_GENERATOR("aborts_in_call", table, hostile_init, hostile_create);
