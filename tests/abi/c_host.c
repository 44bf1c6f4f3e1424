/* SPDX-License-Identifier: Apache-2.0
 *
 * A host in C99: loads the generator it is given, hands it five rows with a
 * column `score`, gets a page through a slate builder of ten lines, and looks
 * that the library is gone from the process after it was closed.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lineup/ext/config.h"
#include "lineup/ext/generator.h"

enum { ROWS = 5, SLOTS = 3 };

static void require(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "failed: %s\n", what);
  exit(1);
}

static int is(lineup_text text, const char *expected) {
  return text.size == strlen(expected) && memcmp(text.data, expected, (size_t)text.size) == 0;
}

static void report(lineup_error_sink *sink, lineup_status status, lineup_text message) {
  (void)sink;
  fprintf(stderr, "the plugin says (%d): %.*s\n", (int)status, (int)message.size, message.data);
}

static lineup_error_sink errors = {sizeof(lineup_error_sink), 0, NULL, report};

/* A configuration without any parameters: every plugin takes its defaults. */

static lineup_status open_config(lineup_text json, lineup_error_sink *sink, lineup_config **out) {
  (void)json;
  (void)sink;
  *out = NULL;
  return LINEUP_OK;
}
static void close_config(lineup_config *config) { (void)config; }
static lineup_status no_number(const lineup_config *config, const char *pointer, double *out) {
  (void)config, (void)pointer, (void)out;
  return LINEUP_E_NOT_FOUND;
}
static lineup_status no_integer(const lineup_config *config, const char *pointer, int64_t *out) {
  (void)config, (void)pointer, (void)out;
  return LINEUP_E_NOT_FOUND;
}
static lineup_status no_boolean(const lineup_config *config, const char *pointer, int32_t *out) {
  (void)config, (void)pointer, (void)out;
  return LINEUP_E_NOT_FOUND;
}
static lineup_status no_text(const lineup_config *config, const char *pointer, lineup_text *out) {
  (void)config, (void)pointer, (void)out;
  return LINEUP_E_NOT_FOUND;
}
static lineup_status no_count(const lineup_config *config, const char *pointer, uint64_t *out) {
  (void)config, (void)pointer, (void)out;
  return LINEUP_E_NOT_FOUND;
}
static const lineup_host_config config_table = {sizeof(lineup_host_config),
                                                0,
                                                open_config,
                                                close_config,
                                                no_number,
                                                no_integer,
                                                no_boolean,
                                                no_text,
                                                no_count};

/* A slate builder that only emits: the best rows by utility. */

struct lineup_builder {
  uint32_t page[SLOTS];
  uint32_t pages;
};

static lineup_status emit(lineup_builder *builder, const double *utility) {
  int used[ROWS] = {0};
  uint32_t slot;
  uint32_t row;
  for (slot = 0; slot < SLOTS; ++slot) {
    uint32_t best = LINEUP_NO_ROW;
    for (row = 0; row < ROWS; ++row) {
      if (!used[row] && (best == LINEUP_NO_ROW || utility[row] > utility[best])) best = row;
    }
    used[best] = 1;
    builder->page[slot] = best;
  }
  ++builder->pages;
  return LINEUP_OK;
}
static const lineup_host_builder builder_table = {sizeof(lineup_host_builder),
                                                  0,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  NULL,
                                                  emit};

/* The host table and the binder: one column, `score`. */

static const void *host_extension(const lineup_host *host, const char *id) {
  (void)host;
  if (strcmp(id, LINEUP_HOST_BUILDER) == 0) return &builder_table;
  if (strcmp(id, LINEUP_HOST_CONFIG) == 0) return &config_table;
  return NULL;
}
static void host_log(const lineup_host *host, int32_t level, lineup_text message) {
  (void)host;
  fprintf(stderr, "log %d: %.*s\n", (int)level, (int)message.size, message.data);
}
static lineup_status bind_column(const lineup_binder *binder, lineup_text name, lineup_type type,
                                 int32_t required, uint32_t *index) {
  (void)binder, (void)required;
  if (!is(name, "score")) return LINEUP_E_NOT_FOUND;
  if (type != LINEUP_TYPE_F64) return LINEUP_E_INVALID_CONFIG;
  *index = 0;
  return LINEUP_OK;
}

/* Memory of a call: one block, given out once. */

static double call_memory[64];
static void *allocate(const lineup_call *call, uint64_t size) {
  (void)call;
  return size <= sizeof(call_memory) ? call_memory : NULL;
}
static int32_t spend(const lineup_call *call, uint64_t units) {
  (void)call, (void)units;
  return 0;
}

static const lineup_node_type *first_generator(const lineup_plugin *entry) {
  uint32_t index;
  for (index = 0;; ++index) {
    const lineup_node_type *type = entry->type_at(index);
    require(type != NULL, "the plugin has a generator");
    if (type->kind == LINEUP_KIND_GENERATOR) return type;
  }
}

static void generate(const lineup_node_type *type, const lineup_host *host, lineup_builder *out) {
  static const double scores[ROWS] = {0.2, 0.9, 0.1, 0.7, 0.5};
  static const uint64_t all_rows = (1U << ROWS) - 1;
  static const double discounts[SLOTS] = {1.0, 0.5, 0.25};
  const lineup_text no_config = {"{}", 2};
  const lineup_generator *generator;
  lineup_instance *instance = NULL;
  lineup_binder binder;
  lineup_column column;
  const lineup_column *columns[1];
  lineup_call call;

  generator = (const lineup_generator *)type->extension(LINEUP_EXT_GENERATOR);
  require(generator != NULL, "a generator has its table");
  require(type->create(host, no_config, &errors, &instance) == LINEUP_OK, "create");

  memset(&binder, 0, sizeof(binder));
  binder.struct_size = sizeof(binder);
  binder.rows_max = ROWS;
  binder.slots_max = SLOTS;
  binder.threads_max = 1;
  binder.column = bind_column;
  require(type->activate(instance, &binder, &errors) == LINEUP_OK, "activate");

  memset(&column, 0, sizeof(column));
  column.struct_size = sizeof(column);
  column.type = LINEUP_TYPE_F64;
  column.data = scores;
  columns[0] = &column;

  memset(&call, 0, sizeof(call));
  call.struct_size = sizeof(call);
  call.row_count = ROWS;
  call.slot_count = SLOTS;
  call.columns = columns;
  call.discounts = discounts;
  call.candidates = &all_rows;
  call.deadline_ns = INT64_MAX;
  call.work_limit = 1000;
  call.allocate = allocate;
  call.spend = spend;
  call.errors = &errors;
  require(generator->generate(instance, &call, out) == LINEUP_OK, "generate");

  type->deactivate(instance);
  type->destroy(instance);
}

/* Whether the file is mapped into this process. */
static int is_mapped(const char *path) {
  char line[4096];
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  require(maps != NULL, "/proc/self/maps can be read");
  while (fgets(line, sizeof(line), maps) != NULL) found |= strstr(line, path) != NULL;
  fclose(maps);
  return found;
}

int main(int argc, char **argv) {
  const lineup_host host = {sizeof(lineup_host), LINEUP_ABI_MAJOR, LINEUP_ABI_MINOR, "c_host", "0",
                            host_extension,      host_log};
  lineup_builder builder = {{0, 0, 0}, 0};
  const lineup_plugin *entry;
  void *library;

  require(argc == 2, "usage: abi_c_host PLUGIN.so");
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  require(library != NULL, "the plugin loads");
  entry = (const lineup_plugin *)dlsym(library, "lineup_entry");
  require(entry != NULL && entry->magic == LINEUP_PLUGIN_MAGIC, "it is a plugin");
  require(entry->abi_major == LINEUP_ABI_MAJOR && entry->required_minor <= LINEUP_ABI_MINOR,
          "it is made for this interface");
  require(entry->init == NULL || entry->init(&host, &errors) == LINEUP_OK, "init");

  generate(first_generator(entry), &host, &builder);
  require(builder.pages == 1, "one page was proposed");
  require(builder.page[0] == 1 && builder.page[1] == 3 && builder.page[2] == 4,
          "the best rows are on it");

  if (entry->deinit != NULL) entry->deinit();
  require(is_mapped(argv[1]), "the library is mapped while it is open");
  require(dlclose(library) == 0 && !is_mapped(argv[1]), "the library is gone after dlclose");
  printf("ok\n");
  return 0;
}
