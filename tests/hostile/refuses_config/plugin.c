/* SPDX-License-Identifier: Apache-2.0
 *
 * Takes no configuration at all.
 */
#include "hostile.h"

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)out;
  hostile_report(errors, LINEUP_E_INVALID_CONFIG, "I never liked it");
  return LINEUP_E_INVALID_CONFIG;
}

HOSTILE_METADATA("refuses_config", "generator");
HOSTILE_GENERATOR("refuses_config", hostile_table, hostile_init, create);
