// SPDX-License-Identifier: Apache-2.0
//
// Where the sources and the build stand. Variables of one small library, not definitions of every
// test: what a test compiles to is then the same in every checkout, and a compiler cache knows it.
#pragma once

#include <string>

namespace lineup {

extern const std::string kSourceDir;
extern const std::string kBinaryDir;

}  // namespace lineup
