/* SPDX-License-Identifier: Apache-2.0
 *
 * The engine's own search with limits of one's own, a service of the host for
 * generators. lineup_host_builder.solve stops where the policy says; a generator
 * that wants a proof, or only a quick page, says so here, and hears how the
 * search ended.
 *
 *   const lineup_host_search *search = host->extension(host, LINEUP_HOST_SEARCH);
 *
 * NULL on hosts that have none: then solve of the builder has to do.
 */
#ifndef LINEUP_EXT_SEARCH_H
#define LINEUP_EXT_SEARCH_H

#include "lineup/ext/builder.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_HOST_SEARCH "lineup.search/1"

/* How a search ended; the numbers are those of LINEUP_SEARCH_*. */
enum {
  LINEUP_SEARCHED_COMPLETE = 0, /* proven: nothing better within `gap` */
  LINEUP_SEARCHED_LIMIT = 1,    /* the work ran out */
  LINEUP_SEARCHED_DEADLINE = 2  /* the time ran out */
};

/* What the search may cost. */
typedef struct lineup_search_limits {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t work;    /* units for all of it, never more than the call has left; 0: all it has */
  uint64_t improve; /* of them, for making the first good page better; UINT64_MAX: all */
  double gap;       /* stop within this share of the bound, 0 .. 1; 0: prove it */
} lineup_search_limits;

/* What a page is worth, and what is known of better ones. */
typedef struct lineup_search_report {
  uint32_t struct_size;
  uint32_t search;     /* LINEUP_SEARCHED_* */
  uint64_t violations; /* units that the page breaks hard rules by, all priorities together */
  double value;        /* sum of utility times the discount of the slot */
  double penalty;      /* of soft rules */
  double bound;        /* no page that breaks as little is worth more: value - penalty at most */
  uint64_t work;       /* units spent */
} lineup_search_report;

typedef struct lineup_host_search {
  uint32_t struct_size;
  uint32_t reserved;
  /* As lineup_host_builder.solve, within `limits`; *report may be NULL. A page that
   * is full already is left as it is: certify says what it is worth. [request] */
  lineup_status (*solve)(lineup_builder *builder, const double *utility,
                         const lineup_search_limits *limits, lineup_search_report *report);
  /* What the full page is worth and breaks; no search. INVALID_INPUT when it is not
   * full. `bound` is then what it is worth. [request] */
  lineup_status (*certify)(lineup_builder *builder, const double *utility,
                           lineup_search_report *report);
} lineup_host_search;

#ifdef __cplusplus
}
#endif

#endif
