/* SPDX-License-Identifier: Apache-2.0
 *
 * A host in C11, linked with the shared library alone: opens a bundle it holds in
 * memory, hands over five rows, reads the page, audits another one, sees a draft
 * refused, and closes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/engine.h"

_Static_assert(__STDC_VERSION__ == 201112L, "this is C11");

enum { ROWS = 5 };

static const char policy[] =
    "lineup: 1\n"
    "scene: home\n"
    "page: 3\n"
    "columns:\n"
    "  score:    {type: float}\n"
    "  category: {type: category}\n"
    "rules:\n"
    "  - {use: category_scatter, with: {by: category, window: 2, max: 1}, priority: 10}\n";

static void require(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

static lineup_text text(const char* characters) {
  const lineup_text made = {characters, strlen(characters)};
  return made;
}

static int is(lineup_text given, const char* expected) {
  return given.size == strlen(expected) && memcmp(given.data, expected, (size_t)given.size) == 0;
}

static int contains(const char* whole, const char* part) { return strstr(whole, part) != NULL; }

/* Keeps what the engine says of a failure. */
static void keep(lineup_error_sink* sink, lineup_status status, lineup_text message) {
  char* kept = (char*)sink->context;
  (void)status;
  snprintf(kept, 1024, "%.*s", (int)message.size, message.data);
}

static void append(void* context, lineup_text piece) {
  char* kept = (char*)context;
  const size_t used = strlen(kept);
  snprintf(kept + used, 8192 - used, "%.*s", (int)piece.size, piece.data);
}

static void quiet(void* context, int32_t level, lineup_text line) {
  (void)context;
  (void)level;
  (void)line;
}

/* The batch: v1 and v2 are of one category, so that they may not be neighbours. */

static const double scores[ROWS] = {0.9, 0.8, 0.7, 0.6, 0.5};
static const int64_t numbers[ROWS] = {11, 12, 13, 14, 15};
static const char category_bytes[] = "aabbc";
static const uint32_t category_offsets[ROWS + 1] = {0, 1, 2, 3, 4, 5};

static void serve(lineup_engine* engine) {
  lineup_handle handles[2];
  lineup_column score = {sizeof score, LINEUP_TYPE_F64, 0, 0, scores, NULL, NULL, NULL, NULL};
  lineup_column category = {
      sizeof category, LINEUP_TYPE_TEXT, 0, 0, category_bytes, NULL, category_offsets, NULL, NULL};
  const lineup_column* columns[2];
  const lineup_ids ids = {sizeof ids, LINEUP_IDS_UNIQUE, numbers, NULL, NULL};
  const uint32_t neighbours[2] = {0, 1};
  const lineup_result* result = NULL;
  lineup_rows rows;
  lineup_input input;

  require(lineup_bind_column(engine, text("score"), &handles[0]) == LINEUP_OK, "bind score");
  require(lineup_bind_column(engine, text("category"), &handles[1]) == LINEUP_OK, "bind category");
  columns[0] = &score;
  columns[1] = &category;
  memset(&rows, 0, sizeof rows);
  rows.struct_size = sizeof rows;
  rows.row_count = ROWS;
  rows.column_count = 2;
  rows.ids = &ids;
  rows.handles = handles;
  rows.columns = columns;

  memset(&input, 0, sizeof input);
  input.struct_size = sizeof input;
  input.candidates = &rows;
  input.request_id = text("r1");
  input.now_ms = LINEUP_NO_TIME;
  require(lineup_bind_scene(engine, text("home"), &input.scene) == LINEUP_OK, "bind the scene");

  require(lineup_rerank(engine, &input, &result) == LINEUP_OK, "rerank");
  require(result->answer == LINEUP_ANSWER_OK, "every rule holds");
  require(result->slate_count == 3, "the page has its length");
  require(result->slate[0] == 0 && result->slate[1] == 2 && result->slate[2] == 1,
          "the best page by the rules: a, b, a");
  require(result->revision.size > 0, "the answer names its revision");
  lineup_release(engine, result);

  require(lineup_verify(engine, &input, neighbours, 2, &result) == LINEUP_OK, "verify");
  require(result->answer == LINEUP_ANSWER_RELAXED && result->relaxed_count == 1,
          "two of one category side by side break one rule");
  require(is(result->relaxed[0].rule, "category_scatter"), "the rule is named");
  lineup_release(engine, result);
}

/* A draft that names a rule nobody knows: refused, with its place. */
static void draft(lineup_engine* engine) {
  static const char broken[] =
      "lineup: 1\nscene: home\npage: 3\nrules:\n  - {use: nobody, priority: 1}\n";
  char said[1024] = "";
  lineup_error_sink errors = {sizeof errors, 0, said, keep};
  lineup_overlay_file file = {sizeof file, 0, {NULL, 0}, {NULL, 0}};
  file.path = text("policies/home.yaml");
  file.contents = text(broken);
  require(lineup_reload_overlay(engine, &file, 1, &errors) == LINEUP_E_INVALID_CONFIG,
          "a draft with a fault is refused");
  require(contains(said, "policies/home.yaml:5:11: error[policy/unknown-rule]"),
          "the fault's place is said");
}

int main(void) {
  char said[1024] = "";
  static char status[8192];
  lineup_error_sink errors = {sizeof errors, 0, said, keep};
  lineup_text_sink sink = {sizeof sink, 0, status, append};
  lineup_overlay_file file = {sizeof file, 0, {NULL, 0}, {NULL, 0}};
  lineup_options options;
  lineup_engine* engine = NULL;

  file.path = text("policies/home.yaml");
  file.contents = text(policy);
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.overlay = &file;
  options.overlay_count = 1;
  options.log = quiet;
  if (lineup_open(&options, &errors, &engine) != LINEUP_OK) {
    fprintf(stderr, "%s\n", said);
    return 1;
  }
  serve(engine);
  draft(engine);
  serve(engine); /* what served keeps serving */
  require(lineup_status_json(engine, &sink) == LINEUP_OK, "status");
  require(contains(status, "\"last_rejected\""), "status tells of the refused draft");
  lineup_close(engine);
  printf("ok\n");
  return 0;
}
