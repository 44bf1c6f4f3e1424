// SPDX-License-Identifier: Apache-2.0
//
// What can be known of a plugin without running any of its code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "native/metadata.hpp"

namespace lineup {

struct LibraryFacts {
  Metadata metadata;
  std::uint16_t abi_major = 0;
  std::uint16_t abi_minor = 0;
  std::uint16_t required_minor = 0;
  std::vector<std::string> exports;   // what the file exports; only lineup_entry is asked for
  std::vector<std::string> findings;  // why it might not unload, or not be welcome: warnings
};

// Whether a host of this build can run a plugin made for that ABI. Code: native/abi. [any]
[[nodiscard]] Result<void> check_abi(std::uint16_t major, std::uint16_t required_minor);

// Codes: those of read_elf(), native/not-a-plugin (no metadata or no entry), native/abi,
// native/metadata, native/static-tls, native/unreadable. [any]
[[nodiscard]] Result<LibraryFacts> inspect(std::span<const std::byte> file);
[[nodiscard]] Result<LibraryFacts> inspect(const std::filesystem::path& path);

}  // namespace lineup
