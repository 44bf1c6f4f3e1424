/* SPDX-License-Identifier: Apache-2.0
 *
 * Has metadata, but exports nothing.
 */
#include "lineup/plugin.h"

LINEUP_METADATA("{\"name\":\"no_entry\"}");
const char* metadata(void);
const char* metadata(void) { return lineup_metadata_text; }
