/* SPDX-License-Identifier: Apache-2.0
 *
 * A part of layout.c: the tables that are found by an id, lineup/ext. Included
 * where STRUCT and FIELD are defined, and nowhere else.
 */
#include "lineup/ext/builder.h"
#include "lineup/ext/chosen.h"
#include "lineup/ext/config.h"
#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"
#include "lineup/ext/search.h"
#include "lineup/ext/slates.h"
#include "lineup/ext/state.h"

static void print_search(void) {
  STRUCT(lineup_choice);
  FIELD(lineup_choice, struct_size);
  FIELD(lineup_choice, slate);
  FIELD(lineup_choice, rows);
  FIELD(lineup_choice, row_count);
  FIELD(lineup_choice, reserved);
  FIELD(lineup_choice, propensity);
  FIELD(lineup_choice, value);
  FIELD(lineup_choice, request_id);
  FIELD(lineup_choice, user);
  STRUCT(lineup_chosen);
  FIELD(lineup_chosen, struct_size);
  FIELD(lineup_chosen, reserved);
  FIELD(lineup_chosen, chosen);
  STRUCT(lineup_search_limits);
  FIELD(lineup_search_limits, struct_size);
  FIELD(lineup_search_limits, reserved);
  FIELD(lineup_search_limits, work);
  FIELD(lineup_search_limits, improve);
  FIELD(lineup_search_limits, gap);
  STRUCT(lineup_search_report);
  FIELD(lineup_search_report, struct_size);
  FIELD(lineup_search_report, search);
  FIELD(lineup_search_report, violations);
  FIELD(lineup_search_report, value);
  FIELD(lineup_search_report, penalty);
  FIELD(lineup_search_report, bound);
  FIELD(lineup_search_report, work);
  STRUCT(lineup_host_search);
  FIELD(lineup_host_search, struct_size);
  FIELD(lineup_host_search, reserved);
  FIELD(lineup_host_search, solve);
  FIELD(lineup_host_search, certify);
  STRUCT(lineup_host_slates);
  FIELD(lineup_host_slates, struct_size);
  FIELD(lineup_host_slates, reserved);
  FIELD(lineup_host_slates, so_far);
  FIELD(lineup_host_slates, value);
}

static void print_state(void) {
  STRUCT(lineup_state_sink);
  FIELD(lineup_state_sink, struct_size);
  FIELD(lineup_state_sink, reserved);
  FIELD(lineup_state_sink, context);
  FIELD(lineup_state_sink, write);
  STRUCT(lineup_state_source);
  FIELD(lineup_state_source, struct_size);
  FIELD(lineup_state_source, reserved);
  FIELD(lineup_state_source, context);
  FIELD(lineup_state_source, read);
  STRUCT(lineup_state);
  FIELD(lineup_state, struct_size);
  FIELD(lineup_state, reserved);
  FIELD(lineup_state, save);
  FIELD(lineup_state, load);
}

static void print_builder(void) {
  STRUCT(lineup_host_builder);
  FIELD(lineup_host_builder, struct_size);
  FIELD(lineup_host_builder, reserved);
  FIELD(lineup_host_builder, placed);
  FIELD(lineup_host_builder, allowed);
  FIELD(lineup_host_builder, permits);
  FIELD(lineup_host_builder, best_permitted);
  FIELD(lineup_host_builder, place);
  FIELD(lineup_host_builder, undo);
  FIELD(lineup_host_builder, mark);
  FIELD(lineup_host_builder, rewind);
  FIELD(lineup_host_builder, fork);
  FIELD(lineup_host_builder, completable);
  FIELD(lineup_host_builder, penalties);
  FIELD(lineup_host_builder, solve);
  FIELD(lineup_host_builder, emit);
}

static void print_config(void) {
  STRUCT(lineup_host_config);
  FIELD(lineup_host_config, struct_size);
  FIELD(lineup_host_config, reserved);
  FIELD(lineup_host_config, open);
  FIELD(lineup_host_config, close);
  FIELD(lineup_host_config, number);
  FIELD(lineup_host_config, integer);
  FIELD(lineup_host_config, boolean);
  FIELD(lineup_host_config, text);
  FIELD(lineup_host_config, count);
}

static void print_constraint(void) {
  STRUCT(lineup_judgement);
  FIELD(lineup_judgement, struct_size);
  FIELD(lineup_judgement, violations);
  FIELD(lineup_judgement, penalty);
  STRUCT(lineup_page);
  FIELD(lineup_page, struct_size);
  FIELD(lineup_page, count);
  FIELD(lineup_page, rows);
  FIELD(lineup_page, state);
  FIELD(lineup_page, prepared);
  STRUCT(lineup_constraint);
  FIELD(lineup_constraint, struct_size);
  FIELD(lineup_constraint, reserved);
  FIELD(lineup_constraint, state_size);
  FIELD(lineup_constraint, prepare);
  FIELD(lineup_constraint, begin);
  FIELD(lineup_constraint, judge);
  FIELD(lineup_constraint, place);
  FIELD(lineup_constraint, violations_at_least);
}

static void print_evaluator(void) {
  STRUCT(lineup_evaluator);
  FIELD(lineup_evaluator, struct_size);
  FIELD(lineup_evaluator, reserved);
  FIELD(lineup_evaluator, evaluate);
}

static void print_generator(void) {
  STRUCT(lineup_generator);
  FIELD(lineup_generator, struct_size);
  FIELD(lineup_generator, reserved);
  FIELD(lineup_generator, generate);
}

static void print_scorer(void) {
  STRUCT(lineup_scorer);
  FIELD(lineup_scorer, struct_size);
  FIELD(lineup_scorer, reserved);
  FIELD(lineup_scorer, score);
}
