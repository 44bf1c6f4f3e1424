// SPDX-License-Identifier: Apache-2.0
//
// A bundle whose rule, policy, plugin and model are changed again and again, each time to contents
// that were never there before. The first two items of its pages say which rule and which plugin
// made them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

#include "../engine/host.hpp"
#include "support/paths.hpp"

namespace lineup {

class MovingBundle {
 public:
  static constexpr std::uint32_t kRows = 60;

  struct Front {
    std::uint32_t pinned = 0;
    std::uint32_t proposed = 0;
    bool operator==(const Front& other) const = default;
  };

  // With a model: a scorer stands before the page, and is made of it.
  explicit MovingBundle(bool has_model = false) : has_model_(has_model) {
    write_rule(-1);
    write_plugin(-1);
    if (has_model_) files.add_plugin(kBinaryDir + "/plugins/calibrate.so", "calibrate");
    if (has_model_) write_model(-1);
    write_policy(-1);
  }

  void write_rule(int step) {
    front.pinned = kVariants + static_cast<std::uint32_t>(step + 1) / 4 % (kRows - kVariants);
    files.write("rules/opener.lua",
                fmt::format("-- step {}\nreturn rule {{\n  name = \"opener\", about = \"Opens the "
                            "page.\",\n  parameters = {{ item = id {{ default = \"v{}\", about = "
                            "\"The first item.\" }} }},\n  constraints = function(p) return place "
                            "{{ id = p.item, slots = 1 }} end,\n}}\n",
                            step, front.pinned));
  }
  void write_plugin(int step) {
    front.proposed = static_cast<std::uint32_t>(step + 1) / 4 % kVariants;
    files.add_plugin(fmt::format("{}/tests/engine_plugins/front_{}.so", kBinaryDir, front.proposed),
                     "front", fmt::format("step {}", step));
  }
  // A curve of a thousand points that leaves the order as it is.
  void write_model(int step) const {
    std::string inputs;
    std::string outputs;
    for (int i = 0; i <= 1000; ++i) {
      inputs += fmt::format("{}{}", i == 0 ? "" : ",", i / 1000.0);
      outputs += fmt::format("{}{}", i == 0 ? "" : ",", i / (1000.0 + 0.001 * (step + 2)));
    }
    files.write("models/curves.json",
                "[{\"inputs\":[" + inputs + "],\"outputs\":[" + outputs + "]}]");
  }
  void write_policy(int step) const {
    const std::string scorer =
        has_model_ ? "  - {id: rates, score: calibrate, with: {curves: {model: curves}}}\n" : "";
    files.write("policies/home.yaml",
                fmt::format("# step {}\n", step) + policy("  - {use: opener, priority: 100}\n",
                                                          "graph:\n" + scorer +
                                                              "  - {id: page, generate: front}\n"
                                                              "limits: {deadline_ms: 60000}\n"));
  }
  // A plugin that stays in memory for good makes the pages, one more version of it each time.
  void write_staying(int step) const {
    files.add_plugin(kBinaryDir + "/tests/hostile/stays_loaded.so", "stays_loaded",
                     fmt::format("step {}", step));
    files.write("policies/home.yaml", policy("",
                                             "graph:\n  - {id: page, generate: stays_loaded}\n"
                                             "limits: {deadline_ms: 60000}\n"));
  }
  // A weight that was never set before, within the bounds and steps of the policy.
  static double weight_of(int step) { return 1.0 + (step % 4000) * 0.0001; }

  TestBundle files;
  Front front;  // of the page that should be seen

 private:
  static constexpr std::uint32_t kVariants = 8;
  bool has_model_ = false;
};

}  // namespace lineup
