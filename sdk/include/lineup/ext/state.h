/* SPDX-License-Identifier: Apache-2.0
 *
 * What an instance learnt, carried over to the instance that takes its place: a
 * table that a node type may offer beside the one of its kind. A reload makes new
 * instances, of the same library or of its next version; without this table they
 * begin cold. The form of the bytes is the plugin's own: begin them with a mark
 * and a version.
 *
 *   old->save(old, sink) ... new = create(config) -> new->load(new, source) -> activate
 *
 * State is carried between node types of one id that stand at one place of a
 * policy, whatever their configuration: save what the state depends on. For the
 * thread class instance-per-thread it goes copy by copy. It stays in memory: a
 * host that was started anew begins cold.
 */
#ifndef LINEUP_EXT_STATE_H
#define LINEUP_EXT_STATE_H

#include "lineup/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LINEUP_EXT_STATE "lineup.state/1"

/* Where save() writes to. */
typedef struct lineup_state_sink lineup_state_sink;
struct lineup_state_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  /* Takes all `size` bytes, or fails: BUDGET when the host keeps no more. After a
   * failure nothing that was written counts: give its status back.
   * [control, inside save] */
  lineup_status (*write)(const lineup_state_sink *sink, const void *bytes, uint64_t size);
};

/* Where load() reads from. */
typedef struct lineup_state_source lineup_state_source;
struct lineup_state_source {
  uint32_t struct_size;
  uint32_t reserved;
  void *context;
  /* Gives the next bytes, at most `size`, and says how many: often fewer than were
   * asked for, so read in a loop; 0 is the end. After a failure there is no more:
   * give its status back. [control, inside load] */
  lineup_status (*read)(const lineup_state_source *source, void *bytes, uint64_t size,
                        uint64_t *got);
};

typedef struct lineup_state {
  uint32_t struct_size;
  uint32_t reserved;
  /* Writes what a new instance should know. The instance may be active and goes on
   * serving: calls of a reentrant one overlap with this, others wait for it. When
   * it writes nothing, the new instance is not asked to load. [control] */
  lineup_status (*save)(lineup_instance *instance, const lineup_state_sink *sink,
                        lineup_error_sink *errors);
  /* Reads what save() wrote, perhaps in another version of the plugin. Called at
   * most once, between create and activate. Trust nothing that is read: what is cut
   * short, or none of the plugin's own, is refused with INVALID_INPUT. The host
   * then destroys the instance and makes another, which begins cold. [control] */
  lineup_status (*load)(lineup_instance *instance, const lineup_state_source *source,
                        lineup_error_sink *errors);
} lineup_state;

#ifdef __cplusplus
}
#endif

#endif
