// SPDX-License-Identifier: Apache-2.0
//
// Reads a shared library as a file, without loading it. The loader of the C library trusts what it
// maps: a truncated file kills the process. So every offset is checked here first.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace lineup {

// What matters of a shared library.
struct ElfFacts {
  std::vector<std::string> exports;  // defined global or weak dynamic symbols, unique ones included
  std::vector<std::string> unique;   // STB_GNU_UNIQUE among them: they pin the library
  std::vector<std::string> imports;  // undefined dynamic symbols
  bool has_static_tls = false;       // DF_STATIC_TLS: may fail to load when others did
  bool has_nodelete = false;         // DF_1_NODELETE: can never be unloaded
  std::span<const std::byte> metadata;  // section .lineup_metadata; empty when there is none
  std::span<const std::byte> entry;     // the bytes of lineup_entry, up to the end of its segment's
                                        // file part; empty when it is not exported
};

// The spans of the answer point into `file`. Codes: native/truncated (ends early, or something
// reaches past its end), native/not-a-library (no ELF file, or no shared object), native/foreign
// (for another machine). [any]
[[nodiscard]] Result<ElfFacts> read_elf(std::span<const std::byte> file);

}  // namespace lineup
