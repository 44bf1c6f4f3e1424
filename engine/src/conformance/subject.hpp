// SPDX-License-Identifier: Apache-2.0
//
// The plugin under test: loaded as the engine loads it, made ready as a policy would.
#pragma once

#include <memory>
#include <string>

#include "conformance/cases.hpp"
#include "conformance/configs.hpp"

namespace lineup {

// One type, made with a configuration and ready to be called.
struct Subject {
  std::shared_ptr<const NodeType> type;
  std::string config;
  Wishes wishes;
  std::unique_ptr<MadePolicy> stage;
  std::shared_ptr<NodeInstance> instance;
  Arena arena;

  [[nodiscard]] CallAnswer call(const Shape& shape);
};

// Loads the library the way the engine does, without staging it first. [control]
[[nodiscard]] Result<std::shared_ptr<const Library>> load_subject(const CaseInput& input);

// Makes a type's subject. `with_optional`: the policy declares optional columns too. Codes:
// conformance/config when the plugin refuses the configuration, which is its right. [control]
[[nodiscard]] Result<std::unique_ptr<Subject>> make_subject(std::shared_ptr<const NodeType> type,
                                                            const std::string& config,
                                                            bool with_optional = true);

// Puts what was found of one type to what was found before: the worst verdict stays.
void merge(CaseOutcome& all, const std::string& type, CaseOutcome one);

// Loads, makes a subject of each type and asks `body` of it. What no configuration can be found for
// is skipped, and said.
CaseOutcome for_each_subject(const CaseInput& input,
                             const std::function<CaseOutcome(Subject&)>& body,
                             bool with_optional = true);

// Verdicts of single answers.
[[nodiscard]] CaseOutcome failed(std::string message);
[[nodiscard]] CaseOutcome warning(std::string message);
[[nodiscard]] CaseOutcome skipped(std::string message);
// Failed for faults of the contract, warning for doubts; statuses are not looked at.
[[nodiscard]] CaseOutcome judge_contract(const CallAnswer& answer);
// judge_contract(), and the call must have gone well.
[[nodiscard]] CaseOutcome judge_success(const CallAnswer& answer);

}  // namespace lineup
