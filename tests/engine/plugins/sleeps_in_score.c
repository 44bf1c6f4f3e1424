/* SPDX-License-Identifier: Apache-2.0
 *
 * A scorer that takes 10 ms for every call and changes nothing.
 */
#include <time.h>

#include "hostile.h"

static lineup_status score(lineup_instance* instance, const lineup_call* call,
                           double* const* outputs) {
  (void)instance;
  (void)call;
  (void)outputs;
  const struct timespec pause = {0, 10 * 1000 * 1000};
  (void)nanosleep(&pause, NULL);
  return LINEUP_OK;
}

static const lineup_scorer table = {sizeof(lineup_scorer), 0, score};
HOSTILE_METADATA("sleeps_in_score", "scorer");
HOSTILE_PLUGIN_WITH("sleeps_in_score", LINEUP_KIND_SCORER, LINEUP_EXT_SCORER, table,
                    LINEUP_ABI_MAJOR, LINEUP_PLUGIN_MAGIC, hostile_init, hostile_create);
