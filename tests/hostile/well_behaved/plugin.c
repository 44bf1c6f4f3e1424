/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing wrong: what the others are compared with.
 */
#include "hostile.h"

HOSTILE_METADATA("well_behaved", "generator");
HOSTILE_GENERATOR("well_behaved", hostile_table, hostile_init, hostile_create);
