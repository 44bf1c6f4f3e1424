// SPDX-License-Identifier: Apache-2.0
#include "support/paths.hpp"

namespace lineup {

const std::string kSourceDir = LINEUP_SOURCE_DIR;
const std::string kBinaryDir = LINEUP_BINARY_DIR;

}  // namespace lineup
