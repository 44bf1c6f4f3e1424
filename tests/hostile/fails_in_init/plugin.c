/* SPDX-License-Identifier: Apache-2.0
 *
 * Refuses to be initialised, with a reason.
 */
#include "hostile.h"

static lineup_status init(const lineup_host* host, lineup_error_sink* errors) {
  (void)host;
  hostile_report(errors, LINEUP_E_NOT_FOUND, "no licence file");
  return LINEUP_E_NOT_FOUND;
}

HOSTILE_METADATA("fails_in_init", "generator");
HOSTILE_GENERATOR("fails_in_init", hostile_table, init, hostile_create);
