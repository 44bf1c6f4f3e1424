// SPDX-License-Identifier: Apache-2.0
//
// One program per length and one solve per level: what a level needs at least becomes a limit of
// the next solve. Most problems keep everything, so that is asked first.
#include "exact/reference.hpp"

#include <algorithm>
#include <cmath>

#include "exact/model.hpp"

namespace lineup::exact {

namespace {

std::uint32_t whole(double value) { return static_cast<std::uint32_t>(std::lround(value)); }

// The page with all units at 0, if there is one.
std::optional<Optimum> clean(const Problem& problem, std::uint32_t length, double seconds_max,
                             Best& best) {
  Model model(problem, length);
  model.program().at_most(model.required(), 0.0);
  for (const Sum& level : model.levels()) model.program().at_most(level, 0.0);
  const Optimum found = model.program().maximise(model.total(), seconds_max);
  if (!found.is_proven) return std::nullopt;
  if (found.exists) {
    best = {model.page(found.columns), std::vector<std::uint32_t>(problem.level_count),
            found.objective};
  }
  return found;
}

// The least of the units, which is a limit from then on.
std::optional<std::uint32_t> settle(Model& model, const Sum& units, double seconds_max) {
  const Optimum found = model.program().maximise(Sum{}.add(units, -1.0), seconds_max);
  if (!found.is_proven || !found.exists) return std::nullopt;
  const std::uint32_t least = whole(-found.objective);
  model.program().at_most(units, least);
  return least;
}

}  // namespace

std::optional<Best> best_page(const Problem& problem, double seconds_max) {
  const auto rows =
      static_cast<std::uint32_t>(count_bits({problem.candidates, word_count(problem.row_count)}));
  for (std::uint32_t length = std::min(problem.slot_count, rows); length > 0; --length) {
    Best best;
    const auto kept = clean(problem, length, seconds_max, best);
    if (!kept) return std::nullopt;
    if (kept->exists) return best;
    Model model(problem, length);
    const auto required = settle(model, model.required(), seconds_max);
    if (!required) return std::nullopt;
    if (*required > 0) continue;
    for (const Sum& level : model.levels()) {
      const auto least = settle(model, level, seconds_max);
      if (!least) return std::nullopt;
      best.levels.push_back(*least);
    }
    const Optimum found = model.program().maximise(model.total(), seconds_max);
    if (!found.is_proven || !found.exists) return std::nullopt;
    best.rows = model.page(found.columns);
    best.total = found.objective;
    return best;
  }
  return Best{};
}

}  // namespace lineup::exact
