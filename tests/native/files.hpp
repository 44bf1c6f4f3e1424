// SPDX-License-Identifier: Apache-2.0
//
// Directories that vanish with the test, whole files, and the fixtures of tests/hostile.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>

#include "native/library.hpp"

namespace lineup::testing {

// A directory of the test's own, removed at the end.
class Scratch {
 public:
  Scratch() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path() /
            ("lineup_native_" + std::to_string(::getpid()) + "_" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(stream)), {});
}

inline void write_all(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::filesystem::path hostile(const std::string& name) {
  return std::filesystem::path(LINEUP_HOSTILE_DIR) / (name + ".so");
}

// A staging directory and the helper, as a host sets them up.
struct Setting {
  Scratch scratch;
  StagingDirectory staging = StagingDirectory::open(scratch.path() / "staged").value();
  ProbeOptions probing{LINEUP_PROBE, 10'000};

  [[nodiscard]] Result<std::shared_ptr<const Library>> open(
      const std::filesystem::path& source) const {
    return Library::open(source, staging, probing);
  }
  // A copy whose content nobody has seen: bytes after the end change no library.
  [[nodiscard]] std::filesystem::path variant(const std::string& name,
                                              const std::string& tail) const {
    const auto path = scratch.path() / (name + "_" + std::to_string(tail.size()) + ".so");
    write_all(path, read_all(hostile(name)) + tail);
    return path;
  }
};

// How many mappings of this process mention `path`.
inline int mappings_of(const std::filesystem::path& path) {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.find(path.string()) != std::string::npos) ++count;
  }
  return count;
}

}  // namespace lineup::testing
