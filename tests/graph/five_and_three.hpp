// SPDX-License-Identifier: Apache-2.0
//
// A graph of five generators and three evaluators, one generator of which can be replaced by one
// that is slow, or by one that hangs in a process of its own.
#pragma once

#include <string>

#include "host.hpp"
#include "support/paths.hpp"

namespace lineup {

inline constexpr const char* kFairGenerator = "{id: five, generate: sampled, with: {slates: 4}}";
// Stops when it is told that its time is over.
inline constexpr const char* kSlowGenerator = "{id: five, generate: until_told, budget_ms: 0.5}";
// Never comes back.
inline constexpr const char* kHangingGenerator =
    "{id: five, generate: loops, isolation: process, budget_ms: 0.5}";

// A bundle with the policy, `five` as its last generator, and the plugins that it may name.
// limits: such as "{deadline_ms: 2}".
inline void write_five_and_three(const TestBundle& bundle, const std::string& five,
                                 const std::string& limits) {
  const std::string all = "from: [one, two, three, four, five]";
  std::string text =
      policy("  - {use: category_scatter, priority: 50, with: {window: 4, max: 2}}\n",
             "limits: " + limits +
                 "\n"
                 "graph:\n"
                 "  - {id: one,   generate: score_order}\n"
                 "  - {id: two,   generate: mmr, with: {categories: [{column: author}]}}\n"
                 "  - {id: three, generate: dpp, with: {ridge: 0.1, categories: [{column: "
                 "author}]}}\n"
                 "  - {id: four,  generate: sequence_beam, with: {width: 4, continue: '', "
                 "values: [{column: score}]}}\n"
                 "  - " +
                 five +
                 "\n"
                 "  - {id: worth,   evaluate: weighted_sum, " +
                 all +
                 "}\n"
                 "  - {id: variety, evaluate: diversity, " +
                 all +
                 ", with: {coverage: kinds, by: author}}\n"
                 "  - {id: early,   evaluate: discounted, " +
                 all +
                 ", with: {values: [{column: score, objective: head}], top: 3}}\n"
                 "  - {id: best, select: best, from: [worth, variety, early]}\n");
  const std::string mark = "objectives:\n";
  text.insert(text.find(mark) + mark.size(), "  kinds: {default: 0.5}\n  head:  {default: 0.1}\n");
  bundle.add_plugin(kBinaryDir + "/tests/hostile/loops.so", "loops");
  bundle.add_plugin(kBinaryDir + "/tests/hard_plugins/until_told.so", "until_told");
  bundle.write("policies/home.yaml", text);
}

}  // namespace lineup
