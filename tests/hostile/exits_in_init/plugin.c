/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends the process politely: exit code 0, and no answer.
 */
#include <stdlib.h>

#include "hostile.h"

static lineup_status init(const lineup_host* host, lineup_error_sink* errors) {
  (void)host;
  (void)errors;
  exit(0);
}

HOSTILE_METADATA("exits_in_init", "generator");
HOSTILE_GENERATOR("exits_in_init", hostile_table, init, hostile_create);
