/* SPDX-License-Identifier: Apache-2.0
 *
 * A host in C: two threads ask for pages while the main thread replaces a rule
 * under them, a hundred times. Read it from the end: open, bind, serve, reload,
 * close.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/engine.h"

enum { FILMS = 6, RELOADS = 100, SERVERS = 2 };

/* The candidates, column by column, best first. The engine borrows these arrays. */
static const char* const titles[FILMS] = {"Alien", "Heat", "Brazil", "Solaris", "Fargo", "Ran"};
static const double scores[FILMS] = {0.9, 0.8, 0.7, 0.6, 0.5, 0.4};
static const char ids[] = "AlienHeatBrazilSolarisFargoRan";
static const uint32_t id_offsets[FILMS + 1] = {0, 5, 9, 15, 22, 27, 30};
static const char genres[] = "SciFiCrimeSciFiSciFiCrimeDrama";
static const uint32_t genre_offsets[FILMS + 1] = {0, 5, 10, 15, 20, 25, 30};

static atomic_int stop;

/* What one thread shares with main: the engine, and its results. */
typedef struct server {
  lineup_engine* engine;
  lineup_handle scene;
  lineup_handle score;
  lineup_handle genre;
  long served;
  long failed;
  long openings[FILMS]; /* how often each film opened the shelf */
} server;

static lineup_text text(const char* characters) {
  const lineup_text made = {characters, strlen(characters)};
  return made;
}

/* Diagnostics come as text with file, line and column: show them as they are. */
static void show(lineup_error_sink* sink, lineup_status status, lineup_text message) {
  (void)sink;
  (void)status;
  fprintf(stderr, "%.*s\n", (int)message.size, message.data);
}

static lineup_error_sink errors = {sizeof(lineup_error_sink), 0, NULL, show};

static void write_line(void* context, int32_t level, lineup_text line) {
  (void)context;
  if (level >= 2) fprintf(stderr, "%.*s\n", (int)line.size, line.data); /* warnings and errors */
}

/* Asks for pages until it is told to stop. Nothing here allocates. */
static void* serve(void* argument) {
  server* self = (server*)argument;
  const lineup_column score = {sizeof score, LINEUP_TYPE_F64, 0, 0, scores, NULL, NULL, NULL, NULL};
  const lineup_column genre = {sizeof genre, LINEUP_TYPE_TEXT, 0,    0,   genres,
                               NULL,         genre_offsets,    NULL, NULL};
  const lineup_column* const columns[] = {&score, &genre};
  const lineup_handle handles[] = {self->score, self->genre};
  const lineup_ids names = {sizeof names, LINEUP_IDS_UNIQUE, NULL, id_offsets, ids};
  const lineup_rows rows = {sizeof rows, FILMS, 2, 0, &names, handles, columns};
  lineup_input input;
  memset(&input, 0, sizeof input);
  input.struct_size = sizeof input;
  input.scene = self->scene;
  input.candidates = &rows;
  input.now_ms = LINEUP_NO_TIME;

  while (!atomic_load(&stop)) {
    const lineup_result* result = NULL;
    if (lineup_rerank(self->engine, &input, &result) != LINEUP_OK) {
      ++self->failed;
      continue;
    }
    if (result->answer == LINEUP_ANSWER_OK && result->slate_count > 0) {
      ++self->openings[result->slate[0]];
    } else {
      ++self->failed;
    }
    ++self->served;
    lineup_release(self->engine, result);
  }
  return NULL;
}

/* Opens the shelf with another film: a draft of the rule, held in memory, stands over the file. */
static lineup_status replace_opening(lineup_engine* engine, const char* film) {
  char rule[512];
  lineup_overlay_file draft;
  snprintf(rule, sizeof rule,
           "return rule {\n"
           "  name = \"opening\",\n"
           "  about = \"Opens the shelf with one film.\",\n"
           "  parameters = { film = id { default = \"%s\", about = \"The film's id.\" } },\n"
           "  constraints = function(p) return place { id = p.film, slots = 1 } end,\n"
           "}\n",
           film);
  memset(&draft, 0, sizeof draft);
  draft.struct_size = sizeof draft;
  draft.path = text("rules/opening.lua");
  draft.contents = text(rule);
  return lineup_reload_overlay(engine, &draft, 1, &errors);
}

/* Names become handles once; they hold across reloads. */
static int bind(lineup_engine* engine, server* out) {
  memset(out, 0, sizeof *out);
  out->engine = engine;
  return lineup_bind_scene(engine, text("shelf"), &out->scene) == LINEUP_OK &&
         lineup_bind_column(engine, text("score"), &out->score) == LINEUP_OK &&
         lineup_bind_column(engine, text("genre"), &out->genre) == LINEUP_OK;
}

static int run(lineup_engine* engine) {
  pthread_t threads[SERVERS];
  server servers[SERVERS];
  long served = 0;
  long failed = 0;
  int i;
  for (i = 0; i < SERVERS; ++i) {
    if (!bind(engine, &servers[i])) return 1;
    if (pthread_create(&threads[i], NULL, serve, &servers[i]) != 0) return 1;
  }
  for (i = 1; i <= RELOADS; ++i) {
    if (replace_opening(engine, titles[i % FILMS]) != LINEUP_OK) ++failed;
  }
  atomic_store(&stop, 1);
  for (i = 0; i < SERVERS; ++i) {
    pthread_join(threads[i], NULL);
    served += servers[i].served;
    failed += servers[i].failed;
  }
  printf("%ld pages while the rule was replaced %d times, %ld failures\n", served, RELOADS, failed);
  for (i = 0; i < FILMS; ++i) {
    printf("  %-8s opened %ld of them\n", titles[i],
           servers[0].openings[i] + servers[1].openings[i]);
  }
  return failed == 0 && served > 0 ? 0 : 1;
}

int main(int argc, char** argv) {
  lineup_options options;
  lineup_engine* engine = NULL;
  int exit_code;
  if (argc != 2) {
    fprintf(stderr, "usage: embed_c BUNDLE\n");
    return 2;
  }
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.bundle = text(argv[1]);
  options.log = write_line;
  if (lineup_open(&options, &errors, &engine) != LINEUP_OK) return 2;
  exit_code = run(engine);
  lineup_close(engine);
  return exit_code;
}
