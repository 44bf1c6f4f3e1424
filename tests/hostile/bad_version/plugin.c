/* SPDX-License-Identifier: Apache-2.0
 *
 * Its version is a word.
 */
#include "hostile.h"

LINEUP_METADATA(
    "{\"name\":\"bad_version\",\"version\":\"newest\",\"types\":[{\"name\":\"bad_version\","
    "\"kind\":\"generator\"}]}");
HOSTILE_GENERATOR("bad_version", hostile_table, hostile_init, hostile_create);
