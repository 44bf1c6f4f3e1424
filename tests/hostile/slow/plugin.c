/* SPDX-License-Identifier: Apache-2.0
 *
 * Sleeps most of a second, deadline or not.
 */
#include <time.h>

#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  const struct timespec pause = {0, 700 * 1000 * 1000};
  nanosleep(&pause, NULL);
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("slow", "generator");
HOSTILE_GENERATOR("slow", table, hostile_init, hostile_create);
