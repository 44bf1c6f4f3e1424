/* SPDX-License-Identifier: Apache-2.0
 *
 * Never comes back from init.
 */
#include <unistd.h>

#include "hostile.h"

static lineup_status init(const lineup_host* host, lineup_error_sink* errors) {
  (void)host;
  (void)errors;
  while (sleep(1000) < 2000) {
  }
  return LINEUP_OK;
}

HOSTILE_METADATA("sleeps_in_init", "generator");
HOSTILE_GENERATOR("sleeps_in_init", hostile_table, init, hostile_create);
