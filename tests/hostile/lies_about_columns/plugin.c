/* SPDX-License-Identifier: Apache-2.0
 *
 * Reads a column that its metadata does not name.
 */
#include "hostile.h"

static lineup_status activate(lineup_instance* instance, const lineup_binder* binder,
                              lineup_error_sink* errors) {
  (void)instance;
  (void)errors;
  const lineup_text name = {"secret", 6};
  uint32_t index = 0;
  return binder->column(binder, name, LINEUP_TYPE_F64, LINEUP_COLUMN_OPTIONAL, &index);
}

HOSTILE_METADATA("lies_about_columns", "generator");
#define hostile_activate activate
HOSTILE_GENERATOR("lies_about_columns", hostile_table, hostile_init, hostile_create);
