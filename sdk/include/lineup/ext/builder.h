/* SPDX-License-Identifier: Apache-2.0
 *
 * The slate builder, a service of the host for generators: whoever builds
 * through it cannot break a rule. Get the table once, in create or activate:
 *
 *   const lineup_host_builder *builder = host->extension(host, LINEUP_HOST_BUILDER);
 *
 * A lineup_builder is valid inside the generate() call it was given to, on its
 * thread. One that was kept longer gives LINEUP_E_STALE_HANDLE (or the value
 * that stands for nothing) and harms nobody.
 */
#ifndef LINEUP_EXT_BUILDER_H
#define LINEUP_EXT_BUILDER_H

#include "lineup/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_HOST_BUILDER "lineup.builder/1"
#define LINEUP_NO_ROW UINT32_MAX

typedef struct lineup_builder lineup_builder;

/* How the page so far stands. */
enum { LINEUP_NO = 0, LINEUP_YES = 1, LINEUP_UNKNOWN = 2 };

typedef struct lineup_host_builder {
  uint32_t struct_size;
  uint32_t reserved;

  /* Rows placed so far; *rows is valid until the next change. [request] */
  lineup_status (*placed)(lineup_builder *builder, const uint32_t **rows, uint32_t *count);
  /* Bits of the rows that may stand next, [(row_count + 63) / 64]: only rows
   * proven dead are left out, opaque constraints are not asked. Valid until the
   * next change. [request] */
  lineup_status (*allowed)(lineup_builder *builder, const uint64_t **bits);
  /* 1: `row` may stand next; 0: it may not. Asks every constraint. [request] */
  int32_t (*permits)(lineup_builder *builder, uint32_t row);
  /* The row of the largest utility that may stand next (the first of equals),
   * without asking about all; LINEUP_NO_ROW when none may. utility: [row_count].
   * [request] */
  uint32_t (*best_permitted)(lineup_builder *builder, const double *utility);
  /* Places `row` at the next slot. INVALID_INPUT when it is used, filtered, out of
   * range, forbidden by a required rule, or the page is full. [request] */
  lineup_status (*place)(lineup_builder *builder, uint32_t row);
  /* Takes the last row back. [request] */
  lineup_status (*undo)(lineup_builder *builder);
  /* The number of rows placed, to rewind to. [request] */
  uint32_t (*mark)(lineup_builder *builder);
  lineup_status (*rewind)(lineup_builder *builder, uint32_t mark);
  /* A second builder in the same state; ends with the call. BUDGET when there
   * are too many. [request] */
  lineup_status (*fork)(lineup_builder *builder, lineup_builder **out);
  /* LINEUP_YES, LINEUP_NO or LINEUP_UNKNOWN: can the page be completed without
   * breaking a hard rule. [request] */
  int32_t (*completable)(lineup_builder *builder);
  /* out[row]: what placing the row next would cost in soft rules. [row_count].
   * [request] */
  lineup_status (*penalties)(lineup_builder *builder, double *out);
  /* Completes the page by the engine's own search, beginning with what is placed,
   * and places the rest. utility: [row_count], finite; NULL: the score column.
   * Spends from the call's work limit. [request] */
  lineup_status (*solve)(lineup_builder *builder, const double *utility);
  /* Proposes the page as it stands. A page that is not full is completed first
   * (by solve with `utility`, which may be NULL). [request] */
  lineup_status (*emit)(lineup_builder *builder, const double *utility);
} lineup_host_builder;

#ifdef __cplusplus
}
#endif

#endif
