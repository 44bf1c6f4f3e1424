/* SPDX-License-Identifier: Apache-2.0
 *
 * What a plugin implements: one exported symbol, lineup_entry, the node types
 * it offers, and per kind one small table found by its id.
 *
 * load .so -> init -> [ create -> activate -> call* -> deactivate -> destroy ]* -> deinit -> unload
 *
 * Kinds and their tables:
 *   scorer      lineup/ext/scorer.h      writes columns
 *   generator   lineup/ext/generator.h   proposes slates, through the host's slate builder
 *   evaluator   lineup/ext/evaluator.h   values finished slates, per objective
 *   constraint  lineup/ext/constraint.h  says which row may stand next
 *
 * Everything else is an extension, found by a string id with a revision
 * ("lineup.builder/1"), asked of the host or of the plugin. An id never changes
 * its meaning. An exception must not leave a function of this interface; the
 * header plugin.hpp has the wall.
 */
#ifndef LINEUP_PLUGIN_H
#define LINEUP_PLUGIN_H

#include "lineup/batch.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_PLUGIN_MAGIC 0x5055454CU /* "LEUP" */

/* The kind of a node type. */
typedef uint32_t lineup_kind;
enum {
  LINEUP_KIND_SCORER = 1,
  LINEUP_KIND_GENERATOR = 2,
  LINEUP_KIND_EVALUATOR = 3,
  LINEUP_KIND_CONSTRAINT = 4
};

typedef struct lineup_host lineup_host;
typedef struct lineup_instance lineup_instance; /* the plugin's own state; opaque to the host */
typedef struct lineup_binder lineup_binder;
typedef struct lineup_call lineup_call;

/* What the host offers. Lives as long as the process: a plugin may keep it. */
struct lineup_host {
  uint32_t struct_size;
  uint16_t abi_major; /* what the host was built with */
  uint16_t abi_minor;
  const char *name;    /* "lineup" */
  const char *version; /* "0.1.0" */

  /* A table of the host by id, such as LINEUP_HOST_BUILDER; NULL when the host
   * has none. The table lives as long as the process. [any] */
  const void *(*extension)(const lineup_host *host, const char *id);

  /* Writes a line to the host's log, rate limited per plugin. level: 0 debug,
   * 1 info, 2 warning, 3 error. [any] */
  void (*log)(const lineup_host *host, int32_t level, lineup_text message);
};

/* Whether a column must be there. */
enum { LINEUP_COLUMN_OPTIONAL = 0, LINEUP_COLUMN_REQUIRED = 1 };

/* Resolves names to indexes, once, while an instance is activated. Indexes count
 * up from 0 per instance in the order of the calls and hold until deactivate. */
struct lineup_binder {
  uint32_t struct_size;
  uint32_t rows_max;      /* most rows a call may have */
  uint32_t slots_max;     /* most slots a page may have */
  uint32_t threads_max;   /* most calls at once, for reentrant instances */
  uint32_t history_max;   /* most rows of history */
  uint32_t objective_count; /* of the policy */
  void *context;

  /* Asks for the column `name`; type is one of the starred types of batch.h. On
   * LINEUP_OK *index is where call->columns will hold it; an optional column that
   * the policy does not declare gives LINEUP_OK and, in every call, NULL. Errors:
   * NOT_FOUND (required but not declared), INVALID_CONFIG (declared with another
   * type); the host has then told the operator. [control, inside activate] */
  lineup_status (*column)(const lineup_binder *binder, lineup_text name, lineup_type type,
                          int32_t required, uint32_t *index);
  /* Asks for a value of the request's context by its path ("hour",
   * "trigger.category"): call->context[*index]. [control, inside activate] */
  lineup_status (*context_value)(const lineup_binder *binder, lineup_text path, uint32_t *index);
  /* Scorers: the float column that will be written, call outputs[*index]. The
   * column is created when the policy does not declare it.
   * [control, inside activate] */
  lineup_status (*output)(const lineup_binder *binder, lineup_text name, uint32_t *index);
  /* The index of an objective of the policy, for weights and evaluators.
   * NOT_FOUND when there is none of that name. [control, inside activate] */
  lineup_status (*objective)(const lineup_binder *binder, lineup_text name, uint32_t *index);
  /* Name and column of objective `index`; empty text when it has no column.
   * [control, inside activate] */
  lineup_status (*objective_at)(const lineup_binder *binder, uint32_t index, lineup_text *name,
                                lineup_text *column);
  /* A number of the configuration by its path ("theta", "channels.2.floor", lists counted from 1)
   * that every call shall bring anew: call->live[*index]. A policy may then declare it live; where
   * it does not, the calls bring what the configuration says. NOT_FOUND: there is no number.
   * What is bound must be read from the call alone: create() saw the value of that moment. May be
   * missing in hosts of before: LINEUP_HAS. [control, inside activate] */
  lineup_status (*live)(const lineup_binder *binder, lineup_text path, uint32_t *index);
};

/* Everything one call may look at. All pointers are valid until the call
 * returns, on its thread; inputs are never written. */
struct lineup_call {
  uint32_t struct_size;
  uint32_t row_count;
  uint32_t history_count;   /* rows the user saw before, oldest first */
  uint32_t slot_count;      /* length of the page asked for */
  uint32_t objective_count;
  uint32_t reserved;
  const lineup_column *const *columns; /* by bound index; NULL: not in this request */
  const lineup_column *const *history; /* the same columns of the history; codes mean the same */
  const lineup_ids *ids;               /* of the rows */
  const lineup_ids *history_ids;
  const lineup_value *const *context;  /* by bound index; NULL: not in this request */
  const double *weights;     /* [objective_count] the request's composed vector */
  const double *discounts;   /* [slot_count] the weight of each slot */
  const uint64_t *candidates; /* [(row_count + 63) / 64] rows that pass the filters */
  uint64_t seed;             /* of the request and node: equal requests, equal seeds */
  int64_t now_ms;            /* the request's clock */
  int64_t deadline_ns;       /* CLOCK_MONOTONIC; INT64_MAX: none */
  uint64_t work_limit;       /* units this call may spend */

  /* Memory that lives until the request ends; zeroed never, aligned to 16 bytes.
   * NULL when there is no more. [request] */
  void *(*allocate)(const lineup_call *call, uint64_t size);
  /* Counts `units` of work (a row looked at is one). Not zero: the budget or the
   * deadline is used up; return LINEUP_E_BUDGET, what was emitted so far counts.
   * Call it every some hundred units. [request] */
  int32_t (*spend)(const lineup_call *call, uint64_t units);
  /* Says why the call failed. [request] */
  lineup_error_sink *errors;
  const double *live;        /* by bound index: live numbers as this request has them */
};

/* One node type of a plugin. */
typedef struct lineup_node_type {
  uint32_t struct_size;
  lineup_kind kind;
  const char *name;          /* "mmr": what a policy writes */
  const char *id;            /* "dev.lineup.mmr/1": never changes once released */

  /* Makes an instance from a JSON object that fits the schema in the metadata.
   * Files are opened and tables built here. On LINEUP_OK *out is set and the
   * host owes one destroy(). On failure *out is untouched and `errors` was told
   * why. [control] */
  lineup_status (*create)(const lineup_host *host, lineup_text config_json,
                          lineup_error_sink *errors, lineup_instance **out);
  /* Resolves names and makes room for the limits of the binder. [control] */
  lineup_status (*activate)(lineup_instance *instance, const lineup_binder *binder,
                            lineup_error_sink *errors);
  /* Ends what activate began; it may be activated again. [control] */
  void (*deactivate)(lineup_instance *instance);
  /* Ends an instance that is not active. [control] */
  void (*destroy)(lineup_instance *instance);
  /* The table of this kind (LINEUP_EXT_GENERATOR, ...) and optional ones; NULL
   * when there is none. Lives as long as the library is loaded. [any] */
  const void *(*extension)(const char *id);
} lineup_node_type;

/* The entry. */
typedef struct lineup_plugin {
  uint32_t magic;       /* LINEUP_PLUGIN_MAGIC */
  uint32_t struct_size; /* sizeof(lineup_plugin) where the plugin was compiled */
  uint16_t abi_major;   /* LINEUP_ABI_MAJOR */
  uint16_t abi_minor;   /* LINEUP_ABI_MINOR where the plugin was compiled */
  uint16_t required_minor; /* the least minor of a host that will do */
  uint16_t reserved;
  const char *version;       /* of the plugin: "1.4.0" */
  const char *metadata_json; /* the text of LINEUP_METADATA */

  /* Called once after loading, before anything else; may be NULL. [control] */
  lineup_status (*init)(const lineup_host *host, lineup_error_sink *errors);
  /* Called once before unloading; may be NULL. [control] */
  void (*deinit)(void);
  /* Node type number `index`; NULL past the last. [any] */
  const lineup_node_type *(*type_at)(uint32_t index);
} lineup_plugin;

/* The only symbol that a plugin exports. */
LINEUP_EXPORT extern const lineup_plugin lineup_entry;

/* Puts the plugin's metadata where it can be read without running the plugin: a
 * section of its own. A JSON object:
 *   {"name": "mmr", "version": "1.0.0", "about": "...", "types": [
 *     {"name": "mmr", "kind": "generator", "about": "...",
 *      "threads": "reentrant" | "instance-per-thread" | "serial",
 *      "deterministic": true,
 *      "columns": ["what it reads, or the parameter that names it"],
 *      "configuration": { a JSON Schema of what create() takes } } ] }
 * Use once, at file scope; then set lineup_entry.metadata_json to
 * lineup_metadata_text. */
#if defined(__GNUC__)
#define LINEUP_METADATA(json) \
  __attribute__((section(".lineup_metadata"), used)) static const char lineup_metadata_text[] = json
#else
#define LINEUP_METADATA(json) static const char lineup_metadata_text[] = json
#endif

#ifdef __cplusplus
}
#endif

#endif
