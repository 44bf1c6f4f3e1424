/* SPDX-License-Identifier: Apache-2.0
 *
 * Whichever instance finds the file that LINEUP_TEST_SLOW_START names takes it
 * away and never comes back from being made; all others are made at once. A page
 * of four slots ends the process.
 */
#include <stdlib.h>
#include <unistd.h>

#include "hostile.h"

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  const char* file = getenv("LINEUP_TEST_SLOW_START");
  if (file != NULL && unlink(file) == 0) {
    for (;;) pause();
  }
  *out = (lineup_instance*)&hostile_instance;
  return LINEUP_OK;
}

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  if (call->slot_count == 4) abort();
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("starts_slowly_once", "generator");
HOSTILE_GENERATOR("starts_slowly_once", table, hostile_init, create);
