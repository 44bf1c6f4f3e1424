// SPDX-License-Identifier: Apache-2.0
//
// A clock that stands still until it is told otherwise, and a disk whose power can be cut after any
// operation.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "rollout/store_files.hpp"

namespace lineup {

class FakeClock final : public Clock {
 public:
  [[nodiscard]] std::int64_t monotonic_ns() const override { return now_ms * 1'000'000; }
  [[nodiscard]] std::int64_t wall_ms() const override { return now_ms; }
  std::int64_t now_ms = 1'800'000'000'000;
};

class FakeDisk final : public StoreFiles {
 public:
  int operations = 0;   // that changed something
  int dies_after = -1;  // so many; -1: never

  Result<void> make_directory(const std::string& path) override {
    if (!step()) return dead();
    directories_.insert(path);
    return {};
  }
  Result<void> write(const std::string& path, std::string_view bytes) override {
    if (!step()) {
      // The write that was cut off left a half behind; those after it did nothing.
      if (operations == dies_after + 1) files_[path] = bytes.substr(0, bytes.size() / 2);
      return dead();
    }
    files_[path] = bytes;
    return {};
  }
  Result<void> link(const std::string& from, const std::string& to) override {
    if (!step()) return dead();
    files_[to] = files_.at(from);
    return {};
  }
  Result<void> rename(const std::string& from, const std::string& to) override {
    if (!step()) return dead();
    std::map<std::string, std::string> moved;
    for (auto at = files_.begin(); at != files_.end();) {
      if (at->first == from || at->first.starts_with(from + "/")) {
        moved[to + at->first.substr(from.size())] = at->second;
        at = files_.erase(at);
      } else {
        ++at;
      }
    }
    if (moved.empty() && directories_.erase(from) == 0)
      return failure("rollout/not-found", "`" + from + "` is not there");
    directories_.insert(to);
    for (auto& [path, contents] : moved) files_[path] = contents;
    return {};
  }
  Result<std::string> read(const std::string& path) override {
    const auto at = files_.find(path);
    if (at == files_.end()) return failure("rollout/not-found", "`" + path + "` is not there");
    return at->second;
  }
  std::vector<std::string> list(const std::string& directory) override {
    std::set<std::string> names;
    for (const auto& [path, contents] : files_) {
      if (!path.starts_with(directory + "/")) continue;
      const std::string rest = path.substr(directory.size() + 1);
      names.insert(rest.substr(0, rest.find('/')));
    }
    return {names.begin(), names.end()};
  }
  Result<void> remove(const std::string& path) override {
    if (!step()) return dead();
    std::erase_if(files_, [&](const auto& file) {
      return file.first == path || file.first.starts_with(path + "/");
    });
    return {};
  }
  bool is_linked(const std::string& path) override {
    int same = 0;
    for (const auto& [other, contents] : files_) {
      same += contents == files_.at(path) && other.find("/kept/") != std::string::npos ? 1 : 0;
    }
    return same > 0;
  }

  // The machine is switched on again.
  void revive() {
    dies_after = -1;
    operations = 0;
  }
  void damage(const std::string& path) { files_.at(path) += "?"; }
  [[nodiscard]] const std::map<std::string, std::string>& files() const { return files_; }

 private:
  bool step() { return dies_after < 0 || ++operations <= dies_after ? count() : false; }
  bool count() {
    if (dies_after < 0) ++operations;
    return true;
  }
  static tl::unexpected<Error> dead() { return failure("rollout/disk", "the power is cut"); }

  std::map<std::string, std::string> files_;
  std::set<std::string> directories_;
};

}  // namespace lineup
