/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts questions in the state of the page.
 */
#include "hostile.h"
#include "lineup/ext/constraint.h"

static uint64_t state_size(const lineup_instance* instance) {
  (void)instance;
  return sizeof(uint32_t);
}

static lineup_status begin(lineup_instance* instance, const lineup_call* call, lineup_page* page) {
  (void)instance;
  (void)call;
  *(uint32_t*)page->state = 0;
  return LINEUP_OK;
}

static lineup_status judge(lineup_instance* instance, const lineup_call* call,
                           const lineup_page* page, uint32_t row, lineup_judgement* out) {
  (void)instance;
  (void)call;
  (void)row;
  ++*(uint32_t*)page->state;
  out->violations = 0;
  return LINEUP_OK;
}

static lineup_status place(lineup_instance* instance, const lineup_call* call, lineup_page* page,
                           uint32_t row) {
  (void)instance;
  (void)call;
  (void)page;
  (void)row;
  return LINEUP_OK;
}

static const lineup_constraint table = {
    sizeof(lineup_constraint), 0, state_size, NULL, begin, judge, place, NULL};
HOSTILE_METADATA("judge_writes_state", "constraint");
HOSTILE_PLUGIN_WITH("judge_writes_state", LINEUP_KIND_CONSTRAINT, LINEUP_EXT_CONSTRAINT, table,
                    LINEUP_ABI_MAJOR, LINEUP_PLUGIN_MAGIC, hostile_init, hostile_create);
