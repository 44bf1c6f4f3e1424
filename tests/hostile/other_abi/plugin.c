/* SPDX-License-Identifier: Apache-2.0
 *
 * Made for another major version of the interface.
 */
#include "hostile.h"

HOSTILE_METADATA("other_abi", "generator");
HOSTILE_PLUGIN_WITH("other_abi", LINEUP_KIND_GENERATOR, LINEUP_EXT_GENERATOR, hostile_table,
                    LINEUP_ABI_MAJOR + 1, LINEUP_PLUGIN_MAGIC, hostile_init, hostile_create);
