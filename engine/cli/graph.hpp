// SPDX-License-Identifier: Apache-2.0
//
// A scene's graph as a drawing: from the candidates over scorers, rules, generators and evaluators
// to the slate.
#pragma once

#include <string>

#include "facade/facade.hpp"

namespace lineup::cli {

// In the language of Graphviz. [any]
[[nodiscard]] std::string graph_dot(const SceneDescription& scene);
// As a picture of its own, no other file needed; colours follow the reader's light or dark. [any]
[[nodiscard]] std::string graph_svg(const SceneDescription& scene);

}  // namespace lineup::cli
