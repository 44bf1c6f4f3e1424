// SPDX-License-Identifier: Apache-2.0
//
// An evaluation as its readers get it.
#pragma once

#include <string>
#include <vector>

#include "cli/offline/tally.hpp"

namespace lineup::cli {

// What an interval says of the arm against the first one.
[[nodiscard]] const char* verdict_of(const PairSums& sums);
// The same of inverse propensities: nothing is concluded from too few effective samples.
[[nodiscard]] std::string verdict_of(const Weighted& weighted);

// For people: lines of text, fitted to `width`.
[[nodiscard]] std::vector<std::string> evaluation_lines(const Tally& tally, std::size_t width);
// For machines: one object, on one line. Says nothing of how or when it was computed, so that parts
// that were merged and one run give the same text.
[[nodiscard]] std::string evaluation_json(const Tally& tally);
// For people in a browser: one page that needs nothing else.
[[nodiscard]] std::string evaluation_html(const Tally& tally);

}  // namespace lineup::cli
