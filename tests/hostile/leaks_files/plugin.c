/* SPDX-License-Identifier: Apache-2.0
 *
 * Every instance leaves a file open.
 */
#include <fcntl.h>

#include "hostile.h"

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  *out = (lineup_instance*)&hostile_instance;
  return open("/dev/null", O_RDONLY) < 0 ? LINEUP_E_INTERNAL : LINEUP_OK;
}

HOSTILE_METADATA("leaks_files", "generator");
HOSTILE_GENERATOR("leaks_files", hostile_table, hostile_init, create);
