/* SPDX-License-Identifier: Apache-2.0
 *
 * Its type has an id without a revision.
 */
#include "hostile.h"

HOSTILE_METADATA("bad_id", "generator");
#undef HOSTILE_ID
#define HOSTILE_ID(name_text) "somebody's plugin"
HOSTILE_GENERATOR("bad_id", hostile_table, hostile_init, hostile_create);
