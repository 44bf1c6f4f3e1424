/* SPDX-License-Identifier: Apache-2.0
 *
 * Gets a segmentation fault while an instance is made.
 */
#include <signal.h>

#include "hostile.h"

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  (void)out;
  raise(SIGSEGV);
  return LINEUP_OK;
}

HOSTILE_METADATA("crashes_in_create", "generator");
HOSTILE_GENERATOR("crashes_in_create", hostile_table, hostile_init, create);
