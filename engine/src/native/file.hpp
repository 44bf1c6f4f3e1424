// SPDX-License-Identifier: Apache-2.0
//
// Whole files in memory, and descriptors that close themselves.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace lineup {

// Owns a file descriptor; -1 owns nothing.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { reset(); }
  void reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

// The bytes of a regular file. Codes: native/unreadable, native/size (more than `max_bytes`).
// [control]
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::uint64_t max_bytes);

// "`/tmp/x.so`: permission denied": what the system said about a path, for messages.
[[nodiscard]] std::string system_message(const std::filesystem::path& path, int error_number);

}  // namespace lineup
