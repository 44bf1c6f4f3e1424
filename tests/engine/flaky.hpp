// SPDX-License-Identifier: Apache-2.0
//
// A host of nodes that fail when the request has 13 rows and dawdle when it has 17.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

inline constexpr std::uint32_t kFails = 13;
inline constexpr std::uint32_t kDawdles = 17;
inline constexpr std::uint32_t kFine = 12;

inline constexpr std::string_view kFlakyKinds[] = {"scorer", "generator", "evaluator",
                                                   "constraint"};

// The graph of `policy()` with a flaky node in it, which has `keys` beside its plugin. Where it
// takes part the last row is on top.
inline std::string flaky_graph(const std::string& kind, const std::string& keys) {
  const std::string node = "flaky_" + kind + (keys.empty() ? "" : ", " + keys) + "}\n";
  const std::string page = "  - {id: page, generate: score_order}\n";
  if (kind == "scorer") {
    return "graph:\n  - {id: flaky, score: " + node +
           "  - {id: page, generate: score_order, from: [flaky]}\n";
  }
  if (kind == "generator") {
    return "graph:\n" + page + "  - {id: flaky, generate: " + node +
           "  - {id: value, evaluate: flaky_evaluator, from: [page, flaky], on_failure: skip}\n";
  }
  if (kind == "evaluator") {
    return "graph:\n" + page + "  - {id: back, generate: flaky_generator}\n" +
           "  - {id: flaky, from: [page, back], evaluate: " + node;
  }
  return std::string(kGraph);
}

// A deadline that a busy machine does not meet: what fails here fails because it is told to.
inline constexpr std::string_view kPatient = "limits: {deadline_ms: 10000}\n";

class FlakyHost {
 public:
  FlakyHost(const std::string& rules, const std::string& rest) {
    for (const std::string_view kind : kFlakyKinds) {
      const std::string name = "flaky_" + std::string(kind);
      bundle.add_plugin(kBinaryDir + "/tests/engine_plugins/" + name + ".so", name);
    }
    const bool is_patient = rest.find("limits:") == std::string::npos;
    bundle.write("policies/home.yaml",
                 policy(rules, rest + std::string(is_patient ? kPatient : "")));
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
    caller = std::make_unique<Caller>(*engine);
  }

  host::Result ask(std::uint32_t rows) {
    feed = Feed(rows);
    return caller->rerank(feed);
  }
  // The row on the first slot; -1: the page is empty.
  static int top(const host::Result& result) {
    return result.slate().empty() ? -1 : static_cast<int>(result.slate()[0]);
  }
  [[nodiscard]] nlohmann::json status() const {
    return nlohmann::json::parse(engine->status_json());
  }
  [[nodiscard]] nlohmann::json breaker(const std::string& what, const std::string& name) const {
    const nlohmann::json all = status();
    for (const auto& entry : all["breakers"]) {
      if (entry.value(what, "") == name) return entry;
    }
    return {};
  }

  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  std::unique_ptr<Caller> caller;
  Feed feed{1};
};

inline bool is_said(const host::Result& result, std::string_view text) {
  for (const lineup_text& warning : result.warnings()) {
    if (std::string_view(warning.data, warning.size).find(text) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace lineup
