/* SPDX-License-Identifier: Apache-2.0
 *
 * The default of its parameter is above the maximum.
 */
#include "hostile.h"

LINEUP_METADATA(
    "{\"name\":\"invalid_schema\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"invalid_schema\","
    "\"kind\":\"generator\",\"configuration\":{\"type\":\"object\",\"properties\":{\"depth\":"
    "{\"type\":\"integer\",\"maximum\":3,\"default\":9,\"description\":\"How deep.\"}}}}]}");
HOSTILE_GENERATOR("invalid_schema", hostile_table, hostile_init, hostile_create);
