/* SPDX-License-Identifier: Apache-2.0
 *
 * An entry of another program that chose the same name.
 */
#include "hostile.h"

HOSTILE_METADATA("wrong_magic", "generator");
HOSTILE_PLUGIN_WITH("wrong_magic", LINEUP_KIND_GENERATOR, LINEUP_EXT_GENERATOR, hostile_table,
                    LINEUP_ABI_MAJOR, 0x12345678U, hostile_init, hostile_create);
