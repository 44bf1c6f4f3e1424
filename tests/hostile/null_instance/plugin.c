/* SPDX-License-Identifier: Apache-2.0
 *
 * Says ok and gives no instance.
 */
#include "hostile.h"

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  *out = NULL;
  return LINEUP_OK;
}

HOSTILE_METADATA("null_instance", "generator");
HOSTILE_GENERATOR("null_instance", hostile_table, hostile_init, create);
