/* SPDX-License-Identifier: Apache-2.0
 *
 * A generator that wants to know what became of its proposals: which page was
 * answered with, and with what probability. Who learns from its own decisions
 * needs both. "Answered" is not "seen": that comes later, under the request's id.
 */
#ifndef LINEUP_EXT_CHOSEN_H
#define LINEUP_EXT_CHOSEN_H

#include "lineup/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_EXT_CHOSEN "lineup.chosen/1"
#define LINEUP_NOT_MINE UINT32_MAX

typedef struct lineup_choice {
  uint32_t struct_size;
  uint32_t slate;         /* which of the slates that this node added, from 0, in the order of
                             emission; LINEUP_NOT_MINE: another node's, or the engine's own */
  const uint32_t *rows;   /* [row_count] the page */
  uint32_t row_count;
  uint32_t reserved;
  double propensity;      /* with which the selector picked it */
  double value;           /* under the request's weights */
  lineup_text request_id; /* as the host gave it */
  lineup_text user;
} lineup_choice;

/* An optional table of a generator, beside lineup.generator/1. */
typedef struct lineup_chosen {
  uint32_t struct_size;
  uint32_t reserved;
  /* Called once per request in which this generator ran, after the page is proven;
   * also when the engine plays a request again (replay, trial of a revision): the
   * id tells. `call` is like that of generate. Instances that are made per thread
   * may be told in another copy than the one that generated. What it returns
   * changes no answer. [request] */
  lineup_status (*chosen)(lineup_instance *instance, const lineup_call *call,
                          const lineup_choice *choice);
} lineup_chosen;

#ifdef __cplusplus
}
#endif

#endif
