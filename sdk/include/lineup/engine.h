/* SPDX-License-Identifier: Apache-2.0
 *
 * What a host ranking service embeds: open a bundle, hand over columns, get the
 * slate back.
 *
 * lineup_open -> lineup_bind_* once -> [ lineup_rerank -> read -> lineup_release ]* -> lineup_close
 *
 * Any number of threads may call any [any] or [request] function on one engine.
 * lineup_rerank takes no lock that reload takes and, after warm-up, allocates
 * nothing. lineup_close while others serve is defined: requests that began are
 * answered, later ones get LINEUP_E_CLOSED.
 */
#ifndef LINEUP_ENGINE_H
#define LINEUP_ENGINE_H

#include "lineup/batch.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct lineup_engine lineup_engine;

/* ------------------------------------------------------------------ opening */

/* A file held in memory that stands over the one on disk: a draft. */
typedef struct lineup_overlay_file {
  uint32_t struct_size;
  uint32_t flags;       /* 0; LINEUP_OVERLAY_REMOVED: the file is not there */
  lineup_text path;     /* inside the bundle: "rules/pin.lua" */
  lineup_text contents;
} lineup_overlay_file;
#define LINEUP_OVERLAY_REMOVED 1U

/* Called with a finished line; level: 0 debug, 1 info, 2 warning, 3 error. Calls
 * do not overlap. [any] */
typedef void (*lineup_log_function)(void *context, int32_t level, lineup_text line);

/* How an engine is opened. Zero-fill, set struct_size and what you need; a zero
 * stands for the default. Texts and arrays are copied. */
typedef struct lineup_options {
  uint32_t struct_size;
  uint32_t watch;           /* 1: follow changes of the bundle's files */
  lineup_text bundle;       /* directory; with an overlay it may be empty */
  const lineup_text *rule_directories;   /* looked in after the bundle's rules/ */
  uint64_t rule_directory_count;
  const lineup_text *plugin_directories; /* looked in after the bundle's plugins/ */
  uint64_t plugin_directory_count;
  const lineup_overlay_file *overlay;
  uint64_t overlay_count;
  lineup_text state_directory;   /* live weights, audit log, accepted manifests, emergency overlay,
                                    decision log, metrics; default: none kept */
  lineup_text staging_directory; /* default: a private one under $TMPDIR or /tmp */
  lineup_text probe;             /* the lineup-probe program; default: the installed one */
  uint32_t sessions;             /* requests at once; default 16. More wait */
  uint32_t quiet_ms;             /* default 100: no change for so long, then reload */
  uint32_t poll_ms;              /* default 5000: look at the files even without an event */
  uint32_t record_count;         /* default 256 whole requests in the ring */
  uint32_t record_mask_user;     /* 1: user ids are recorded as hashes */
  uint32_t reserved;
  lineup_log_function log;       /* default: standard error */
  void *log_context;
  lineup_text trust_file;        /* keys that the bundle must be signed by, what each may ship, and
                                    when nothing may change (`lineup bundle --help`); default:
                                    bundles need no signature. Read anew at every reload */
  uint64_t decision_file_bytes;  /* default 64 MiB: the decision log begins another file, and keeps
                                    four */
  uint32_t decision_every;       /* write one of so many requests to decisions.jsonl in the state
                                    directory, and every one that went wrong; default 0: none */
  uint32_t metrics_ms;           /* default 5000: how often metrics.prom in the state directory is
                                    written */
  uint32_t workers;              /* threads of the engine's own that help the threads which call
                                    lineup_rerank: nodes of one request that do not need each other
                                    run side by side. The answer is the same. Default 0: none; at
                                    most LINEUP_WORKERS_MAX, or INVALID_INPUT */
  uint32_t reserved_2;
} lineup_options;
#define LINEUP_WORKERS_MAX 256U

/* Opens a bundle: checks, compiles and warms everything, then serves. On failure
 * *out is untouched and `errors` gets every diagnostic as text: INVALID_CONFIG.
 * [control] */
LINEUP_EXPORT lineup_status lineup_open(const lineup_options *options, lineup_error_sink *errors,
                                        lineup_engine **out);
/* Refuses new requests, waits for those that run and for their results to be
 * released, then frees everything. NULL is fine. [control] */
LINEUP_EXPORT void lineup_close(lineup_engine *engine);

/* ------------------------------------------------------------------ binding */

/* A name resolved once. Handles hold for the life of the engine, across reloads;
 * a name that no policy knows is fine: it is then not read. */
typedef uint32_t lineup_handle;

/* [any] */
LINEUP_EXPORT lineup_status lineup_bind_column(lineup_engine *engine, lineup_text name,
                                               lineup_handle *out);
LINEUP_EXPORT lineup_status lineup_bind_context(lineup_engine *engine, lineup_text path,
                                                lineup_handle *out);
LINEUP_EXPORT lineup_status lineup_bind_scene(lineup_engine *engine, lineup_text scene,
                                              lineup_handle *out);
/* An objective, for weights. */
LINEUP_EXPORT lineup_status lineup_bind_objective(lineup_engine *engine, lineup_text name,
                                                  lineup_handle *out);
/* A live parameter: "boost.add". */
LINEUP_EXPORT lineup_status lineup_bind_parameter(lineup_engine *engine, lineup_text path,
                                                  lineup_handle *out);

/* ------------------------------------------------------------------ a request */

/* Rows with columns, borrowed until lineup_rerank returns. */
typedef struct lineup_rows {
  uint32_t struct_size;
  uint32_t row_count;
  uint32_t column_count;
  uint32_t reserved;
  const lineup_ids *ids;                      /* NULL: each row is an item of its own */
  const lineup_handle *handles;               /* [column_count] */
  const lineup_column *const *columns;        /* [column_count] */
} lineup_rows;

/* A named number: a weight, or a live parameter's value. */
typedef struct lineup_setting {
  lineup_handle handle;
  uint32_t reserved;
  double value;
} lineup_setting;

typedef struct lineup_input {
  uint32_t struct_size;
  lineup_handle scene;
  lineup_text request_id; /* echoed; names the request in records */
  lineup_text user;
  const lineup_rows *candidates;
  const lineup_rows *history;        /* NULL: none. Oldest first */
  const lineup_handle *context_handles;
  const lineup_value *const *context_values;
  const lineup_setting *weights;     /* clamped to the policy's bounds, with a warning */
  const lineup_setting *overrides;   /* of live parameters; the same */
  const lineup_text *experiments;    /* pairs: name, variant; conditions read them as
                                        experiment.NAME */
  uint32_t context_count;
  uint32_t weight_count;
  uint32_t override_count;
  uint32_t experiment_count;         /* pairs */
  uint32_t page;                     /* slots wanted; 0: the policy's */
  uint32_t flags;                    /* LINEUP_EXPLAIN, LINEUP_KEEP */
  uint64_t seed;
  int64_t now_ms;                    /* the request's clock; LINEUP_NO_TIME: the engine's */
  int64_t deadline_ns;               /* CLOCK_MONOTONIC; 0: the policy's deadline_ms from now;
                                        LINEUP_NO_DEADLINE */
  lineup_text revision;              /* a retained revision, so that page 2 meets the rules of
                                        page 1; empty: the current one */
} lineup_input;

#define LINEUP_EXPLAIN 1U /* fill the trace */
#define LINEUP_KEEP 2U    /* always keep the whole request in the ring */
#define LINEUP_NO_TIME INT64_MIN
/* Bounded by counts alone, whatever the policy's deadline: for comparing and
 * auditing offline, where an answer must not depend on how busy the machine is. */
#define LINEUP_NO_DEADLINE INT64_MAX

/* What became of a request. */
enum {
  LINEUP_ANSWER_OK = 0,       /* every hard rule holds */
  LINEUP_ANSWER_RELAXED = 1,  /* the rules in `relaxed` could not hold together */
  LINEUP_ANSWER_FALLBACK = 2, /* something failed: the declared fallback answered */
  LINEUP_ANSWER_ERROR = 3     /* the request could not be served: `error` says why */
};
enum { LINEUP_SEARCH_COMPLETE = 0, LINEUP_SEARCH_LIMIT = 1, LINEUP_SEARCH_DEADLINE = 2 };

typedef struct lineup_relaxed {
  lineup_text rule;      /* the use's name */
  lineup_text reason;    /* "conflict", "budget", ... */
  uint32_t violations;   /* in the rule's unit */
  uint32_t reserved;
} lineup_relaxed;

typedef struct lineup_named_value {
  lineup_text name;
  double value;
} lineup_named_value;

/* A row of a pool that the policy names: what operations insert. */
typedef struct lineup_pool_row {
  lineup_text id;
  lineup_text pool;
} lineup_pool_row;

/* The answer. Read-only; everything in it lives until lineup_release. */
typedef struct lineup_result {
  uint32_t struct_size;
  uint32_t answer;            /* LINEUP_ANSWER_* */
  uint32_t search;            /* LINEUP_SEARCH_* */
  uint32_t slate_count;
  const uint32_t *slate;      /* [slate_count] in slot order: rows of the candidates; from
                                 candidates->row_count on, rows of pool_rows */
  const lineup_relaxed *relaxed;
  const lineup_text *warnings;
  const lineup_named_value *weights;    /* the composed vector, by objective */
  const lineup_named_value *parameters; /* live parameters as this request used them */
  uint32_t relaxed_count;
  uint32_t warning_count;
  uint32_t weight_count;
  uint32_t parameter_count;
  lineup_text error;          /* answer ERROR or FALLBACK: why */
  lineup_text revision;
  int64_t elapsed_ns;
  uint64_t work;              /* units of search spent */
  double value;               /* of the page, under the composed weights */
  lineup_text trace_json;     /* with LINEUP_EXPLAIN: what happened, node by node, slot by slot */
  const lineup_pool_row *pool_rows; /* of the pools that the policy names, shown or not: slate value
                                       candidates->row_count + i is pool_rows[i] */
  uint32_t pool_row_count;
  uint32_t experiment_count;
  const lineup_text *experiments; /* [2 * experiment_count] pairs: experiment, variant; what the
                                     host passed, then what the engine assigned */
  double propensity;          /* the probability that the selector picked this slate with; 1
                                 unless its policy explores */
} lineup_result;

/* Re-ranks. On LINEUP_OK *out is the caller's until lineup_release; that is also
 * so when the answer is ERROR (unknown scene, bad columns). Other statuses:
 * CLOSED, INVALID_INPUT (the structs themselves make no sense), DEADLINE (no
 * session became free in time: results are held that were not released).
 * [request] */
LINEUP_EXPORT lineup_status lineup_rerank(lineup_engine *engine, const lineup_input *input,
                                          const lineup_result **out);
/* Gives a result back; NULL is fine. [any] */
LINEUP_EXPORT void lineup_release(lineup_engine *engine, const lineup_result *result);

/* The same through one buffer each way, laid out as lineup/packed.h says: for
 * other languages, sidecars, workers. *response is owned by the engine until
 * lineup_release_packed. [request] */
LINEUP_EXPORT lineup_status lineup_rerank_packed(lineup_engine *engine, const void *request,
                                                 uint64_t request_size, const void **response,
                                                 uint64_t *response_size);
LINEUP_EXPORT void lineup_release_packed(lineup_engine *engine, const void *response);

/* Audits any page, whoever made it: `slate` holds rows of input->candidates, and of
 * pools as lineup_result does. The
 * result has answer OK or RELAXED and the violations by rule; soft rules are
 * listed with reason "soft". [request] */
LINEUP_EXPORT lineup_status lineup_verify(lineup_engine *engine, const lineup_input *input,
                                          const uint32_t *slate, uint32_t slate_count,
                                          const lineup_result **out);

/* ------------------------------------------------------------------ steering */

/* Receives text in one or several pieces. */
typedef struct lineup_text_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  void (*write)(void *context, lineup_text text);
} lineup_text_sink;

/* What was really shown and done: `events_json` is a JSON object
 * {"exposed": [ids], "events": [{"id":..., "type":"click"}]}. The same request
 * id and contents twice count once, and so does a row that is told twice. It
 * moves the policy's controllers, where an event may carry {"value": 1.5}, and
 * its columns of `evidence`. NOT_FOUND: no record of that request (any more);
 * counters, controllers and evidence still count it. [any] */
LINEUP_EXPORT lineup_status lineup_feedback(lineup_engine *engine, lineup_text request_id,
                                            lineup_text events_json, lineup_error_sink *errors);

/* Sets the live value of an objective's weight or a live parameter of a scene
 * ("relevance", "boost.add"). REFUSED when it is out of bounds or too large a
 * step. ttl_ms 0: until revoked. `who` and `why` go to the audit log. [any] */
LINEUP_EXPORT lineup_status lineup_set_weight(lineup_engine *engine, lineup_text scene,
                                              lineup_text name, double value, int64_t ttl_ms,
                                              lineup_text who, lineup_text why,
                                              lineup_error_sink *errors);
/* Takes a live value back. [any] */
LINEUP_EXPORT lineup_status lineup_clear_weight(lineup_engine *engine, lineup_text scene,
                                                lineup_text name, lineup_text who, lineup_text why,
                                                lineup_error_sink *errors);

/* Builds a revision from the bundle as it is now and publishes it. On failure
 * what served keeps serving and `errors` gets every diagnostic. [any] */
LINEUP_EXPORT lineup_status lineup_reload(lineup_engine *engine, lineup_error_sink *errors);
/* The same with other overlay files; count 0 takes the overlay away. [any] */
LINEUP_EXPORT lineup_status lineup_reload_overlay(lineup_engine *engine,
                                                  const lineup_overlay_file *overlay,
                                                  uint64_t overlay_count,
                                                  lineup_error_sink *errors);

/* Status as a JSON object: revision, since, scenes, last attempt and error,
 * retired revisions and libraries, counters, live weights. [any] */
LINEUP_EXPORT lineup_status lineup_status_json(lineup_engine *engine, const lineup_text_sink *sink);
/* Counters and latencies in the text format of Prometheus, for the host's own
 * metrics page. [any] */
LINEUP_EXPORT lineup_status lineup_metrics_text(lineup_engine *engine,
                                                const lineup_text_sink *sink);
/* Recorded requests as JSON lines; `query` is a JSON object with any of
 * {"request","user","item","scene","whole","most"}; empty: all. [any] */
LINEUP_EXPORT lineup_status lineup_records_json(lineup_engine *engine, lineup_text query,
                                                const lineup_text_sink *sink);
/* Plays a recorded request again on its revision, and says in JSON whether the
 * slate is the same to the byte. NOT_FOUND: no whole record of it, or its
 * revision is gone. [any] */
LINEUP_EXPORT lineup_status lineup_replay(lineup_engine *engine, lineup_text request_id,
                                          const lineup_text_sink *sink, lineup_error_sink *errors);

/* "0.1.0" [any] */
LINEUP_EXPORT const char *lineup_version(void);

#ifdef __cplusplus
}
#endif

#endif
