// SPDX-License-Identifier: Apache-2.0
//
// A name that the policy reads and the request lacks is told together with the names that the
// request has and nobody reads: after a change of name both are there.
#include "cli/request/request_notes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lineup::cli {

namespace {

using Names = std::vector<std::string>;

// LIMIT: names listed in one sentence.
constexpr std::size_t kNamesMax = 8;

bool has(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string listed(const Names& names) {
  std::string out;
  for (std::size_t i = 0; i < std::min(names.size(), kNamesMax); ++i) {
    out += fmt::format("{}`{}`", i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kNamesMax) out += fmt::format(" and {} more", names.size() - kNamesMax);
  return out;
}

// What stands in `all` and not in `known`.
Names without(const Names& all, const Names& known) {
  Names out;
  for (const std::string& name : all) {
    if (!has(known, name)) out.push_back(name);
  }
  return out;
}

void add_missing(std::string_view what, std::string_view reads, const Names& missing,
                 const Names& unread, Names& out) {
  if (missing.empty()) return;
  std::string note =
      fmt::format("{} {}, which the policy reads: missing in {}", what, listed(missing), reads);
  if (!unread.empty()) note += fmt::format("; it has {}, which nothing reads", listed(unread));
  out.push_back(std::move(note));
}

void add_columns(const RequestLine& request, const SceneDescription& scene, Names& out) {
  Names carried;
  for (std::size_t i = 0; i < request.candidates.column_count(); ++i) {
    if (!request.candidates.at(i).is_empty()) carried.push_back(request.candidates.at(i).name());
  }
  add_missing("the request has no column", "every row", without(scene.needed, carried),
              without(carried, scene.columns), out);
}

void add_context(const RequestLine& request, const SceneDescription& scene, Names& out) {
  Names carried;
  for (const ContextValue& value : request.context) {
    if (value.kind != LINEUP_VALUE_MISSING) carried.push_back(value.path);
  }
  add_missing("the request's context has no", "every condition", without(scene.context, carried),
              without(carried, scene.context), out);
}

void add_settings(const std::vector<std::pair<std::string, double>>& given,
                  const SceneDescription& scene, Names& out) {
  for (const auto& [name, value] : given) {
    const auto found = std::find_if(scene.settings.begin(), scene.settings.end(),
                                    [&name = name](const auto& s) { return s.name == name; });
    if (found == scene.settings.end()) {
      out.push_back(
          fmt::format("the request sets `{}` to {}; the policy has no such", name, value));
    } else if (found->value != value) {
      out.push_back(fmt::format("the request sets `{}` to {}; the policy says {}", name, value,
                                found->value));
    }
  }
}

}  // namespace

std::vector<std::string> request_notes(const RequestLine& request, const SceneDescription& scene) {
  std::vector<std::string> out;
  add_columns(request, scene, out);
  add_context(request, scene, out);
  add_settings(request.weights, scene, out);
  add_settings(request.overrides, scene, out);
  return out;
}

}  // namespace lineup::cli
