// SPDX-License-Identifier: Apache-2.0
//
// A bundle whose rule, policy and plugin are changed again and again, each time to contents that
// were never there before. The first two items of its pages say which rule and which plugin made
// them.
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

  MovingBundle() {
    write_rule(-1);
    write_plugin(-1);
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
  void write_policy(int step) const {
    files.write("policies/home.yaml", fmt::format("# step {}\n", step) +
                                          policy("  - {use: opener, priority: 100}\n",
                                                 "graph:\n  - {id: page, generate: front}\n"
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
};

}  // namespace lineup
