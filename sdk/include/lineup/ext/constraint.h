/* SPDX-License-Identifier: Apache-2.0
 *
 * A constraint says which row may stand next on a page. The page's state is
 * memory of the host, copied with memcpy when the search branches: it must not
 * hold pointers into itself. Answers depend on the arguments only.
 */
#ifndef LINEUP_EXT_CONSTRAINT_H
#define LINEUP_EXT_CONSTRAINT_H

#include "lineup/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_EXT_CONSTRAINT "lineup.constraint/1"

/* What placing a row would mean. */
typedef struct lineup_judgement {
  uint32_t struct_size;
  uint32_t violations; /* 0: the row may stand */
  double penalty;      /* score units, for soft uses; 0 for none */
} lineup_judgement;

/* A page in the making: rows placed at slots 0 .. count - 1. */
typedef struct lineup_page {
  uint32_t struct_size;
  uint32_t count;
  const uint32_t *rows; /* [count] */
  void *state;          /* [state_size] after those rows */
  void *prepared;       /* what prepare() made */
} lineup_page;

typedef struct lineup_constraint {
  uint32_t struct_size;
  uint32_t reserved;
  /* Bytes of state per page for calls of at most binder->rows_max rows; 0 is
   * fine. At most 64 KiB. [any, active] */
  uint64_t (*state_size)(const lineup_instance *instance);
  /* Called once per request: computes what all pages share, in memory of
   * call->allocate. May be NULL. [request] */
  lineup_status (*prepare)(lineup_instance *instance, const lineup_call *call, void **prepared);
  /* Sets the state of the empty page. NULL when there is no state. [request] */
  lineup_status (*begin)(lineup_instance *instance, const lineup_call *call, lineup_page *page);
  /* What placing `row` next would mean. Writes only *out. [request] */
  lineup_status (*judge)(lineup_instance *instance, const lineup_call *call,
                         const lineup_page *page, uint32_t row, lineup_judgement *out);
  /* `row` is placed next: updates page->state. NULL when there is no state.
   * [request] */
  lineup_status (*place)(lineup_instance *instance, const lineup_call *call, lineup_page *page,
                         uint32_t row);
  /* Violations that any `slots_left` more rows add at least, in *out; those of the
   * rows that stand are not counted again. May be NULL: then search treats the
   * constraint as a black box. [request] */
  lineup_status (*violations_at_least)(lineup_instance *instance, const lineup_call *call,
                                       const lineup_page *page, uint32_t slots_left,
                                       uint32_t *out);
} lineup_constraint;

#ifdef __cplusplus
}
#endif

#endif
