/* SPDX-License-Identifier: Apache-2.0
 *
 * Works for every depth but the greatest that its schema allows.
 */
#define _GNU_SOURCE
#include "hostile.h"

static int depth_is_greatest;

static lineup_status create(const lineup_host* host, lineup_text config, lineup_error_sink* errors,
                            lineup_instance** out) {
  (void)host;
  (void)errors;
  depth_is_greatest = config.size >= 4 && memmem(config.data, config.size, "1000", 4) != NULL;
  *out = (lineup_instance*)&hostile_instance;
  return LINEUP_OK;
}

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  if (depth_is_greatest) *(volatile int*)(uintptr_t)call->reserved = 1;
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
LINEUP_METADATA(
    "{\"name\":\"crashes_at_bound\",\"version\":\"1.0.0\",\"types\":[{\"name\":"
    "\"crashes_at_bound\",\"kind\":\"generator\",\"configuration\":{\"type\":\"object\","
    "\"properties\":{\"depth\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,"
    "\"default\":3}}}}]}");
HOSTILE_GENERATOR("crashes_at_bound", table, hostile_init, create);
