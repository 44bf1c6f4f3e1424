// SPDX-License-Identifier: Apache-2.0
//
// Lists stay short and in an order that does not depend on which thread met which page.
#include "cli/request/page_audit.hpp"

#include <algorithm>
#include <tuple>

namespace lineup::cli {

namespace {

bool is_worse(const AuditExample& a, const AuditExample& b) {
  return std::tuple(b.violations, a.line) < std::tuple(a.violations, b.line);
}

bool is_worse_page(const WorstPage& a, const WorstPage& b) { return is_worse(a.page, b.page); }

bool is_earlier(const BrokenPage& a, const BrokenPage& b) {
  return std::tie(a.line, a.id) < std::tie(b.line, b.id);
}

template <typename T>
void keep(std::vector<T>& list, T one, std::size_t most, bool (*before)(const T&, const T&)) {
  if (list.size() == most && !before(one, list.back())) return;
  list.insert(std::upper_bound(list.begin(), list.end(), one, before), std::move(one));
  if (list.size() > most) list.pop_back();
}

}  // namespace

void AuditReport::add_broken_rule(const std::string& rule, bool is_soft,
                                  const AuditExample& example) {
  AuditedRule& audited = rules[rule];
  audited.is_soft = is_soft;
  ++audited.pages;
  audited.violations += example.violations;
  keep(audited.examples, example, kExamplesMax, is_worse);
}

void AuditReport::add_page(WorstPage page) {
  violations += page.page.violations;
  if (page.rules.empty()) {
    ++clean;
    return;
  }
  std::stable_sort(page.rules.begin(), page.rules.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  keep(worst, std::move(page), kWorstPagesMax, is_worse_page);
}

void AuditReport::add_unjudged(BrokenPage page) {
  ++broken_count;
  keep(broken, std::move(page), kBrokenShownMax, is_earlier);
}

void AuditReport::merge(const AuditReport& other) {
  pages += other.pages;
  clean += other.clean;
  violations += other.violations;
  requests_without_page += other.requests_without_page;
  broken_count += other.broken_count;
  for (const auto& [name, rule] : other.rules) {
    AuditedRule& sum = rules[name];
    sum.is_soft = rule.is_soft;
    sum.pages += rule.pages;
    sum.violations += rule.violations;
    for (const AuditExample& example : rule.examples) {
      keep(sum.examples, example, kExamplesMax, is_worse);
    }
  }
  for (const WorstPage& page : other.worst) keep(worst, page, kWorstPagesMax, is_worse_page);
  for (const BrokenPage& page : other.broken) keep(broken, page, kBrokenShownMax, is_earlier);
}

}  // namespace lineup::cli
