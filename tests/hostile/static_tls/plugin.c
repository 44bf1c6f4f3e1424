/* SPDX-License-Identifier: Apache-2.0
 *
 * Thread-local storage that must fit what was set aside when the process began.
 */
#include "hostile.h"

static __thread int calls __attribute__((tls_model("initial-exec")));

static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  (void)call;
  ++calls;
  return hostile_builder()->emit(builder, NULL);
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("static_tls", "generator");
HOSTILE_GENERATOR("static_tls", table, hostile_init, hostile_create);
