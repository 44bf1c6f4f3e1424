/* SPDX-License-Identifier: Apache-2.0
 *
 * A symbol that the loader makes one for the whole process, as compilers do for statics of
 * templates.
 */
#include "hostile.h"

__asm__(
    ".globl lineup_test_unique\n"
    ".type lineup_test_unique, @gnu_unique_object\n"
    ".data\n"
    "lineup_test_unique: .long 1\n"
    ".size lineup_test_unique, 4\n"
    ".text\n");

HOSTILE_METADATA("unique_symbol", "generator");
HOSTILE_GENERATOR("unique_symbol", hostile_table, hostile_init, hostile_create);
