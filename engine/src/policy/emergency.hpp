// SPDX-License-Identifier: Apache-2.0
//
// An emergency overlay as it is written: what is taken off the pages now, until when, by whom and
// why. There is no key that adds or promotes anything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace lineup {

// LIMIT: an emergency that lasts longer is a rule, and belongs into a policy.
inline constexpr std::int64_t kEmergencyMostMs = 7LL * 24 * 3600 * 1000;

struct EmergencyDocument {
  struct Values {
    std::string column;  // or `id`
    std::vector<std::string> values;
    Span span;
  };
  struct ListUse {
    std::string column;  // or `id`
    std::string list;
    Span span;
  };
  struct Name {
    std::string name;
    Span span;
  };
  std::string path;
  std::string who;
  std::string why;
  std::int64_t until_ms = 0;        // the first moment without it
  double most = 0.1;                // share of a request's rows that it may take away
  std::vector<std::string> scenes;  // empty: all
  std::vector<Values> values;
  std::vector<ListUse> lists;
  std::vector<Name> switched_off;

  [[nodiscard]] bool speaks_for(std::string_view scene) const;
};

// Everything that is wrong with the text at `now_ms`, when it has not run out yet; one that ran out
// is right. Codes: those of policies, and emergency/... False when there was an error. [control]
bool parse_emergency(const std::string& path, std::string_view text, std::int64_t now_ms,
                     EmergencyDocument& out, Diagnostics& diagnostics);

}  // namespace lineup
