/* SPDX-License-Identifier: Apache-2.0
 *
 * The candidates of one request, column by column. Hosts hand these to the
 * engine, the engine hands them to plugins; the same structs both ways.
 */
#ifndef LINEUP_BATCH_H
#define LINEUP_BATCH_H

#include "lineup/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How the values of a column are stored. A host may use any of them; a plugin
 * meets only those marked *. */
typedef uint32_t lineup_type;
enum {
  LINEUP_TYPE_F64 = 1,        /* * double [row_count]; NaN is missing */
  LINEUP_TYPE_F32 = 2,        /*   float [row_count]; the engine widens a copy */
  LINEUP_TYPE_I64 = 3,        /* * int64_t [row_count] */
  LINEUP_TYPE_I32 = 4,        /*   int32_t [row_count]; the engine widens a copy */
  LINEUP_TYPE_BOOL = 5,       /* * uint8_t [row_count], 0 or 1 */
  LINEUP_TYPE_TIME_MS = 6,    /* * int64_t [row_count] */
  LINEUP_TYPE_CODE = 7,       /* * uint32_t [row_count] into a dictionary */
  LINEUP_TYPE_CODE_LIST = 8,  /* * uint32_t [list_offsets[row_count]] */
  LINEUP_TYPE_TEXT = 9,       /*   bytes, offsets [row_count + 1] */
  LINEUP_TYPE_TEXT_LIST = 10, /*   bytes, offsets [value_count + 1], list_offsets */
  LINEUP_TYPE_VECTOR = 11     /* * float [row_count * dimension] */
};

/* The code that stands for a missing category. */
#define LINEUP_NO_CODE UINT32_MAX

/* What codes stand for. Text of code c: bytes[offsets[c] .. offsets[c + 1]).
 * `identity`: 0, or a number that the host gives to equal contents only; then
 * the engine may keep what it looked up in the dictionary. */
typedef struct lineup_dictionary {
  uint32_t struct_size;
  uint32_t count;
  const uint32_t *offsets; /* [count + 1] */
  const char *bytes;
  uint64_t identity;
} lineup_dictionary;

/* One column. Which fields are set follows from `type`. */
typedef struct lineup_column {
  uint32_t struct_size;
  lineup_type type;
  uint32_t dimension;             /* VECTOR: floats per row */
  uint32_t flags;                 /* 0 */
  const void *data;               /* values, codes or bytes */
  const uint64_t *validity;       /* [(row_count + 63) / 64] bit set: there is a value; NULL: all */
  const uint32_t *offsets;        /* TEXT: [row_count + 1]; TEXT_LIST: [value_count + 1] */
  const uint32_t *list_offsets;   /* CODE_LIST, TEXT_LIST: [row_count + 1] into values */
  const lineup_dictionary *dictionary; /* CODE, CODE_LIST */
} lineup_column;

/* Ids of rows: either numbers or texts, echoed as given. */
typedef struct lineup_ids {
  uint32_t struct_size;
  uint32_t flags;          /* LINEUP_IDS_UNIQUE */
  const int64_t *numbers;  /* [row_count], or NULL */
  const uint32_t *offsets; /* [row_count + 1] into bytes, or NULL */
  const char *bytes;
} lineup_ids;

/* The host promises that no id occurs twice: the engine does not look. */
#define LINEUP_IDS_UNIQUE 1U

/* One scalar of the context, or a default. */
typedef uint32_t lineup_kind_of_value;
enum {
  LINEUP_VALUE_MISSING = 0,
  LINEUP_VALUE_BOOL = 1,    /* integer: 0 or 1 */
  LINEUP_VALUE_INTEGER = 2, /* integer */
  LINEUP_VALUE_NUMBER = 3,  /* number */
  LINEUP_VALUE_TEXT = 4     /* text, text_size */
};
typedef struct lineup_value {
  uint32_t struct_size;
  lineup_kind_of_value kind;
  int64_t integer;
  double number;
  const char *text;
  uint64_t text_size;
} lineup_value;

/* Finished slates: slate s is rows[s * slot_count .. + lengths[s]). */
typedef struct lineup_slates {
  uint32_t struct_size;
  uint32_t slate_count;
  uint32_t slot_count;     /* room per slate */
  uint32_t reserved;
  const uint32_t *rows;    /* [slate_count * slot_count] */
  const uint32_t *lengths; /* [slate_count] */
} lineup_slates;

#ifdef __cplusplus
}
#endif

#endif
