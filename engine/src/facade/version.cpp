// SPDX-License-Identifier: Apache-2.0
//
// Which version this is.
#include "lineup/engine.h"

#define LINEUP_STRING_OF(x) #x
#define LINEUP_STRING(x) LINEUP_STRING_OF(x)

const char* lineup_version(void) {
  return LINEUP_STRING(LINEUP_VERSION_MAJOR) "." LINEUP_STRING(
      LINEUP_VERSION_MINOR) "." LINEUP_STRING(LINEUP_VERSION_PATCH);
}
