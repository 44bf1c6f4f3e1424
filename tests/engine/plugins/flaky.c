/* SPDX-License-Identifier: Apache-2.0
 *
 * A node of each kind that does as the request says by its number of rows: with 13 it fails, with
 * 17 it takes its time, else it does what it should. KIND is s, g, e or c.
 */
#include <time.h>

#include "hostile.h"
#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"

static lineup_status behave(const lineup_call* call) {
  if (call->row_count == 13) {
    hostile_report(call->errors, LINEUP_E_INTERNAL, "thirteen rows are too many");
    return LINEUP_E_INTERNAL;
  }
  if (call->row_count == 17) {
    const struct timespec pause = {0, 40 * 1000 * 1000};
    (void)nanosleep(&pause, NULL);
  }
  return LINEUP_OK;
}

#if KIND == 's'

static lineup_status activate(lineup_instance* instance, const lineup_binder* binder,
                              lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  const lineup_text name = {"score", 5};
  uint32_t index = 0;
  return binder->output(binder, name, &index);
}
/* The last row is worth most. */
static lineup_status score(lineup_instance* instance, const lineup_call* call,
                           double* const* outputs) {
  (void)instance;
  for (uint32_t row = 0; row < call->row_count; ++row) outputs[0][row] = (double)row;
  return behave(call);
}
static const lineup_scorer table = {sizeof(lineup_scorer), 0, score};
#define TABLE_ID LINEUP_EXT_SCORER
#define TABLE_KIND LINEUP_KIND_SCORER
#define NAME "flaky_scorer"
HOSTILE_METADATA(NAME, "scorer");
#define hostile_activate activate

#elif KIND == 'g'

/* The rows from the last to the first. */
static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                              lineup_builder* builder) {
  (void)instance;
  for (uint32_t row = call->row_count; row > 0; --row) {
    (void)hostile_builder()->place(builder, row - 1);
  }
  const lineup_status status = behave(call);
  return status == LINEUP_OK ? hostile_builder()->emit(builder, NULL) : status;
}
static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
#define TABLE_ID LINEUP_EXT_GENERATOR
#define TABLE_KIND LINEUP_KIND_GENERATOR
#define NAME "flaky_generator"
HOSTILE_METADATA(NAME, "generator");

#elif KIND == 'e'

/* The later slate is worth more. */
static lineup_status evaluate(lineup_instance* instance, const lineup_call* call,
                              const lineup_slates* slates, double* values) {
  (void)instance;
  for (uint32_t i = 0; i < slates->slate_count * call->objective_count; ++i) values[i] = i;
  return behave(call);
}
static const lineup_evaluator table = {sizeof(lineup_evaluator), 0, evaluate};
#define TABLE_ID LINEUP_EXT_EVALUATOR
#define TABLE_KIND LINEUP_KIND_EVALUATOR
#define NAME "flaky_evaluator"
HOSTILE_METADATA(NAME, "evaluator");

#else

static uint64_t state_size(const lineup_instance* instance) {
  (void)instance;
  return 0;
}
/* The first row may not be shown. */
static lineup_status judge(lineup_instance* instance, const lineup_call* call,
                           const lineup_page* page, uint32_t row, lineup_judgement* out) {
  (void)instance;
  (void)page;
  out->violations = row == 0 ? 1 : 0;
  return behave(call);
}
static const lineup_constraint table = {
    sizeof(lineup_constraint), 0, state_size, NULL, NULL, judge, NULL, NULL};
#define TABLE_ID LINEUP_EXT_CONSTRAINT
#define TABLE_KIND LINEUP_KIND_CONSTRAINT
#define NAME "flaky_constraint"
HOSTILE_METADATA(NAME, "constraint");

#endif

HOSTILE_PLUGIN_WITH(NAME, TABLE_KIND, TABLE_ID, table, LINEUP_ABI_MAJOR, LINEUP_PLUGIN_MAGIC,
                    hostile_init, hostile_create);
