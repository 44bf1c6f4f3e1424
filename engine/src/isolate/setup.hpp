// SPDX-License-Identifier: Apache-2.0
//
// What a worker is told when it begins, and what it answers, as JSON: the plugin and its
// configuration, the names of the policy, and what the instance bound.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "node/instance.hpp"

namespace lineup {

struct Setup {
  std::string library;       // the staged copy
  std::string content_hash;  // of it
  lineup_kind kind = 0;
  std::string type;  // name of the node type
  std::string config;
  NodeLayout layout;  // its pointers go to the three below
  Schema schema;
  ContextLayout context;
  std::vector<Objective> objectives;
};

struct SetupAnswer {
  NodeBindings bindings;
  std::vector<std::string> context;  // all paths, in the order of their slots
  std::vector<std::string> created;  // float columns that the scorer writes and nobody declared
};

[[nodiscard]] std::string write_setup(const NodeType& type, const std::string& config,
                                      const NodeLayout& layout);
// False when the text is no setup.
[[nodiscard]] bool read_setup(std::string_view text, Setup& out);
[[nodiscard]] std::string write_answer(const SetupAnswer& answer);
[[nodiscard]] std::string write_answer(const Error& error);
// The worker's error, or isolate/worker when it wrote something else.
[[nodiscard]] Result<SetupAnswer> read_answer(std::string_view text);

}  // namespace lineup
