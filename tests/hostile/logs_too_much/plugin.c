/* SPDX-License-Identifier: Apache-2.0
 *
 * Logs a thousand lines in init.
 */
#include "hostile.h"

static lineup_status init(const lineup_host* host, lineup_error_sink* errors) {
  (void)errors;
  hostile_host = host;
  const lineup_text line = {"hello", 5};
  for (int i = 0; i < 1000; ++i) host->log(host, 1, line);
  return LINEUP_OK;
}

HOSTILE_METADATA("logs_too_much", "generator");
HOSTILE_GENERATOR("logs_too_much", hostile_table, init, hostile_create);
