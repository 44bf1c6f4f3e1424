// SPDX-License-Identifier: Apache-2.0
//
// What every fuzzer is: one function that must survive any bytes. The same file is linked with the
// driver of this folder, which needs nothing but the usual compiler, or with libFuzzer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace lineup::fuzz {

// Inputs that are made, not kept as files: binary ones, for example.
std::vector<std::string> made_seeds();

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Ends the program when what must hold of any input does not.
inline void require(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << "\n";
  std::abort();
}

}  // namespace lineup::fuzz
