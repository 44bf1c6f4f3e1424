/* SPDX-License-Identifier: Apache-2.0
 *
 * Loads its state, and no longer has it when it is to save it again.
 */
#include "state.h"

static int has_loaded;

static lineup_status forgetful_save(lineup_instance* instance, const lineup_state_sink* sink,
                                    lineup_error_sink* errors) {
  return has_loaded ? sink->write(sink, STATE_MARK, 8) : state_save(instance, sink, errors);
}

static lineup_status load(lineup_instance* instance, const lineup_state_source* source,
                          lineup_error_sink* errors) {
  char all[12];
  (void)instance;
  (void)errors;
  has_loaded = 1;
  return state_read(source, all, sizeof all);
}

HOSTILE_METADATA("state_forgets", "generator");
#define state_save forgetful_save
HOSTILE_WITH_STATE("state_forgets", load);
