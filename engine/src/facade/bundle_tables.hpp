// SPDX-License-Identifier: Apache-2.0
//
// The files of a bundle that policies name and that are no code: lists, pools and models.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"
#include "plan/compile.hpp"
#include "policy/models.hpp"
#include "reload/bundle.hpp"

namespace lineup {

struct BundleTables {
  Lists lists;
  Pools pools;
  Models models;
};

// Reads all of them, used or not, and reports what is wrong; `is_empty_said`: of empty lists too.
// [control]
[[nodiscard]] BundleTables read_tables(const Bundle& bundle, bool is_empty_said,
                                       Diagnostics& diagnostics);

// Warns of models that no policy uses. Code: lint/unused-model. [control]
void lint_models(const BundleTables& tables, const std::set<std::string, std::less<>>& used,
                 Diagnostics& diagnostics);

// The name that a file has for policies: without folder and ending.
[[nodiscard]] std::string stem_of(const std::string& path);
[[nodiscard]] bool has_ending(const std::string& path, std::string_view ending);
[[nodiscard]] Span span_of(const BundleFile& file);

}  // namespace lineup
