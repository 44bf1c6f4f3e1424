// SPDX-License-Identifier: Apache-2.0
//
// The files of `models/`: what was learned offline and a plugin is configured with (curves, tables,
// small matrices). A policy puts one where a parameter's value would stand, `{model: NAME}`. From
// there on it is part of the plugin's configuration: held against the plugin's schema, replaced by
// a reload like any other change, and nodes that do not use it are taken over untouched.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "policy/document.hpp"

namespace lineup {

// LIMITS: a configuration is text, read by the plugin through JSON pointers. Weights by the million
// want another way.
inline constexpr std::size_t kModelBytesMax = 4U << 20;
inline constexpr std::size_t kModelValuesMax = 200'000;
inline constexpr std::size_t kModelDepthMax = 32;

// By name.
using Models = std::map<std::string, Value, std::less<>>;

// Reads a model: one JSON value. Reports the first thing that is wrong, with codes model/...; false
// when there was an error. Any bytes may be given. [control]
[[nodiscard]] bool parse_model(const std::string& path, std::string_view text, Value& out,
                               Diagnostics& diagnostics);

// Puts models where nodes and rules of the policy name them, and the names of those into `used`.
// Reports models that there are not, with code policy/unknown-model. [control]
void place_models(PolicyDocument& policy, const Models& models,
                  std::set<std::string, std::less<>>& used, Diagnostics& diagnostics);

}  // namespace lineup
