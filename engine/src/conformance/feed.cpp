// SPDX-License-Identifier: Apache-2.0
//
// Columns are made value by value from the shape's seed. Wild values come one in three, so that a
// page still has ordinary rows to stand on.
#include "conformance/feed.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace lineup {

namespace {

constexpr std::uint32_t kTextCount = 7;
constexpr std::array<std::string_view, kTextCount> kTexts = {
    "drama", "comedy", "", "a category with a rather long name", "\xC3\xA9t\xC3\xA9", "x", "news"};
constexpr std::int64_t kNowMs = 1'767'225'600'000;

}  // namespace

double MadeRequest::make_number(Random& random) const {
  if (shape_.values != Values::Wild || !random.one_in(3)) return random.unit();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr std::array kWild = {std::numeric_limits<double>::quiet_NaN(),
                                kInfinity,
                                -kInfinity,
                                std::numeric_limits<double>::max(),
                                std::numeric_limits<double>::lowest(),
                                std::numeric_limits<double>::denorm_min(),
                                -0.0,
                                0.0,
                                -1.0};
  return kWild[random.below(kWild.size())];
}

std::int64_t MadeRequest::make_integer(Random& random) const {
  if (shape_.values != Values::Wild || !random.one_in(3)) return random.below(100);
  constexpr std::array<std::int64_t, 4> kWild = {std::numeric_limits<std::int64_t>::max(),
                                                 std::numeric_limits<std::int64_t>::min(), -1, 0};
  return kWild[random.below(kWild.size())];
}

const Word* MadeRequest::make_validity(std::uint32_t rows, Random& random) {
  if (shape_.values == Values::Ordinary || rows == 0) return nullptr;
  const auto words = memory_.allocate<Word>(word_count(rows));
  std::fill(words.begin(), words.end(), 0);
  for (std::uint32_t row = 0; row < rows; ++row) {
    if (!random.one_in(5)) set_bit(words.data(), row);
  }
  return words.data();
}

Column MadeRequest::make_column(const ColumnSpec& spec, std::uint32_t rows, Random& random) {
  Column column;
  column.type = spec.type;
  column.present = true;
  const auto fill = [&](auto span, auto&& make) {
    for (auto& value : span) value = make();
    return span.data();
  };
  const bool is_full = shape_.values == Values::Ordinary;
  const auto code = [&] {
    return !is_full && random.one_in(5) ? kMissingCode : random.below(kTextCount);
  };
  switch (spec.type) {
    case ColumnType::Float:
      column.floats = fill(memory_.allocate<double>(rows), [&] { return make_number(random); });
      break;
    case ColumnType::Integer:
      column.integers =
          fill(memory_.allocate<std::int64_t>(rows), [&] { return make_integer(random); });
      break;
    case ColumnType::Time:
      column.integers = fill(memory_.allocate<std::int64_t>(rows), [&] {
        return kNowMs - static_cast<std::int64_t>(random.below(1'000'000'000));
      });
      break;
    case ColumnType::Bool:
      column.bools = fill(memory_.allocate<std::uint8_t>(rows),
                          [&] { return static_cast<std::uint8_t>(random.below(2)); });
      break;
    case ColumnType::Category:
      column.codes = fill(memory_.allocate<std::uint32_t>(rows), code);
      return column;  // missing by its code
    case ColumnType::Categories: {
      const auto offsets = memory_.allocate<std::uint32_t>(rows + 1);
      offsets[0] = 0;
      for (std::uint32_t row = 0; row < rows; ++row) {
        offsets[row + 1] = offsets[row] + (is_full ? 1 : random.below(4));
      }
      column.offsets = offsets.data();
      column.codes = fill(memory_.allocate<std::uint32_t>(offsets[rows]),
                          [&] { return random.below(kTextCount); });
      return column;  // missing by an empty list
    }
    case ColumnType::Embedding:
      column.dimension = spec.dimension;
      column.vectors = fill(memory_.allocate<float>(std::size_t{rows} * spec.dimension), [&] {
        return static_cast<float>(make_number(random) - (is_full ? 0.5 : 0.0));
      });
      break;
  }
  column.valid = make_validity(rows, random);
  return column;
}

MadeRequest::Rows MadeRequest::make_rows(const Schema& schema, std::uint32_t count,
                                         Random& random) {
  Rows rows;
  rows.count = count;
  for (std::uint32_t i = 0; i < schema.size(); ++i) {
    if (shape_.values == Values::Absent) {
      rows.columns.emplace_back();
      rows.columns.back().type = schema[i].type;
    } else {
      rows.columns.push_back(make_column(schema[i], count, random));
    }
  }
  return rows;
}

void MadeRequest::make_context(const ContextLayout& layout, Random& random) {
  for (std::size_t i = 0; i < layout.paths().size(); ++i) {
    switch (shape_.values == Values::Absent ? 4 : random.below(5)) {
      case 0:
        context_.push_back(Scalar::of(static_cast<std::int64_t>(random.below(24))));
        break;
      case 1:
        context_.push_back(Scalar::of(random.unit()));
        break;
      case 2:
        context_.push_back(Scalar::of(kTexts[random.below(kTextCount)]));
        break;
      case 3:
        context_.push_back(Scalar::of(true));
        break;
      default:
        context_.emplace_back();
    }
  }
}

MadeRequest::MadeRequest(const MadePolicy& stage, const Shape& shape)
    : shape_(shape), schema_(stage.schema), texts_(kTexts.begin(), kTexts.end()) {
  Random random(shape.seed);
  rows_ = make_rows(stage.schema, shape.rows, random);
  past_ = make_rows(stage.schema, shape.history, random);
  const auto ids = memory_.allocate<std::int64_t>(shape.rows);
  for (std::uint32_t row = 0; row < shape.rows; ++row) ids[row] = 1000 + row;
  const auto past_ids = memory_.allocate<std::int64_t>(shape.history);
  for (std::uint32_t row = 0; row < shape.history; ++row) {
    past_ids[row] = 1000 + random.below(2 * shape.rows + 1);
  }
  rows_.ids = ids;
  past_.ids = past_ids;
  vocabularies_.resize(stage.schema.size());
  for (std::uint32_t i = 0; i < stage.schema.size(); ++i) {
    const ColumnType type = stage.schema[i].type;
    if (type == ColumnType::Category || type == ColumnType::Categories) {
      vocabularies_[i].texts = texts_;
    }
  }
  batch_.rows = {shape.rows, rows_.columns, {ids.data(), nullptr, nullptr}};
  batch_.history = {shape.history, past_.columns, {past_ids.data(), nullptr, nullptr}};
  batch_.vocabularies = vocabularies_;
  make_context(stage.context, random);

  const auto weights = memory_.allocate<double>(stage.objectives.size());
  for (double& weight : weights) weight = 0.5 + random.unit();
  weights_ = weights;
  const auto words = memory_.allocate<Word>(word_count(shape.rows));
  std::fill(words.begin(), words.end(), 0);
  std::uint32_t candidate_count = 0;
  for (std::uint32_t row = 0; row < shape.rows; ++row) {
    if (shape.values != Values::Ordinary && random.one_in(8)) continue;
    set_bit(words.data(), row);
    ++candidate_count;
  }
  candidates_ = words;
  slot_count_ = std::min(shape.slots, candidate_count);
  const auto discounts = memory_.allocate<double>(std::max(slot_count_, 1U));
  for (std::size_t slot = 0; slot < discounts.size(); ++slot) {
    discounts[slot] = 1.0 / std::log2(static_cast<double>(slot) + 2.0);
  }
  discounts_ = discounts;
  for (std::uint32_t row = 0; row < shape.rows; ++row) {
    score_.push_back(random.unit());
    groups_.push_back(random.below(kTextCount));
  }
  Constraint rule;
  rule.kind = Kind::Window;
  rule.has_by = true;
  rule.groups.count = kTextCount;
  rule.groups.single = groups_.data();
  rule.size = 5;
  rule.max = 2;
  rules_.push_back(rule);
  memory_.seal();
}

NodeRequest MadeRequest::request(Arena& arena) const {
  NodeRequest request;
  request.schema = &schema_;
  request.batch = &batch_;
  request.context.context = context_;
  request.context.now_ms = kNowMs;
  request.weights = weights_;
  request.discounts = discounts_;
  request.candidates = candidates_;
  request.slot_count = slot_count_;
  request.seed = shape_.seed;
  request.now_ms = kNowMs;
  request.deadline_ns = shape_.deadline_ns;
  request.work_limit = shape_.work_limit;
  request.improve_limit = 1000;
  request.score = score_;
  request.arena = &arena;
  return request;
}

Problem MadeRequest::problem() const {
  Problem problem;
  problem.row_count = shape_.rows;
  problem.slot_count = slot_count_;
  problem.candidates = candidates_.data();
  problem.constraints = rules_;
  problem.use_count = 1;
  problem.level_count = 1;
  problem.utility = score_;
  problem.discount = discounts_.first(slot_count_);
  return problem;
}

}  // namespace lineup
