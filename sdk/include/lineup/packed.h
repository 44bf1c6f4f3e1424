/* SPDX-License-Identifier: Apache-2.0
 *
 * The flat form of a request and its answer: one buffer each way, for other
 * languages, sidecars and worker processes. Little-endian. Every `offset` is in
 * bytes from the beginning of the buffer; 0 stands for "not there". Arrays of
 * 64-bit values begin at multiples of 8, others at multiples of 4.
 *
 *   request:  header | descriptors | data        magic LINEUP_PACKED_REQUEST
 *   response: header | data                      magic LINEUP_PACKED_RESPONSE
 *
 * Version 1. A reader refuses another version; a later one may append to the
 * headers, which carry their own size.
 */
#ifndef LINEUP_PACKED_H
#define LINEUP_PACKED_H

#include "lineup/engine.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_PACKED_REQUEST 0x5150554CU  /* "LUPQ" */
#define LINEUP_PACKED_RESPONSE 0x5350554CU /* "LUPS" */
#define LINEUP_PACKED_VERSION 1

/* UTF-8 text somewhere in the buffer. */
typedef struct lineup_packed_text {
  uint32_t offset;
  uint32_t size;
} lineup_packed_text;

/* One column; as lineup_column, with offsets instead of pointers. */
typedef struct lineup_packed_column {
  lineup_packed_text name;
  uint32_t type;      /* LINEUP_TYPE_* */
  uint32_t dimension;
  uint32_t data;      /* offset; its size follows from type, row count and the offsets below */
  uint32_t validity;
  uint32_t offsets;
  uint32_t list_offsets;
  uint32_t dictionary_count;   /* CODE, CODE_LIST */
  uint32_t dictionary_offsets; /* uint32_t [dictionary_count + 1] */
  uint32_t dictionary_bytes;
  uint32_t reserved;
} lineup_packed_column;

/* Candidates or history. */
typedef struct lineup_packed_rows {
  uint32_t row_count;
  uint32_t column_count;
  uint32_t columns;     /* lineup_packed_column [column_count] */
  uint32_t ids_flags;   /* LINEUP_IDS_* */
  uint32_t id_numbers;  /* int64_t [row_count], or */
  uint32_t id_offsets;  /* uint32_t [row_count + 1], with */
  uint32_t id_bytes;
  uint32_t reserved;
} lineup_packed_rows;

/* A named number. */
typedef struct lineup_packed_setting {
  lineup_packed_text name;
  double value;
} lineup_packed_setting;

/* A context value. */
typedef struct lineup_packed_value {
  lineup_packed_text path;
  uint32_t kind; /* LINEUP_VALUE_* */
  uint32_t reserved;
  int64_t integer;
  double number;
  lineup_packed_text text;
} lineup_packed_value;

/* A pair of texts: experiment and variant. */
typedef struct lineup_packed_pair {
  lineup_packed_text name;
  lineup_packed_text value;
} lineup_packed_pair;

typedef struct lineup_packed_request {
  uint32_t magic;
  uint16_t version;
  uint16_t header_size; /* sizeof(lineup_packed_request) */
  uint64_t total_size;  /* of the buffer */
  uint64_t seed;
  int64_t now_ms;       /* LINEUP_NO_TIME: the engine's clock */
  int64_t budget_ns;    /* time for the request from its arrival; 0: the policy's */
  lineup_packed_text scene;
  lineup_packed_text request_id;
  lineup_packed_text user;
  lineup_packed_text revision;
  uint32_t page;
  uint32_t flags;
  lineup_packed_rows candidates;
  lineup_packed_rows history;
  uint32_t context_count;
  uint32_t context;     /* lineup_packed_value [context_count] */
  uint32_t weight_count;
  uint32_t weights;     /* lineup_packed_setting [weight_count] */
  uint32_t override_count;
  uint32_t overrides;   /* lineup_packed_setting [override_count] */
  uint32_t experiment_count;
  uint32_t experiments; /* lineup_packed_pair [experiment_count] */
} lineup_packed_request;

typedef struct lineup_packed_relaxed {
  lineup_packed_text rule;
  lineup_packed_text reason;
  uint32_t violations;
  uint32_t reserved;
} lineup_packed_relaxed;

typedef struct lineup_packed_response {
  uint32_t magic;
  uint16_t version;
  uint16_t header_size; /* sizeof(lineup_packed_response) */
  uint64_t total_size;
  uint32_t answer;      /* LINEUP_ANSWER_* */
  uint32_t search;      /* LINEUP_SEARCH_* */
  uint32_t slate_count;
  uint32_t slate;       /* uint32_t [slate_count] rows, as in lineup_result */
  uint32_t relaxed_count;
  uint32_t relaxed;     /* lineup_packed_relaxed [relaxed_count] */
  uint32_t warning_count;
  uint32_t warnings;    /* lineup_packed_text [warning_count] */
  uint32_t weight_count;
  uint32_t weights;     /* lineup_packed_setting [weight_count] */
  uint32_t parameter_count;
  uint32_t parameters;  /* lineup_packed_setting [parameter_count] */
  lineup_packed_text request_id;
  lineup_packed_text error;
  lineup_packed_text revision;
  lineup_packed_text trace_json;
  int64_t elapsed_ns;
  uint64_t work;
  double value;
  uint32_t pool_row_count; /* 0 when the slate shows no row of a pool */
  uint32_t pool_rows;      /* lineup_packed_pair [pool_row_count]: pool, id */
  uint32_t experiment_count;
  uint32_t experiments;    /* lineup_packed_pair [experiment_count]: experiment, variant */
  double propensity;       /* as in lineup_result */
} lineup_packed_response;

#ifdef __cplusplus
}
#endif

#endif
