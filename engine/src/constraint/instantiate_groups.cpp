// SPDX-License-Identifier: Apache-2.0
//
// Every column gives a coding of its own; several are joined two at a time: rows agree when they
// agree in both. Joining two single-valued codings keeps one group per row, everything else becomes
// lists of groups, one for every pair of values. Pairs are numbered by position in the table of all
// pairs while that is small, else densely, so that counters kept per group stay few.
#include "constraint/instantiate_groups.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <string_view>

#include "constraint/compile.hpp"
#include "constraint/instantiate_numbering.hpp"

namespace lineup {

namespace {

// The rows of one table that are coded: all candidates, or the end of the history.
struct Side {
  const Table* table;
  std::uint32_t first;
  std::uint32_t count;
};

struct Sides {
  Side rows;
  Side past;
  [[nodiscard]] std::size_t total() const { return std::size_t{rows.count} + past.count; }
};

// One group per row: code_of(row) or kNoGroup.
template <typename CodeOf>
const std::uint32_t* coded(const Side& side, Arena& arena, CodeOf code_of) {
  const auto codes = arena.allocate<std::uint32_t>(side.count);
  for (std::uint32_t i = 0; i < side.count; ++i) codes[i] = code_of(side.first + i);
  return codes.data();
}

Coding code_category(const Sides& sides, std::uint32_t column, std::uint32_t vocabulary_size,
                     bool missing_as_value, Arena& arena) {
  const std::uint32_t missing = missing_as_value ? vocabulary_size : kNoGroup;
  const auto code = [&](const Side& side) -> const std::uint32_t* {
    if (side.count == 0) return nullptr;
    const Column& values = side.table->columns[column];
    if (values.present && values.valid == nullptr && !missing_as_value) {
      static_assert(kMissingCode == kNoGroup, "codes are groups as they are");
      return values.codes + side.first;
    }
    return coded(side, arena, [&](std::uint32_t row) {
      return values.is_missing(row) ? missing : values.codes[row];
    });
  };
  const std::uint32_t count = vocabulary_size + (missing_as_value ? 1 : 0);
  return {{count, code(sides.rows), nullptr, nullptr}, {count, code(sides.past), nullptr, nullptr}};
}

Coding code_bool(const Sides& sides, std::uint32_t column, bool missing_as_value, Arena& arena) {
  const std::uint32_t missing = missing_as_value ? 2 : kNoGroup;
  const auto code = [&](const Side& side) {
    return coded(side, arena, [&](std::uint32_t row) -> std::uint32_t {
      const Column& values = side.table->columns[column];
      return values.is_missing(row) ? missing : values.bools[row] != 0 ? 1 : 0;
    });
  };
  const std::uint32_t count = missing_as_value ? 3 : 2;
  return {{count, code(sides.rows), nullptr, nullptr}, {count, code(sides.past), nullptr, nullptr}};
}

Coding code_integer(const Sides& sides, std::uint32_t column, bool missing_as_value, Arena& arena) {
  const auto rows = arena.allocate<std::uint32_t>(sides.rows.count);
  const auto past = arena.allocate<std::uint32_t>(sides.past.count);
  const Arena::Mark mark = arena.mark();
  Numbering numbering(sides.total(), arena);
  const auto code = [&](const Side& side, std::span<std::uint32_t> out) {
    for (std::uint32_t i = 0; i < side.count; ++i) {
      const Column& values = side.table->columns[column];
      const std::uint32_t row = side.first + i;
      out[i] = values.is_missing(row)
                   ? kNoGroup
                   : numbering.number(static_cast<std::uint64_t>(values.integers[row]));
    }
  };
  code(sides.rows, rows);
  code(sides.past, past);
  std::uint32_t count = numbering.count();
  arena.rewind(mark);
  if (missing_as_value) {
    std::replace(rows.begin(), rows.end(), kNoGroup, count);
    std::replace(past.begin(), past.end(), kNoGroup, count);
    ++count;
  }
  return {{count, rows.data(), nullptr, nullptr}, {count, past.data(), nullptr, nullptr}};
}

// Ids of two tables side by side: one may be numbers and the other texts, which then are equal when
// the number is written so.
class IdText {
 public:
  IdText(const Ids& ids, std::uint32_t row) {
    if (!ids.is_numeric()) {
      text_ = ids.text(row);
    } else {
      const auto end = std::to_chars(digits_, digits_ + sizeof digits_, ids.numbers[row]);
      text_ = {digits_, static_cast<std::size_t>(end.ptr - digits_)};
    }
  }
  IdText(const IdText&) = delete;
  IdText& operator=(const IdText&) = delete;
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  char digits_[24];
  std::string_view text_;
};

bool same_id(const Ids& a, std::uint32_t row_a, const Ids& b, std::uint32_t row_b) {
  if (a.is_numeric() && b.is_numeric()) return a.numbers[row_a] == b.numbers[row_b];
  return IdText(a, row_a).text() == IdText(b, row_b).text();
}

// Candidates have an id each, so a row is its own group; the few entries of the past are looked up
// by a table of their ids. Rows beyond the first of an id are no candidates: their group is unused.
Coding code_ids(const Sides& sides, Arena& arena) {
  const std::uint32_t rows = sides.rows.count;
  const std::uint32_t* groups =
      coded(sides.rows, arena, [](std::uint32_t row) -> std::uint32_t { return row; });
  const auto past = arena.allocate<std::uint32_t>(sides.past.count);
  const std::uint32_t count = rows + sides.past.count;
  const Coding coding = {{count, groups, nullptr, nullptr}, {count, past.data(), nullptr, nullptr}};
  if (past.empty()) return coding;

  const Arena::Mark mark = arena.mark();
  const Ids& row_ids = sides.rows.table->ids;
  const Ids& past_ids = sides.past.table->ids;
  const bool numeric = row_ids.is_numeric() && past_ids.is_numeric();
  const auto hash = [numeric](const Ids& ids, std::uint32_t row) {
    return numeric ? mix64(static_cast<std::uint64_t>(ids.numbers[row]))
                   : hash64(IdText(ids, row).text());
  };
  const auto table = arena.filled<std::uint32_t>(std::bit_ceil(past.size() * 2 + 2), kNoRow);
  const std::size_t mask = table.size() - 1;
  // The place of the entry whose id is that of `row`, or a free place.
  const auto find = [&](const Ids& ids, std::uint32_t row) {
    std::size_t at = hash(ids, row) & mask;
    while (table[at] != kNoRow && !same_id(past_ids, sides.past.first + table[at], ids, row)) {
      at = (at + 1) & mask;
    }
    return at;
  };
  for (std::uint32_t entry = 0; entry < past.size(); ++entry) {
    const std::size_t at = find(past_ids, sides.past.first + entry);
    if (table[at] == kNoRow) table[at] = entry;
    past[entry] = rows + table[at];
  }
  for (std::uint32_t row = 0; row < rows; ++row) {
    const std::uint32_t entry = table[find(row_ids, row)];
    if (entry == kNoRow || past[entry] < rows) continue;
    std::replace(past.begin(), past.end(), rows + entry, row);
  }
  arena.rewind(mark);
  return coding;
}

// Copies the values of every row, each once, or `missing` for rows that have none.
Groups copy_lists(const Side& side, const Column& column, std::uint32_t count,
                  std::uint32_t missing, Arena& arena) {
  const auto values_of = [&](std::uint32_t i) -> std::span<const std::uint32_t> {
    const std::uint32_t row = side.first + i;
    if (column.is_missing(row)) return {&missing, missing == kNoGroup ? 0U : 1U};
    return {column.codes + column.offsets[row], column.offsets[row + 1] - column.offsets[row]};
  };
  const auto offsets = arena.allocate<std::uint32_t>(std::size_t{side.count} + 1);
  std::uint32_t total = 0;
  for (std::uint32_t i = 0; i < side.count; ++i) {
    total += static_cast<std::uint32_t>(values_of(i).size());
  }
  const auto values = arena.allocate<std::uint32_t>(total);
  std::uint32_t* end = values.data();
  offsets[0] = 0;
  for (std::uint32_t i = 0; i < side.count; ++i) {
    std::uint32_t* const begin = end;
    for (const std::uint32_t value : values_of(i)) {
      if (std::find(begin, end, value) == end) *end++ = value;
    }
    offsets[i + 1] = static_cast<std::uint32_t>(end - values.data());
  }
  return {count, nullptr, offsets.data(), values.data()};
}

bool has_repeats(const Side& side, const Column& column) {
  for (std::uint32_t row = side.first; row < side.first + side.count; ++row) {
    const std::uint32_t* const begin = column.codes + column.offsets[row];
    const std::uint32_t* const end = column.codes + column.offsets[row + 1];
    for (const std::uint32_t* value = begin; value < end; ++value) {
      if (std::find(begin, value, *value) != value) return true;
    }
  }
  return false;
}

Coding code_lists(const Sides& sides, std::uint32_t column, std::uint32_t vocabulary_size,
                  bool missing_as_value, Arena& arena) {
  const std::uint32_t missing = missing_as_value ? vocabulary_size : kNoGroup;
  const std::uint32_t count = vocabulary_size + (missing_as_value ? 1 : 0);
  const auto code = [&](const Side& side) -> Groups {
    if (side.count == 0) return {count, nullptr, nullptr, nullptr};
    const Column& lists = side.table->columns[column];
    const bool as_given = lists.present && lists.valid == nullptr && !missing_as_value;
    if (as_given && !has_repeats(side, lists)) {
      return {count, nullptr, lists.offsets + side.first, lists.codes};
    }
    return copy_lists(side, lists, count, missing, arena);
  };
  return {code(sides.rows), code(sides.past)};
}

std::span<const std::uint32_t> groups_of(const Groups& groups, std::uint32_t row) {
  if (groups.single != nullptr) {
    return {groups.single + row, groups.single[row] == kNoGroup ? 0U : 1U};
  }
  const std::uint32_t begin = groups.offsets[row];
  return {groups.values + begin, groups.offsets[row + 1] - begin};
}

// Joins two codings; see the head of this file. `number_of` gives a pair its group.
template <typename NumberOf>
Groups join_side(const Groups& a, const Groups& b, std::uint32_t rows, NumberOf number_of,
                 Arena& arena) {
  if (rows == 0) return {};
  const bool single = a.single != nullptr && b.single != nullptr;
  if (single) {
    const auto codes = arena.allocate<std::uint32_t>(rows);
    // Usually nothing is missing, which one look tells that is a vector to the compiler.
    std::uint32_t any_missing = 0;
    for (std::uint32_t row = 0; row < rows; ++row) {
      any_missing |= (a.single[row] == kNoGroup ? 1U : 0U) | (b.single[row] == kNoGroup ? 1U : 0U);
    }
    for (std::uint32_t row = 0; any_missing == 0 && row < rows; ++row) {
      codes[row] = number_of(a.single[row], b.single[row]);
    }
    for (std::uint32_t row = 0; any_missing != 0 && row < rows; ++row) {
      const bool missing = a.single[row] == kNoGroup || b.single[row] == kNoGroup;
      codes[row] = missing ? kNoGroup : number_of(a.single[row], b.single[row]);
    }
    return {0, codes.data(), nullptr, nullptr};
  }
  const auto offsets = arena.allocate<std::uint32_t>(std::size_t{rows} + 1);
  offsets[0] = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    offsets[row + 1] = offsets[row] + static_cast<std::uint32_t>(groups_of(a, row).size() *
                                                                 groups_of(b, row).size());
  }
  const auto values = arena.allocate<std::uint32_t>(offsets[rows]);
  std::uint32_t* out = values.data();
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (const std::uint32_t left : groups_of(a, row)) {
      for (const std::uint32_t right : groups_of(b, row)) *out++ = number_of(left, right);
    }
  }
  return {0, nullptr, offsets.data(), values.data()};
}

// How many pairs of values the rows have, repeats counted.
std::size_t pair_total(const Groups& a, const Groups& b, std::uint32_t rows) {
  std::size_t total = 0;
  for (std::uint32_t row = 0; row < rows; ++row) {
    total += groups_of(a, row).size() * groups_of(b, row).size();
  }
  return total;
}

Coding join(const Coding& a, const Coding& b, const Sides& sides, Arena& arena) {
  Coding joined;
  const auto join_both = [&](auto number_of) {
    joined.rows = join_side(a.rows, b.rows, sides.rows.count, number_of, arena);
    joined.past = join_side(a.past, b.past, sides.past.count, number_of, arena);
  };
  std::uint32_t count = 0;
  const std::uint64_t pairs = std::uint64_t{a.rows.count} * b.rows.count;
  // LIMIT: four pairs for every row; counters per group then still fit a few pages of memory.
  if (pairs <= 4 * sides.total() + 64) {
    count = static_cast<std::uint32_t>(pairs);
    join_both([factor = b.rows.count](std::uint32_t left, std::uint32_t right) {
      return left * factor + right;
    });
  } else {
    Numbering numbering(
        pair_total(a.rows, b.rows, sides.rows.count) + pair_total(a.past, b.past, sides.past.count),
        arena);
    join_both([&numbering](std::uint32_t left, std::uint32_t right) {
      return numbering.number(std::uint64_t{left} << 32 | right);
    });
    count = numbering.count();
  }
  joined.rows.count = joined.past.count = count;
  return joined;
}

Coding code_column(std::uint32_t column, bool missing_as_value, const Batch& batch,
                   const Sides& sides, Arena& arena) {
  if (column == kIdColumn) return code_ids(sides, arena);
  const auto vocabulary_size = [&] { return batch.vocabularies[column].size(); };
  switch (batch.rows.columns[column].type) {
    case ColumnType::Category:
      return code_category(sides, column, vocabulary_size(), missing_as_value, arena);
    case ColumnType::Categories:
      return code_lists(sides, column, vocabulary_size(), missing_as_value, arena);
    case ColumnType::Bool:
      return code_bool(sides, column, missing_as_value, arena);
    default:
      return code_integer(sides, column, missing_as_value, arena);
  }
}

}  // namespace

Coding code_groups(std::span<const std::uint32_t> by, bool missing_as_value, const Batch& batch,
                   std::uint32_t past_count, Arena& arena) {
  const Sides sides = {{&batch.rows, 0, batch.rows.row_count},
                       {&batch.history, batch.history.row_count - past_count, past_count}};
  Coding coding = code_column(by[0], missing_as_value, batch, sides, arena);
  for (const std::uint32_t column : by.subspan(1)) {
    const Coding next = code_column(column, missing_as_value, batch, sides, arena);
    coding = join(coding, next, sides, arena);
  }
  return coding;
}

bool is_never_grouped(std::span<const std::uint32_t> by, bool missing_as_value,
                      const Batch& batch) {
  if (missing_as_value) return false;
  return std::any_of(by.begin(), by.end(), [&batch](std::uint32_t column) {
    return column != kIdColumn && !batch.rows.columns[column].present;
  });
}

}  // namespace lineup
