// SPDX-License-Identifier: Apache-2.0
//
// What `lineup verify` finds on pages that anybody made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lineup::cli {

// One rule over all pages.
struct AuditedRule {
  std::uint64_t pages = 0;
  std::uint64_t violations = 0;
  bool is_soft = false;
  std::vector<std::string> examples;  // ids of requests
};

// A page that is none: unknown items, an item twice, a request that cannot be read.
struct BrokenPage {
  std::string id;
  std::string message;
};

struct AuditReport {
  std::uint64_t pages = 0;
  std::uint64_t clean = 0;  // no hard rule broken
  std::uint64_t requests_without_page = 0;
  std::map<std::string, AuditedRule> rules;  // "scene/rule"
  std::vector<BrokenPage> broken;

  [[nodiscard]] bool holds() const { return clean == pages && broken.empty(); }
};

}  // namespace lineup::cli
