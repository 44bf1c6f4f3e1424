/* SPDX-License-Identifier: Apache-2.0
 *
 * A shared library like any other.
 */
int lineup_entry = 1;
