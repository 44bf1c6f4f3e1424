// SPDX-License-Identifier: Apache-2.0
//
// The least that a test needs, for plugins that bring no test framework: main() ends with
// `return lineup::testing::failed_checks();`.
#ifndef LINEUP_TESTING_CHECK_HPP
#define LINEUP_TESTING_CHECK_HPP

#include <cstdio>

#include "fake_host.hpp"

namespace lineup::testing {

inline int& failed_checks() {
  static int count = 0;
  return count;
}

// Says which claim does not hold.
inline void check(bool holds, const char* claim) {
  std::printf("%s: %s\n", holds ? "ok  " : "FAIL", claim);
  if (!holds) ++failed_checks();
}

// Whether the plugin refuses what `body` asks of it.
template <typename Body>
bool refuses(Body body) {
  try {
    body();
  } catch (const Refused&) {
    return true;
  }
  return false;
}

}  // namespace lineup::testing

#endif
