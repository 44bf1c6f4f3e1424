/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends the process while it is initialised.
 */
#include <stdlib.h>

#include "hostile.h"

static lineup_status init(const lineup_host* host, lineup_error_sink* errors) {
  (void)host;
  (void)errors;
  abort();
}

HOSTILE_METADATA("aborts_in_init", "generator");
HOSTILE_GENERATOR("aborts_in_init", hostile_table, init, hostile_create);
