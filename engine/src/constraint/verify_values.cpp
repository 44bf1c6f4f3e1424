// SPDX-License-Identifier: Apache-2.0
//
// One column of numbers or codes is its own value. Everything else (several columns, ids that are
// texts, missing integers that count as a value) is read into tuples, which are sorted and numbered
// by comparing neighbours.
#include "constraint/verify_values.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <tuple>

namespace lineup {

namespace {

// One value of one column. Ids that are texts have `text`, all others `number`.
struct Part {
  bool missing = false;
  std::uint64_t number = 0;
  std::string_view text;

  [[nodiscard]] auto key() const { return std::tie(missing, number, text); }
  bool operator==(const Part& other) const { return key() == other.key(); }
  bool operator<(const Part& other) const { return key() < other.key(); }
};

class Collector {
 public:
  Collector(const CompiledConstraint& constraint, std::span<const std::uint32_t> by,
            const Walk& walk, Arena& arena)
      : constraint_(constraint), by_(by), walk_(walk), batch_(*walk.input.batch), arena_(arena) {}

  Occurrences collect();

 private:
  template <typename Visit>
  void each_match(Visit visit) const;
  template <typename Visit>
  void each_value(std::uint32_t column, const Table& table, std::uint32_t row, Visit visit) const;

  [[nodiscard]] bool is_complete_category(std::uint32_t column) const;
  [[nodiscard]] bool has_whole_page() const;
  [[nodiscard]] bool is_plain() const;
  [[nodiscard]] bool is_pair_of_codes() const;
  [[nodiscard]] bool has_number_ids() const;
  [[nodiscard]] std::size_t capacity() const;
  Occurrences collect_tuples();
  void add_tuples(std::int32_t position, const Table& table, std::uint32_t row);

  void add(std::int32_t position, std::uint64_t value) { out_[count_++] = {position, value}; }
  [[nodiscard]] Occurrences collected() const { return out_.first(count_); }

  const CompiledConstraint& constraint_;
  std::span<const std::uint32_t> by_;
  const Walk& walk_;
  const Batch& batch_;
  Arena& arena_;
  std::span<Occurrence> out_;
  std::size_t count_ = 0;
  std::span<Part> tuple_;   // the one being made: a part for every column of `by`
  std::span<Part> tuples_;  // of all occurrences, one after another
};

template <typename Visit>
void Collector::each_match(Visit visit) const {
  const auto meet = [&](std::int32_t position, const Table& table, std::uint32_t row) {
    if (is_match(constraint_, walk_.input, table, row)) visit(position, table, row);
  };
  const Table& history = batch_.history;
  for (std::uint32_t i = walk_.past; i > 0; --i) {
    meet(-static_cast<std::int32_t>(i), history, history.row_count - i);
  }
  std::int32_t position = 0;
  for (const std::uint32_t row : walk_.slate) meet(position++, batch_.rows, row);
  for (const std::uint32_t row : walk_.others) meet(kOffPage, batch_.rows, row);
}

// Visits the different values of one row; a missing value only when it counts as one.
template <typename Visit>
void Collector::each_value(std::uint32_t column, const Table& table, std::uint32_t row,
                           Visit visit) const {
  if (column == kIdColumn) {
    Part part;
    if (has_number_ids()) {
      part.number = static_cast<std::uint64_t>(table.ids.numbers[row]);
    } else if (!table.ids.is_numeric()) {
      part.text = table.ids.text(row);
    } else {
      const auto digits = arena_.allocate<char>(24);
      const auto end =
          std::to_chars(digits.data(), digits.data() + digits.size(), table.ids.numbers[row]);
      part.text = {digits.data(), static_cast<std::size_t>(end.ptr - digits.data())};
    }
    return visit(part);
  }
  const Column& values = table.columns[column];
  if (values.is_missing(row)) {
    if (constraint_.spec.missing_as_value) visit(Part{true, UINT64_MAX, {}});
    return;
  }
  switch (values.type) {
    case ColumnType::Category:
      return visit(Part{false, values.codes[row], {}});
    case ColumnType::Bool:
      return visit(Part{false, values.bools[row] != 0 ? 1U : 0U, {}});
    case ColumnType::Integer:
      return visit(Part{false, static_cast<std::uint64_t>(values.integers[row]), {}});
    default:
      break;
  }
  const std::uint32_t* const begin = values.codes + values.offsets[row];
  const std::uint32_t* const end = values.codes + values.offsets[row + 1];
  for (const std::uint32_t* code = begin; code < end; ++code) {
    if (std::find(begin, code, *code) == code) visit(Part{false, *code, {}});
  }
}

ColumnType type_of(std::uint32_t column, const Batch& batch) {
  return batch.rows.columns[column].type;
}

// The commonest rules: one category, or a pair, of every row of the page.
bool Collector::has_whole_page() const {
  return by_.size() <= 2 && constraint_.where.is_empty() && !constraint_.spec.missing_as_value &&
         walk_.past == 0 && walk_.others.empty() &&
         std::all_of(by_.begin(), by_.end(),
                     [this](std::uint32_t column) { return is_complete_category(column); });
}

bool Collector::is_complete_category(std::uint32_t index) const {
  if (index == kIdColumn) return false;
  const Column& column = batch_.rows.columns[index];
  return column.type == ColumnType::Category && column.present && column.valid == nullptr;
}

// One column whose values are 64 bits wide, with room for `missing` beside them.
bool Collector::is_plain() const {
  if (by_.size() != 1) return false;
  const std::uint32_t column = by_[0];
  if (column == kIdColumn) return has_number_ids();
  return type_of(column, batch_) != ColumnType::Integer || !constraint_.spec.missing_as_value;
}

bool Collector::is_pair_of_codes() const {
  if (by_.size() != 2) return false;
  return std::all_of(by_.begin(), by_.end(), [this](std::uint32_t column) {
    return column != kIdColumn && type_of(column, batch_) == ColumnType::Category;
  });
}

// Whether all ids of the walk are numbers. Otherwise all are read as texts.
bool Collector::has_number_ids() const {
  return batch_.rows.ids.is_numeric() && (walk_.past == 0 || batch_.history.ids.is_numeric());
}

// The most occurrences there can be.
std::size_t Collector::capacity() const {
  const bool single = std::none_of(by_.begin(), by_.end(), [this](std::uint32_t column) {
    return column != kIdColumn && type_of(column, batch_) == ColumnType::Categories;
  });
  if (single) return walk_.past + walk_.slate.size() + walk_.others.size();
  std::size_t total = 0;
  each_match([&](std::int32_t, const Table& table, std::uint32_t row) {
    std::size_t tuples = 1;
    for (const std::uint32_t column : by_) {
      if (column == kIdColumn || table.columns[column].type != ColumnType::Categories) continue;
      const Column& lists = table.columns[column];
      if (lists.is_missing(row)) continue;
      tuples *= lists.offsets[row + 1] - lists.offsets[row];
    }
    total += tuples;
  });
  return total;
}

Occurrences Collector::collect() {
  out_ = arena_.allocate<Occurrence>(capacity());
  if (by_.empty()) {
    each_match([&](std::int32_t position, const Table&, std::uint32_t) { add(position, 0); });
    return collected();
  }
  if (has_whole_page()) {
    const std::uint32_t* const firsts = batch_.rows.columns[by_[0]].codes;
    const std::uint32_t* const lasts = batch_.rows.columns[by_.back()].codes;
    const unsigned shift = by_.size() == 2 ? 32 : 0;  // one column alone is or-ed with itself
    std::int32_t position = 0;
    for (const std::uint32_t row : walk_.slate) {
      const std::uint64_t first = firsts[row];
      const std::uint64_t last = lasts[row];
      if (first != kMissingCode && last != kMissingCode) add(position, first << shift | last);
      ++position;
    }
    return collected();
  }
  if (is_plain()) {
    each_match([&](std::int32_t position, const Table& table, std::uint32_t row) {
      each_value(by_[0], table, row, [&](const Part& part) { add(position, part.number); });
    });
    return collected();
  }
  if (is_pair_of_codes()) {
    each_match([&](std::int32_t position, const Table& table, std::uint32_t row) {
      each_value(by_[0], table, row, [&](const Part& first) {
        each_value(by_[1], table, row, [&](const Part& second) {
          add(position, first.number << 32 | (second.number & 0xFFFFFFFFU));
        });
      });
    });
    return collected();
  }
  return collect_tuples();
}

// Makes every tuple of one row's values, one value of each column: the last column turns fastest.
void Collector::add_tuples(std::int32_t position, const Table& table, std::uint32_t row) {
  const std::size_t width = by_.size();
  const auto extend = [&](const auto& self, std::size_t column) -> void {
    if (column == width) {
      std::copy(tuple_.begin(), tuple_.end(), &tuples_[count_ * width]);
      return add(position, 0);
    }
    each_value(by_[column], table, row, [&](const Part& part) {
      tuple_[column] = part;
      self(self, column + 1);
    });
  };
  extend(extend, 0);
}

Occurrences Collector::collect_tuples() {
  const std::size_t width = by_.size();
  tuple_ = arena_.allocate<Part>(width);
  tuples_ = arena_.allocate<Part>(out_.size() * width);
  each_match([&](std::int32_t position, const Table& table, std::uint32_t row) {
    add_tuples(position, table, row);
  });
  const auto tuple = [&](std::uint32_t index) { return tuples_.subspan(index * width, width); };
  const auto order = arena_.allocate<std::uint32_t>(count_);
  for (std::uint32_t i = 0; i < count_; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return std::lexicographical_compare(tuple(a).begin(), tuple(a).end(), tuple(b).begin(),
                                        tuple(b).end());
  });
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool is_new = i > 0 && !std::equal(tuple(order[i]).begin(), tuple(order[i]).end(),
                                             tuple(order[i - 1]).begin());
    out_[order[i]].value = is_new ? ++value : value;
  }
  return collected();
}

}  // namespace

bool is_same_id(const Ids& ids, std::uint32_t a, std::uint32_t b) {
  return ids.is_numeric() ? ids.numbers[a] == ids.numbers[b] : ids.text(a) == ids.text(b);
}

Occurrences collect(const CompiledConstraint& constraint, std::span<const std::uint32_t> by,
                    const Walk& walk, Arena& arena) {
  return Collector(constraint, by, walk, arena).collect();
}

}  // namespace lineup
