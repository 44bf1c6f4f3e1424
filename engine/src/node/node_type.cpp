// SPDX-License-Identifier: Apache-2.0
//
// Two maps, one inside the other: a policy names a few nodes once per revision, so look-ups need
// not be fast, but lists must come sorted.
#include "node/node_type.hpp"

#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"

namespace lineup {

std::string_view name_of(lineup_kind kind) {
  switch (kind) {
    case LINEUP_KIND_SCORER:
      return "scorer";
    case LINEUP_KIND_GENERATOR:
      return "generator";
    case LINEUP_KIND_EVALUATOR:
      return "evaluator";
    case LINEUP_KIND_CONSTRAINT:
      return "constraint";
    default:
      return "node";
  }
}

const char* table_id(lineup_kind kind) {
  switch (kind) {
    case LINEUP_KIND_SCORER:
      return LINEUP_EXT_SCORER;
    case LINEUP_KIND_GENERATOR:
      return LINEUP_EXT_GENERATOR;
    case LINEUP_KIND_EVALUATOR:
      return LINEUP_EXT_EVALUATOR;
    case LINEUP_KIND_CONSTRAINT:
      return LINEUP_EXT_CONSTRAINT;
    default:
      return nullptr;
  }
}

void NodeRegistry::add(std::shared_ptr<const NodeType> type) {
  types_[type->kind][type->name] = std::move(type);
}

std::shared_ptr<const NodeType> NodeRegistry::find(lineup_kind kind, std::string_view name) const {
  const auto of_kind = types_.find(kind);
  if (of_kind == types_.end()) return nullptr;
  const auto found = of_kind->second.find(name);
  return found == of_kind->second.end() ? nullptr : found->second;
}

std::vector<std::string> NodeRegistry::names(lineup_kind kind) const {
  std::vector<std::string> names;
  const auto of_kind = types_.find(kind);
  if (of_kind == types_.end()) return names;
  for (const auto& entry : of_kind->second) names.push_back(entry.first);
  return names;
}

}  // namespace lineup
