// SPDX-License-Identifier: Apache-2.0
//
// Names that nothing reads. Conditions are looked at as texts, code as source: a name that stands
// in a comment counts as read, and is not complained of.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "facade/check/lint.hpp"

namespace lineup {

namespace {

// Whether `text` has `name` as a whole: not as the beginning of a longer one.
bool has_name(const std::string& text, const std::string& name) {
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    const auto next = end < text.size() ? static_cast<unsigned char>(text[end]) : '\0';
    if (std::isalnum(next) == 0 && next != '_') return true;
  }
  return false;
}

bool has_name(const std::vector<Condition>& conditions, const std::string& name) {
  return std::any_of(conditions.begin(), conditions.end(),
                     [&name](const Condition& each) { return has_name(each.text(), name); });
}

bool has_name(const CompiledConstraint& constraint, const std::string& name) {
  return has_name(constraint.where.text(), name) || has_name(constraint.right.text(), name) ||
         has_name(constraint.channels, name);
}

}  // namespace

bool reads_name(const Plan& plan, const std::string& name) {
  if (has_name(plan.segments, name)) return true;
  for (const CodeUse& code : plan.code_uses) {
    if (has_name(code.rule->source, name) || has_name(code.conditions, name)) return true;
  }
  return std::any_of(plan.uses.begin(), plan.uses.end(), [&name](const RuleUse& use) {
    return has_name(use.when.text(), name) ||
           std::any_of(use.constraints.begin(), use.constraints.end(),
                       [&name](const auto& each) { return has_name(each, name); });
  });
}

void lint_lists(const std::vector<const Plan*>& plans, const std::vector<ListFile>& lists,
                Diagnostics& diagnostics) {
  for (const ListFile& list : lists) {
    const bool is_read = std::any_of(plans.begin(), plans.end(), [&list](const Plan* plan) {
      return reads_name(*plan, "list." + list.name);
    });
    if (is_read) continue;
    Span span;
    span.file = list.path;
    diagnostics
        .warning(std::move(span), "lint/unused-list",
                 fmt::format("list `{}` is read by no policy", list.name),
                 fmt::format("write `list.{}` into a condition, or take the file out", list.name))
        .arguments = {{"list", list.name}};
  }
}

}  // namespace lineup
