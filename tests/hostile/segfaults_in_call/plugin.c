/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes where nothing is.
 */
#include "hostile.h"

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  *(volatile int*)(uintptr_t)call->reserved = 1;
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("segfaults_in_call", "generator");
HOSTILE_GENERATOR("segfaults_in_call", table, hostile_init, hostile_create);
