// SPDX-License-Identifier: Apache-2.0
//
// Standard output of the verbs that print a report.
#pragma once

#include <string_view>

namespace lineup::cli {

void print_line(std::string_view line);

// Sends on what was printed. False, after saying why, when it could not be written; without a word
// when the reader of a pipe has gone.
[[nodiscard]] bool print_done();

}  // namespace lineup::cli
