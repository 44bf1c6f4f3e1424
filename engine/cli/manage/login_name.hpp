// SPDX-License-Identifier: Apache-2.0
//
// Who runs this program, for the audit and the log.
#pragma once

#include <string>

namespace lineup::cli {

// The login's name, or its number.
[[nodiscard]] std::string login_name();

}  // namespace lineup::cli
