/* SPDX-License-Identifier: Apache-2.0
 *
 * Exports a function besides its entry.
 */
#include "hostile.h"

LINEUP_EXPORT int lineup_test_also_here(void);
LINEUP_EXPORT int lineup_test_also_here(void) { return 1; }

HOSTILE_METADATA("exports_more", "generator");
HOSTILE_GENERATOR("exports_more", hostile_table, hostile_init, hostile_create);
