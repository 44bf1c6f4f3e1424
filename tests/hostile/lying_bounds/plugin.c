/* SPDX-License-Identifier: Apache-2.0
 *
 * Forbids nothing and claims that every slot breaks it.
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
  (void)page;
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

static lineup_status at_least(lineup_instance* instance, const lineup_call* call,
                              const lineup_page* page, uint32_t slots_left, uint32_t* out) {
  (void)instance;
  (void)call;
  (void)page;
  *out = slots_left;
  return LINEUP_OK;
}

static const lineup_constraint table = {
    sizeof(lineup_constraint), 0, state_size, NULL, begin, judge, place, at_least};
HOSTILE_METADATA("lying_bounds", "constraint");
HOSTILE_PLUGIN_WITH("lying_bounds", LINEUP_KIND_CONSTRAINT, LINEUP_EXT_CONSTRAINT, table,
                    LINEUP_ABI_MAJOR, LINEUP_PLUGIN_MAGIC, hostile_init, hostile_create);
