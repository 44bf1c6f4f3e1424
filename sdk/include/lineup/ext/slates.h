/* SPDX-License-Identifier: Apache-2.0
 *
 * What other nodes made of the request, a service of the host for generators that
 * improve slates instead of making them: the slates so far, and what the graph's
 * evaluators say of pages that are only being thought of. No node sees another
 * node: the host stands between them.
 *
 *   const lineup_host_slates *slates = host->extension(host, LINEUP_HOST_SLATES);
 *
 * NULL on hosts that have none.
 */
#ifndef LINEUP_EXT_SLATES_H
#define LINEUP_EXT_SLATES_H

#include "lineup/ext/builder.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_HOST_SLATES "lineup.slates/1"

typedef struct lineup_host_slates {
  uint32_t struct_size;
  uint32_t reserved;
  /* The slates that were emitted before, in the order of emission, those of this
   * call included; none twice. What *out points to is valid until the call returns
   * and does not grow. [request] */
  lineup_status (*so_far)(lineup_builder *builder, lineup_slates *out);
  /* worth[s]: what the evaluators of the graph give page s under the request's
   * weights; soft rules are not counted. All pages at once cost least. Spends what
   * the evaluators spend. UNSUPPORTED: the graph has no evaluator that runs.
   * INVALID_INPUT: a page is longer than the call's, has a row that is no
   * candidate, or one twice. An evaluator that fails gives its status. [request] */
  lineup_status (*value)(lineup_builder *builder, const lineup_slates *pages, double *worth);
} lineup_host_slates;

#ifdef __cplusplus
}
#endif

#endif
