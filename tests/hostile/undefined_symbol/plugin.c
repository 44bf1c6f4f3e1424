/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls a function that nobody defines.
 */
#include "hostile.h"

void lineup_test_nowhere(void);

static lineup_status init(const lineup_host* host, lineup_error_sink* errors) {
  (void)host;
  (void)errors;
  lineup_test_nowhere();
  return LINEUP_OK;
}

HOSTILE_METADATA("undefined_symbol", "generator");
HOSTILE_GENERATOR("undefined_symbol", hostile_table, init, hostile_create);
