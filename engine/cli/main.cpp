// SPDX-License-Identifier: Apache-2.0
//
// The `lineup` program: finds the verb and hands over.
#include <cstdio>

#include "lineup/engine.h"

int main() {
  std::printf("lineup %d.%d.%d\n", LINEUP_VERSION_MAJOR, LINEUP_VERSION_MINOR, LINEUP_VERSION_PATCH);
  return 0;
}
