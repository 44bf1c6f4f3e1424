// SPDX-License-Identifier: Apache-2.0
//
// The offline verbs on the command line. For the units that know CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/offline/options.hpp"

namespace lineup::cli {

struct OfflineVerbs {
  ImportOptions import;
  EvaluateOptions evaluate;
  SimulateOptions simulate;
  ListEffectOptions list_effect;
};

// Adds `import`, `evaluate` and `simulate`; the one that is named ends up in `chosen`. The options
// must outlive the parsing.
void declare_offline(CLI::App& app, std::function<int()>& chosen, OfflineVerbs& options);

}  // namespace lineup::cli
