// SPDX-License-Identifier: Apache-2.0
#include "script/facts.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace lineup {

FactAnswer FactAnswer::of(double value) {
  return {Tag::Float, -1, std::bit_cast<std::uint64_t>(value), {}};
}
double FactAnswer::number() const { return std::bit_cast<double>(bits); }

Facts::Facts(const Schema& schema, const ContextLayout& context, std::vector<Condition> conditions)
    : schema_(schema), paths_(1), conditions_(std::move(conditions)), masks_(conditions_.size()) {
  const std::vector<std::string>& paths = context.paths();
  for (std::size_t slot = 0; slot < paths.size(); ++slot) {
    std::uint32_t node = 0;
    std::string_view rest = paths[slot];
    while (!rest.empty()) {
      const auto dot = rest.find('.');
      const std::string name(rest.substr(0, dot));
      rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
      const auto next = static_cast<std::uint32_t>(paths_.size());
      const auto [place, is_new] = paths_[node].inner.emplace(name, next);
      node = place->second;
      if (is_new) paths_.emplace_back();
    }
    paths_[node].slot = static_cast<std::int32_t>(slot);
  }
}

void Facts::bind(const Batch& batch, const RequestContext& context, std::uint32_t slot_count) {
  batch_ = &batch;
  context_ = context;
  slot_count_ = slot_count;
  slate_ = {};
  item_ = 0;
  arena_.reset();
  for (const Word*& mask : masks_) mask = nullptr;
}

std::int32_t Facts::inner_path(std::uint32_t path, std::string_view name) const {
  const auto found = paths_[path].inner.find(name);
  return found == paths_[path].inner.end() ? -1 : static_cast<std::int32_t>(found->second);
}

std::int32_t Facts::condition(std::string_view text) const {
  for (std::size_t i = 0; i < conditions_.size(); ++i) {
    if (conditions_[i].text() == text) return static_cast<std::int32_t>(i);
  }
  return -1;
}

std::uint32_t Facts::row_of(RowName name) const {
  if (name == kItem) return item_;
  const std::size_t slot =
      name <= kSlotsMax ? name - std::size_t{1} : slate_.size() + kSlotsMax - name;
  return slate_[slot];
}

FactAnswer Facts::ask(const Question& question) {
  switch (question.op) {
    case Question::Op::Length:
      return FactAnswer::of(static_cast<std::int64_t>(slate_.size()));
    case Question::Op::At: {
      const std::int64_t slot = question.row <= kSlotsMax ? question.row : question.row - kSlotsMax;
      return slot <= static_cast<std::int64_t>(slate_.size()) ? FactAnswer::there() : FactAnswer{};
    }
    case Question::Op::Column:
      return column_of(question.column, row_of(question.row));
    case Question::Op::Size: {
      const Column& column = batch_->rows.columns[static_cast<std::size_t>(question.column)];
      if (column.type == ColumnType::Embedding) {
        return FactAnswer::of(static_cast<std::int64_t>(column.dimension));
      }
      const std::uint32_t row = row_of(question.row);
      return FactAnswer::of(std::int64_t{column.offsets[row + 1]} - column.offsets[row]);
    }
    case Question::Op::Value:
      return value_at(question);
    case Question::Op::Has:
      break;  // asked by text
    case Question::Op::Same:
      return FactAnswer::of(agree(question.column, row_of(question.row), row_of(question.other)));
    case Question::Op::Equal:
      return FactAnswer::of(row_of(question.row) == row_of(question.other));
    case Question::Op::Count:
      return FactAnswer::of(count(static_cast<std::size_t>(question.column)));
    case Question::Op::CountSame:
      return FactAnswer::of(count_same(question));
    case Question::Op::Distance:
      return distance(question);
    case Question::Op::Context:
      return context_at(static_cast<std::uint32_t>(question.column));
    case Question::Op::Page:
      return FactAnswer::of(std::int64_t{slot_count_});
  }
  return {};
}

bool Facts::has(RowName name, std::uint32_t index, std::string_view text) const {
  const Column& column = batch_->rows.columns[index];
  const std::uint32_t row = row_of(name);
  const auto& texts = batch_->vocabularies[index].texts;
  for (std::uint32_t i = column.offsets[row]; i < column.offsets[row + 1]; ++i) {
    if (texts[column.codes[i]] == text) return true;
  }
  return false;
}

FactAnswer Facts::text_of(std::uint32_t column, std::uint32_t code) const {
  return {FactAnswer::Tag::Text, static_cast<std::int32_t>(column), code,
          batch_->vocabularies[column].texts[code]};
}

FactAnswer Facts::column_of(std::int32_t index, std::uint32_t row) const {
  if (index == kIdField) {
    const Ids& ids = batch_->rows.ids;
    if (ids.is_numeric()) return FactAnswer::of(ids.numbers[row]);
    return {FactAnswer::Tag::Text, -1, 0, ids.text(row)};
  }
  const Column& column = batch_->rows.columns[static_cast<std::size_t>(index)];
  if (column.is_missing(row)) return {};
  switch (column.type) {
    case ColumnType::Float:
      return FactAnswer::of(column.floats[row]);
    case ColumnType::Integer:
    case ColumnType::Time:
      return FactAnswer::of(column.integers[row]);
    case ColumnType::Bool:
      return FactAnswer::of(column.bools[row] != 0);
    case ColumnType::Category:
      return text_of(static_cast<std::uint32_t>(index), column.codes[row]);
    case ColumnType::Categories:
    case ColumnType::Embedding:
      return FactAnswer::there();
  }
  return {};
}

FactAnswer Facts::value_at(const Question& question) const {
  const auto index = static_cast<std::uint32_t>(question.column);
  const Column& column = batch_->rows.columns[index];
  const std::uint32_t row = row_of(question.row);
  const auto place = static_cast<std::uint32_t>(question.number - 1);
  if (column.type == ColumnType::Embedding) {
    if (place >= column.dimension) return {};
    return FactAnswer::of(
        static_cast<double>(column.vectors[std::size_t{row} * column.dimension + place]));
  }
  const std::uint32_t begin = column.offsets[row];
  if (place >= column.offsets[row + 1] - begin) return {};
  return text_of(index, column.codes[begin + place]);
}

FactAnswer Facts::context_at(std::uint32_t path) const {
  const PathNode& node = paths_[path];
  const bool has_value =
      node.slot >= 0 && static_cast<std::size_t>(node.slot) < context_.context.size();
  if (!has_value || context_.context[static_cast<std::size_t>(node.slot)].is_missing()) {
    return node.inner.empty() ? FactAnswer{} : FactAnswer::there();
  }
  const Scalar& value = context_.context[static_cast<std::size_t>(node.slot)];
  switch (value.kind) {
    case Scalar::Kind::Missing:
      break;
    case Scalar::Kind::Bool:
      return FactAnswer::of(value.boolean);
    case Scalar::Kind::Integer:
      return FactAnswer::of(value.integer);
    case Scalar::Kind::Float:
      return FactAnswer::of(value.number);
    case Scalar::Kind::Text:
      return {FactAnswer::Tag::Text, -1, 0, value.text};
  }
  return {};
}

bool Facts::agree(std::int32_t index, std::uint32_t a, std::uint32_t b) const {
  if (index == kIdField) {
    const Ids& ids = batch_->rows.ids;
    return ids.is_numeric() ? ids.numbers[a] == ids.numbers[b] : ids.text(a) == ids.text(b);
  }
  const Column& column = batch_->rows.columns[static_cast<std::size_t>(index)];
  if (column.is_missing(a) || column.is_missing(b)) return false;
  switch (column.type) {
    case ColumnType::Float:
      return column.floats[a] == column.floats[b];
    case ColumnType::Integer:
    case ColumnType::Time:
      return column.integers[a] == column.integers[b];
    case ColumnType::Bool:
      return column.bools[a] == column.bools[b];
    case ColumnType::Category:
      return column.codes[a] == column.codes[b];
    case ColumnType::Categories:
      for (std::uint32_t i = column.offsets[a]; i < column.offsets[a + 1]; ++i) {
        for (std::uint32_t j = column.offsets[b]; j < column.offsets[b + 1]; ++j) {
          if (column.codes[i] == column.codes[j]) return true;
        }
      }
      return false;
    case ColumnType::Embedding:
      return false;
  }
  return false;
}

const Word* Facts::mask_of(std::size_t condition) {
  if (masks_[condition] == nullptr) {
    std::span<Word> mask = arena_.allocate<Word>(word_count(batch_->rows.row_count));
    conditions_[condition].select(batch_->rows, batch_->vocabularies, context_, arena_, mask);
    masks_[condition] = mask.data();
  }
  return masks_[condition];
}

std::int64_t Facts::count(std::size_t condition) {
  const Word* mask = mask_of(condition);
  std::int64_t count = 0;
  for (const std::uint32_t row : slate_) count += test_bit(mask, row) ? 1 : 0;
  return count;
}

std::int64_t Facts::count_same(const Question& question) const {
  const std::size_t last =
      std::min<std::size_t>(static_cast<std::size_t>(question.number), slate_.size());
  const auto rows = slate_.last(last);
  const std::uint32_t row = row_of(question.row);
  std::int64_t count = 0;
  if (question.column >= 0) {
    const Column& column = batch_->rows.columns[static_cast<std::size_t>(question.column)];
    // What rules ask most: categories without gaps but for the missing code.
    if (column.type == ColumnType::Category && column.present && column.valid == nullptr) {
      const std::uint32_t code = column.codes[row];
      if (code == kMissingCode) return 0;
      for (const std::uint32_t placed : rows) count += column.codes[placed] == code ? 1 : 0;
      return count;
    }
  }
  for (const std::uint32_t placed : rows) count += agree(question.column, row, placed) ? 1 : 0;
  return count;
}

FactAnswer Facts::distance(const Question& question) const {
  const std::uint32_t row = row_of(question.row);
  const std::size_t length = slate_.size();
  for (std::size_t distance = 1; distance <= length; ++distance) {
    if (agree(question.column, row, slate_[length - distance])) {
      return FactAnswer::of(static_cast<std::int64_t>(distance));
    }
  }
  return {};
}

}  // namespace lineup
