/* SPDX-License-Identifier: Apache-2.0
 *
 * The metadata names a type that type_at() does not know.
 */
#include "hostile.h"

HOSTILE_METADATA("promised", "generator");
HOSTILE_GENERATOR("hollow_table", hostile_table, hostile_init, hostile_create);
