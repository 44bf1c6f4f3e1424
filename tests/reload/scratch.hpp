// SPDX-License-Identifier: Apache-2.0
//
// A directory of its own for one test case, and the ways in which people write into it.
#pragma once

#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace lineup {

class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "lineup-reload-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
    // The real path, so that a test can compare paths with what the engine found.
    root_ = std::filesystem::canonical(name).string();
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string path(const std::string& name) const { return root_ + "/" + name; }

  void make_folder(const std::string& name) const {
    std::filesystem::create_directories(path(name));
  }
  // In place: truncates, writes, closes.
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary | std::ios::trunc) << text;
  }
  // As editors do it: another file, then a rename.
  void rename_save(const std::string& name, const std::string& text) const {
    write(name + ".tmp", text);
    std::filesystem::rename(path(name) + ".tmp", path(name));
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(path(name)); }
  void link(const std::string& target, const std::string& name) const {
    std::filesystem::create_symlink(target, path(name));
  }

 private:
  std::string root_;
};

}  // namespace lineup
