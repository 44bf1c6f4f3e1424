/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes a megabyte in every call and gives nothing back.
 */
#include <stdlib.h>

#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  volatile char* leaked = malloc(1 << 20);
  if (leaked == NULL) return LINEUP_E_BUDGET;
  for (int at = 0; at < 1 << 20; at += 4096) leaked[at] = 1;
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("leaks_memory_in_call", "generator");
HOSTILE_GENERATOR("leaks_memory_in_call", table, hostile_init, hostile_create);
