// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the whole engine share: a bundle of their own on disk, a feed whose columns are
// known, and the engine opened as a host opens it.
#pragma once

#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "lineup/engine.hpp"

namespace lineup {

// The graph that most bundles of these tests use.
inline constexpr std::string_view kGraph =
    "graph:\n"
    "  - {id: page,  generate: score_order}\n"
    "  - {id: value, evaluate: weighted_sum, from: [page]}\n"
    "  - {id: best,  select: best, from: [value]}\n";

// A policy of the scene `home` with a page of 10; `rules` are lines of the list, `rest` what stands
// below it.
inline std::string policy(const std::string& rules, const std::string& rest = std::string(kGraph)) {
  return "lineup: 1\n"
         "scene: home\n"
         "page: 10\n"
         "columns:\n"
         "  score:    {type: float}\n"
         "  category: {type: category}\n"
         "  author:   {type: category}\n"
         "  type:     {type: category}\n"
         "  is_new:   {type: bool, default: false}\n"
         "objectives:\n"
         "  relevance: {column: score, default: 1.0, min: 0.0, max: 5.0, max_step: 0.5}\n" +
         (rules.empty() ? std::string() : "rules:\n" + rules) + rest;
}

// A directory with a bundle in it, removed with this.
class TestBundle {
 public:
  TestBundle() {
    std::string name = (std::filesystem::temp_directory_path() / "lineup-engine-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
    root_ = std::filesystem::canonical(name).string();
  }
  ~TestBundle() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  TestBundle(const TestBundle&) = delete;
  TestBundle& operator=(const TestBundle&) = delete;

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string path(const std::string& name) const { return root_ + "/" + name; }

  // Replaces a file as editors and deployments do: whole, by a rename.
  void write(const std::string& name, std::string_view contents) const {
    const std::filesystem::path target = path(name);
    std::filesystem::create_directories(target.parent_path());
    const std::string draft = root_ + "/draft~";
    std::ofstream(draft, std::ios::binary | std::ios::trunc) << contents;
    std::filesystem::rename(draft, target);
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(path(name)); }
  // Puts a shared library into plugins/, with `trailer` after its last byte: other contents, same
  // behaviour.
  void add_plugin(const std::string& library, const std::string& name,
                  const std::string& trailer = {}) const {
    std::ifstream file(library, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + library);
    std::ostringstream contents;
    contents << file.rdbuf();
    write("plugins/" + name + ".so", contents.str() + trailer);
  }

 private:
  std::string root_;
};

// Candidates v0 .. v(n-1), best first. Neighbours come in pairs of one category, and category,
// author and type repeat with different periods, so that rules about them have something to do.
class Feed {
 public:
  explicit Feed(std::uint32_t rows) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      ids.add("v" + std::to_string(row));
      scores.push_back(1.0 - row * 0.01);
      category.add("c" + std::to_string(row / 2 % 4));
      author.add("a" + std::to_string(row % 7));
      type.add(row % 5 == 4 ? "ad" : row % 3 == 0 ? "video" : "post");
      is_new.push_back(row % 6 == 5 ? 1 : 0);
    }
  }

  host::Texts ids;
  std::vector<double> scores;
  host::Texts category;
  host::Texts author;
  host::Texts type;
  std::vector<std::uint8_t> is_new;
};

// An engine that logs into `log` instead of the test's output.
inline host::Options quiet_options(const std::string& bundle, std::string* log = nullptr) {
  host::Options options;
  options.bundle = bundle;
  options.log = [log](host::Level, std::string_view line) {
    if (log != nullptr) log->append(line).append("\n");
  };
  return options;
}

// One caller: the names bound once, and a request that is filled anew for each call.
class Caller {
 public:
  explicit Caller(host::Engine& engine, std::string_view scene = "home") : engine_(&engine) {
    scene_ = engine.scene(scene);
    score_ = engine.column("score");
    category_ = engine.column("category");
    author_ = engine.column("author");
    type_ = engine.column("type");
    is_new_ = engine.column("is_new");
  }

  // The request for `feed`, to be changed by the test before it is sent.
  host::Request& prepare(const Feed& feed) {
    rows.clear(static_cast<std::uint32_t>(feed.scores.size()));
    rows.ids(feed.ids);
    rows.column(score_, feed.scores);
    rows.column(category_, feed.category);
    rows.column(author_, feed.author);
    rows.column(type_, feed.type);
    rows.column(is_new_, feed.is_new);
    request.clear();
    request.scene(scene_);
    request.candidates(rows);
    return request;
  }
  [[nodiscard]] host::Result rerank() { return engine_->rerank(request); }
  [[nodiscard]] host::Result rerank(const Feed& feed) { return engine_->rerank(prepare(feed)); }

  host::Rows rows;
  host::Request request;

 private:
  host::Engine* engine_;
  lineup_handle scene_;
  lineup_handle score_;
  lineup_handle category_;
  lineup_handle author_;
  lineup_handle type_;
  lineup_handle is_new_;
};

// The slate as ids, such as "v3 v1 v7".
inline std::string shown(const host::Result& result, const Feed& feed) {
  std::string out;
  for (const std::uint32_t row : result.slate()) {
    out += (out.empty() ? "" : " ") + std::string(feed.ids[row]);
  }
  return out;
}

inline std::vector<std::uint32_t> slate_of(const host::Result& result) {
  return {result.slate().begin(), result.slate().end()};
}

}  // namespace lineup
