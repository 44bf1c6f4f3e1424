// SPDX-License-Identifier: Apache-2.0
//
// The four kinds that a C++ node type derives from, and what only one kind meets.
#ifndef LINEUP_CPP_KINDS_HPP
#define LINEUP_CPP_KINDS_HPP

#include <cstdint>
#include <span>

#include "lineup/cpp/call.hpp"
#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"

namespace lineup::plugin {

// The kinds. Empty on purpose: nothing is virtual, the tables in tables.hpp call the class
// directly.
struct Scorer {
  static constexpr lineup_kind kKind = LINEUP_KIND_SCORER;
  static constexpr const char* kExtension = LINEUP_EXT_SCORER;
};
struct Generator {
  static constexpr lineup_kind kKind = LINEUP_KIND_GENERATOR;
  static constexpr const char* kExtension = LINEUP_EXT_GENERATOR;
};
struct Evaluator {
  static constexpr lineup_kind kKind = LINEUP_KIND_EVALUATOR;
  static constexpr const char* kExtension = LINEUP_EXT_EVALUATOR;
};
struct Constraint {
  static constexpr lineup_kind kKind = LINEUP_KIND_CONSTRAINT;
  static constexpr const char* kExtension = LINEUP_EXT_CONSTRAINT;
};

// The columns a scorer writes.
class Outputs {
 public:
  Outputs(double* const* columns, std::uint32_t row_count) noexcept
      : columns_(columns), row_count_(row_count) {}
  // [row_count] NaN: the row has no value.
  [[nodiscard]] std::span<double> operator[](BoundOutput output) const noexcept {
    return {columns_[output.index], row_count_};
  }

 private:
  double* const* columns_;
  std::uint32_t row_count_;
};

// Finished slates.
class Slates {
 public:
  explicit Slates(const lineup_slates* slates) noexcept : slates_(slates) {}
  [[nodiscard]] std::uint32_t size() const noexcept { return slates_->slate_count; }
  // The rows of slate `index`, in slot order.
  [[nodiscard]] std::span<const Row> operator[](std::uint32_t index) const noexcept {
    const std::size_t begin = static_cast<std::size_t>(index) * slates_->slot_count;
    return {slates_->rows + begin, slates_->lengths[index]};
  }

 private:
  const lineup_slates* slates_;
};

// What placing a row would mean.
struct Judgement {
  std::uint32_t violations = 0;  // 0: the row may stand
  double penalty = 0.0;          // score units, for soft uses
};

}  // namespace lineup::plugin

#endif
