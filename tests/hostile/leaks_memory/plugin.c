/* SPDX-License-Identifier: Apache-2.0
 *
 * Every instance leaves memory behind.
 */
#include <stdlib.h>

#include "hostile.h"

static void* volatile leaked;

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)config;
  (void)errors;
  leaked = malloc(4096);
  *out = (lineup_instance*)&hostile_instance;
  return leaked == NULL ? LINEUP_E_INTERNAL : LINEUP_OK;
}

HOSTILE_METADATA("leaks_memory", "generator");
HOSTILE_GENERATOR("leaks_memory", hostile_table, hostile_init, create);
