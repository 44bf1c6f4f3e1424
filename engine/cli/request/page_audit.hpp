// SPDX-License-Identifier: Apache-2.0
//
// What `lineup verify` finds on pages that anybody made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace lineup::cli {

// LIMIT: worst pages kept, of each rule and of all, and pages named that could not be judged:
// enough to look at.
inline constexpr std::size_t kExamplesMax = 3;
inline constexpr std::size_t kWorstPagesMax = 5;
inline constexpr std::size_t kBrokenShownMax = 20;

// A page that breaks a rule so often.
struct AuditExample {
  std::uint64_t line = 0;  // of the requests
  std::string id;
  std::uint64_t violations = 0;
};

// One rule over all pages.
struct AuditedRule {
  std::uint64_t pages = 0;
  std::uint64_t violations = 0;
  bool is_soft = false;
  std::vector<AuditExample> examples;  // worst first
};

// A page with everything that it breaks.
struct WorstPage {
  AuditExample page;                                         // violations of hard rules
  std::vector<std::pair<std::string, std::uint64_t>> rules;  // hard ones, by violations
  std::vector<std::string> items;
};

// A page that could not be judged: unknown items, an item twice, a request that cannot be read.
struct BrokenPage {
  std::uint64_t line = 0;  // of the requests, or of the pages when there is no request
  std::string id;
  std::string message;
};

struct AuditReport {
  std::uint64_t pages = 0;
  std::uint64_t clean = 0;       // no hard rule broken
  std::uint64_t violations = 0;  // of hard rules
  std::uint64_t requests_without_page = 0;
  std::uint64_t broken_count = 0;
  std::map<std::string, AuditedRule> rules;  // "scene/rule"
  std::vector<WorstPage> worst;              // worst first
  std::vector<BrokenPage> broken;            // the first of them

  [[nodiscard]] bool holds() const { return clean == pages && broken_count == 0; }

  // Notes what one page breaks.
  void add_broken_rule(const std::string& rule, bool is_soft, const AuditExample& example);
  void add_page(WorstPage page);
  void add_unjudged(BrokenPage page);
  void merge(const AuditReport& other);
};

}  // namespace lineup::cli
