// SPDX-License-Identifier: Apache-2.0
#include "facade/bundle_tables.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <utility>

#include "facade/revision.hpp"

namespace lineup {

std::string stem_of(const std::string& path) { return std::filesystem::path(path).stem().string(); }

bool has_ending(const std::string& path, std::string_view ending) {
  return path.size() > ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

Span span_of(const BundleFile& file) {
  Span span;
  span.file = shown_path(file);
  return span;
}

namespace {

Lists read_lists(const Bundle& bundle, bool is_empty_said, Diagnostics& diagnostics) {
  Lists lists;
  for (const BundleFile* file : bundle.in_folder("lists")) {
    const bool is_new =
        lists.emplace(stem_of(file->path), std::make_shared<const IdList>(*file->contents)).second;
    if (is_empty_said && is_new && lists.at(stem_of(file->path))->size() == 0) {
      diagnostics.warning(span_of(*file), "bundle/empty-list",
                          fmt::format("list `{}` is empty: nothing is in it", stem_of(file->path)),
                          "write one value a line; a condition that asks for it never holds");
    }
    if (!is_new) {
      diagnostics.error(span_of(*file), "bundle/duplicate-list",
                        fmt::format("there are two lists named `{}`", stem_of(file->path)));
    }
  }
  return lists;
}

Pools read_pools(const Bundle& bundle, Diagnostics& diagnostics) {
  Pools pools;
  for (const BundleFile* file : bundle.in_folder("pools")) {
    if (!has_ending(file->path, ".yaml") && !has_ending(file->path, ".yml")) {
      diagnostics.warning(span_of(*file), "bundle/unread", "this file of pools/ is not read",
                          "a pool is a file NAME.yaml");
      continue;
    }
    const std::string name = stem_of(file->path);
    PoolDocument pool;
    (void)parse_pool(shown_path(*file), name, *file->contents, pool, diagnostics);
    if (!pools.emplace(name, std::move(pool)).second) {
      diagnostics.error(span_of(*file), "bundle/duplicate-pool",
                        fmt::format("there are two pools named `{}`", name));
    }
  }
  return pools;
}

Models read_models(const Bundle& bundle, Diagnostics& diagnostics) {
  Models models;
  for (const BundleFile* file : bundle.in_folder("models")) {
    if (!has_ending(file->path, ".json")) {
      diagnostics.warning(span_of(*file), "bundle/unread", "this file of models/ is not read",
                          "a model is a file NAME.json");
      continue;
    }
    Value model;
    (void)parse_model(shown_path(*file), *file->contents, model, diagnostics);
    models.emplace(stem_of(file->path), std::move(model));
  }
  return models;
}

}  // namespace

BundleTables read_tables(const Bundle& bundle, bool is_empty_said, Diagnostics& diagnostics) {
  return {read_lists(bundle, is_empty_said, diagnostics), read_pools(bundle, diagnostics),
          read_models(bundle, diagnostics)};
}

void lint_models(const BundleTables& tables, const std::set<std::string, std::less<>>& used,
                 Diagnostics& diagnostics) {
  for (const auto& [name, model] : tables.models) {
    if (used.contains(name)) continue;
    diagnostics
        .warning(model.span, "lint/unused-model",
                 fmt::format("model `{}` is used by no policy", name),
                 fmt::format("write `{{model: {}}}` where a plugin's parameter stands, or take the "
                             "file out",
                             name))
        .arguments = {{"model", name}};
  }
}

}  // namespace lineup
