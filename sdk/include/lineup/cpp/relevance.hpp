// SPDX-License-Identifier: Apache-2.0
//
// Relevance on a scale that means the same in every request, so that what a generator trades
// against it (diversity, noise) does too.
#ifndef LINEUP_CPP_RELEVANCE_HPP
#define LINEUP_CPP_RELEVANCE_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "lineup/cpp/call.hpp"

namespace lineup::plugin {

// None: as it stands. Range: 0..1 over the candidates. Deviation: mean 0, standard deviation 1.
enum class Scale { None, Range, Deviation };

[[nodiscard]] inline Scale read_scale(const Config& config, std::string_view fallback) {
  const std::string name = config.text("/scale", fallback);
  if (name == "none") return Scale::None;
  if (name == "range") return Scale::Range;
  if (name == "deviation") return Scale::Deviation;
  throw Failure("`/scale` must be `range`, `deviation` or `none`, got `" + name + "`");
}

// The relevance of one call's rows.
struct Relevance {
  std::span<double> value;        // [row_count] finite; of a row without relevance: `least`
  std::span<std::uint8_t> known;  // [row_count] whether the row has relevance
  double least = 0.0;             // of the candidates
  double most = 0.0;
};

// Rows without a value, NaN or infinite are not known; all known ones share a value: 0.
[[nodiscard]] inline Relevance relevance_of(const Call& call, Bound<Floats> bound, Scale scale) {
  const Floats column = call.rows(bound);
  Relevance out{call.allocate<double>(call.row_count()),
                call.allocate<std::uint8_t>(call.row_count())};
  double least = std::numeric_limits<double>::infinity();
  double most = -least;
  double sum = 0.0, squares = 0.0, count = 0.0;
  for (Row row = 0; row < call.row_count(); ++row) {
    out.known[row] = column.has(row) && std::isfinite(column[row]) ? 1 : 0;
    if (out.known[row] == 0 || !call.is_candidate(row)) continue;
    least = std::min(least, column[row]);
    most = std::max(most, column[row]);
    sum += column[row];
    count += 1.0;
  }
  if (most < least) least = most = 0.0;  // no row has relevance
  double offset = 0.0, factor = 1.0;
  if (scale == Scale::Range) {
    offset = least;
    if (most > least) factor = 1.0 / (most - least);
  } else if (scale == Scale::Deviation && count > 0.0) {
    offset = sum / count;
    for (Row row = 0; row < call.row_count(); ++row) {
      if (out.known[row] == 0 || !call.is_candidate(row)) continue;
      squares += (column[row] - offset) * (column[row] - offset);
    }
    if (squares > 0.0) factor = 1.0 / std::sqrt(squares / count);
  }
  out.least = factor * (least - offset);
  out.most = factor * (most - offset);
  for (Row row = 0; row < call.row_count(); ++row) {
    out.value[row] = out.known[row] != 0 ? factor * (column[row] - offset) : out.least;
  }
  return out;
}

}  // namespace lineup::plugin

#endif
