// SPDX-License-Identifier: Apache-2.0
//
// Evaluates a condition for all rows at once: every comparison is one loop over one column that
// writes 64 rows to a word, and `and`, `or`, `not` work on words. Texts are compared once per
// distinct value, rows only by their codes. What reads no rows is decided once per request.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/clock.hpp"
#include "condition/condition.hpp"
#include "condition/program.hpp"
#include "condition/select_loops.hpp"

namespace lineup {

namespace {

// A number, text or date as a moment; Missing when it is none.
Scalar moment_of(const Scalar& value) {
  // LIMIT: doubles of this size are whole; beyond, the cast to 64 bits could overflow.
  constexpr double kMomentMax = 9.0e15;
  if (value.kind == Scalar::Kind::Integer) return value;
  if (value.kind == Scalar::Kind::Float && std::abs(value.number) <= kMomentMax) {
    return Scalar::of(static_cast<std::int64_t>(value.number));
  }
  if (value.kind == Scalar::Kind::Text) {
    if (const auto moment = parse_time_ms(value.text)) return Scalar::of(*moment);
  }
  return {};
}

// Durations are small; dates of hosts may be anything.
std::int64_t moved(std::int64_t moment, std::int64_t offset_ms) {
  std::int64_t out = 0;
  if (!__builtin_add_overflow(moment, offset_ms, &out)) return out;
  return offset_ms > 0 ? INT64_MAX : INT64_MIN;
}

bool has_end(std::string_view text, std::string_view end, TextEnd which) {
  return which == TextEnd::Start ? text.starts_with(end) : text.ends_with(end);
}

class Selection {
 public:
  Selection(const Table& table, std::span<const Vocabulary> vocabularies,
            const RequestContext& request, Arena& arena)
      : table_(table), vocabularies_(vocabularies), request_(request), arena_(arena) {}

  void select(const ConditionNode& node, std::span<Word> out) {
    switch (node.kind) {
      case ConditionNode::Kind::And:
        return select_all(node, out, true);
      case ConditionNode::Kind::Or:
        return select_all(node, out, false);
      case ConditionNode::Kind::Not:
        return select_opposite(node, out);
      case ConditionNode::Kind::Constant:
      case ConditionNode::Kind::Segment:
      case ConditionNode::Kind::Truth:
      case ConditionNode::Kind::Missing:
      case ConditionNode::Kind::Compare:
      case ConditionNode::Kind::InSet:
      case ConditionNode::Kind::InList:
      case ConditionNode::Kind::Match:
        break;
    }
    if (!node.reads_rows) return fill(out, table_.row_count, request_holds(node));
    if (node.left.source == ConditionOperand::Source::Id) return select_ids(node, out);
    const Column& column = column_of(node.left);
    if (!column.present)
      return fill(out, table_.row_count, node.kind == ConditionNode::Kind::Missing);
    switch (node.kind) {
      case ConditionNode::Kind::Truth:
        fill_rows(out, table_.row_count, [&](std::uint32_t row) { return column.bools[row] != 0; });
        return keep_valid(out, column);
      case ConditionNode::Kind::Missing:
        return select_missing(column, out);
      case ConditionNode::Kind::Compare:
        return node.right.source == ConditionOperand::Source::Column
                   ? compare_columns(node, column, column_of(node.right), out)
                   : compare_column(node, column, constant_of(node, node.right), out);
      case ConditionNode::Kind::InSet:
        return select_in_set(node, column, out);
      case ConditionNode::Kind::InList:
        return select_in_list(node, column, out);
      case ConditionNode::Kind::Match:
        select_texts(node.left, column, out, [&](std::string_view text) {
          return has_end(text, node.right.text, node.text_end);
        });
        return keep_valid(out, column);
      case ConditionNode::Kind::And:
      case ConditionNode::Kind::Or:
      case ConditionNode::Kind::Not:
      case ConditionNode::Kind::Constant:
      case ConditionNode::Kind::Segment:
        return;
    }
  }

 private:
  [[nodiscard]] const Column& column_of(const ConditionOperand& operand) const {
    return table_.columns[operand.index];
  }

  void select_all(const ConditionNode& node, std::span<Word> out, bool is_and) {
    select(node.children[0], out);
    const Arena::Mark mark = arena_.mark();
    const auto scratch = arena_.allocate<Word>(out.size());
    for (std::size_t i = 1; i < node.children.size(); ++i) {
      if (is_and && !any_bit(out)) break;
      select(node.children[i], scratch);
      for (std::size_t w = 0; w < out.size(); ++w) {
        out[w] = is_and ? out[w] & scratch[w] : out[w] | scratch[w];
      }
    }
    arena_.rewind(mark);
  }

  void select_opposite(const ConditionNode& node, std::span<Word> out) {
    select(node.children[0], out);
    for (Word& word : out) word = ~word;
    const std::uint32_t rest = table_.row_count % 64;
    if (rest != 0) out.back() &= (Word{1} << rest) - 1;
  }

  // The value of a side that reads no rows, Missing when there is none.
  [[nodiscard]] Scalar constant_of(const ConditionNode& node,
                                   const ConditionOperand& operand) const {
    Scalar value;
    if (operand.source == ConditionOperand::Source::Literal) {
      value = operand.literal_value();
    } else if (operand.source == ConditionOperand::Source::Now) {
      value = Scalar::of(request_.now_ms);
    } else if (operand.index < request_.context.size()) {
      value = request_.context[operand.index];
    }
    if (value.kind == Scalar::Kind::Float && std::isnan(value.number)) return {};
    if (!node.as_time) return value;
    value = moment_of(value);
    if (operand.offset_ms == 0 || value.is_missing()) return value;
    return Scalar::of(moved(value.integer, operand.offset_ms));
  }

  // A leaf that reads only the request.
  [[nodiscard]] bool request_holds(const ConditionNode& node) const {
    if (node.kind == ConditionNode::Kind::Constant) return node.constant;
    if (node.kind == ConditionNode::Kind::Segment) {
      return request_.segments != nullptr && test_bit(request_.segments, node.index);
    }
    const Scalar value = constant_of(node, node.left);
    if (node.kind == ConditionNode::Kind::Missing) return value.is_missing();
    if (node.kind == ConditionNode::Kind::Truth) {
      return value.kind == Scalar::Kind::Bool && value.boolean;
    }
    if (node.kind == ConditionNode::Kind::Compare) {
      return compare_scalars(node.comparison, value, constant_of(node, node.right));
    }
    if (node.kind == ConditionNode::Kind::Match) {
      return value.kind == Scalar::Kind::Text &&
             has_end(value.text, node.right.text, node.text_end);
    }
    const bool is_set = node.kind == ConditionNode::Kind::InSet;
    if (value.kind == Scalar::Kind::Text) {
      return is_set ? has_text(node.set, value.text) : node.list->contains(value.text);
    }
    if (value.kind == Scalar::Kind::Integer) {
      return is_set ? has_integer(node.set, value.integer) : node.list->contains(value.integer);
    }
    if (value.kind != Scalar::Kind::Float) return false;
    return is_set ? has_number(node.set, value.number) : node.list->contains(value.number);
  }

  static bool compare_scalars(Comparison comparison, const Scalar& a, const Scalar& b) {
    if (a.kind == Scalar::Kind::Integer && b.kind == Scalar::Kind::Integer) {
      return in_order(comparison, a.integer, b.integer);
    }
    if (a.is_number() && b.is_number()) return in_order(comparison, a.number, b.number);
    if (a.kind != b.kind) return false;
    if (a.kind == Scalar::Kind::Text) return in_order(comparison, a.text, b.text);
    return a.kind == Scalar::Kind::Bool && comparison == Comparison::Equal &&
           a.boolean == b.boolean;
  }

  static bool has_text(const ConditionSet& set, std::string_view text) {
    return std::binary_search(set.texts.begin(), set.texts.end(), text, std::less<>());
  }
  static bool has_integer(const ConditionSet& set, std::int64_t value) {
    return std::binary_search(set.integers.begin(), set.integers.end(), value) ||
           (!set.floats.empty() &&
            std::binary_search(set.floats.begin(), set.floats.end(), static_cast<double>(value)));
  }
  // NaN is in no set; a binary search would find it everywhere.
  static bool has_number(const ConditionSet& set, double value) {
    return !std::isnan(value) && std::binary_search(set.numbers.begin(), set.numbers.end(), value);
  }

  void select_missing(const Column& column, std::span<Word> out) {
    const std::uint32_t count = table_.row_count;
    switch (column.type) {
      case ColumnType::Float:
        fill_rows(out, count, [&](std::uint32_t row) { return std::isnan(column.floats[row]); });
        break;
      case ColumnType::Category:
        fill_rows(out, count, [&](std::uint32_t row) { return column.codes[row] == kMissingCode; });
        break;
      case ColumnType::Categories:
        fill_rows(out, count, [&](std::uint32_t row) {
          return column.offsets[row] == column.offsets[row + 1];
        });
        break;
      case ColumnType::Integer:
      case ColumnType::Bool:
      case ColumnType::Time:
      case ColumnType::Embedding:
        fill(out, count, false);
        break;
    }
    if (column.valid == nullptr) return;
    for (std::size_t w = 0; w < out.size(); ++w) out[w] |= ~column.valid[w];
    if (count % 64 != 0) out.back() &= (Word{1} << (count % 64)) - 1;
  }

  void compare_column(const ConditionNode& node, const Column& column, const Scalar& value,
                      std::span<Word> out) {
    const std::uint32_t count = table_.row_count;
    const Comparison comparison = node.comparison;
    switch (column.type) {
      case ColumnType::Float:
        if (!value.is_number()) return fill(out, count, false);
        compare_rows(
            out, count, comparison, [&](std::uint32_t row) { return column.floats[row]; },
            [x = value.number](std::uint32_t) { return x; });
        break;
      case ColumnType::Integer:
      case ColumnType::Time:
        if (!value.is_number()) return fill(out, count, false);
        compare_integers(comparison, column, value, out);
        break;
      case ColumnType::Bool:
        if (value.kind != Scalar::Kind::Bool || comparison != Comparison::Equal) {
          return fill(out, count, false);
        }
        fill_rows(out, count,
                  [&](std::uint32_t row) { return (column.bools[row] != 0) == value.boolean; });
        break;
      case ColumnType::Category:
      case ColumnType::Categories:
        if (value.kind != Scalar::Kind::Text) return fill(out, count, false);
        if (comparison == Comparison::Equal) {
          select_code(node.left, column, value.text, out);
        } else {
          select_texts(node.left, column, out, [&](std::string_view text) {
            return in_order(comparison, text, value.text);
          });
        }
        break;
      case ColumnType::Embedding:
        return fill(out, count, false);
    }
    keep_valid(out, column);
  }

  void compare_integers(Comparison comparison, const Column& column, const Scalar& value,
                        std::span<Word> out) {
    const std::uint32_t count = table_.row_count;
    if (value.kind == Scalar::Kind::Integer) {
      return compare_rows(
          out, count, comparison, [&](std::uint32_t row) { return column.integers[row]; },
          [x = value.integer](std::uint32_t) { return x; });
    }
    compare_rows(
        out, count, comparison,
        [&](std::uint32_t row) { return static_cast<double>(column.integers[row]); },
        [x = value.number](std::uint32_t) { return x; });
  }

  void select_code(const ConditionOperand& operand, const Column& column, std::string_view text,
                   std::span<Word> out) {
    const auto texts = vocabularies_[operand.index].texts;
    const std::uint32_t code = texts.find(text);
    if (code == texts.size()) return fill(out, table_.row_count, false);
    if (column.type == ColumnType::Category) {
      return fill_rows(out, table_.row_count,
                       [&](std::uint32_t row) { return column.codes[row] == code; });
    }
    fill_rows(out, table_.row_count, [&](std::uint32_t row) {
      const std::uint32_t* end = column.codes + column.offsets[row + 1];
      return std::find(column.codes + column.offsets[row], end, code) != end;
    });
  }

  // Asks `test` once per distinct text, then looks rows up by their codes.
  template <typename Test>
  void select_texts(const ConditionOperand& operand, const Column& column, std::span<Word> out,
                    Test test) {
    const Arena::Mark mark = arena_.mark();
    const auto texts = vocabularies_[operand.index].texts;
    const auto passes = arena_.allocate<std::uint8_t>(texts.size());
    for (std::size_t code = 0; code < texts.size(); ++code) passes[code] = test(texts[code]);
    if (column.type == ColumnType::Category) {
      fill_rows(out, table_.row_count, [&](std::uint32_t row) {
        // A missing value has a code beyond all texts.
        return column.codes[row] < passes.size() && passes[column.codes[row]] != 0;
      });
    } else {
      fill_rows(out, table_.row_count, [&](std::uint32_t row) {
        bool any = false;
        for (std::uint32_t i = column.offsets[row]; i < column.offsets[row + 1]; ++i) {
          any = any || passes[column.codes[i]] != 0;
        }
        return any;
      });
    }
    arena_.rewind(mark);
  }

  void compare_columns(const ConditionNode& node, const Column& left, const Column& right,
                       std::span<Word> out) {
    const std::uint32_t count = table_.row_count;
    if (!right.present) return fill(out, count, false);
    const auto is_integer = [](const Column& column) {
      return column.type == ColumnType::Integer || column.type == ColumnType::Time;
    };
    if (left.type == ColumnType::Bool) {
      fill_rows(out, count, [&](std::uint32_t row) {
        return (left.bools[row] != 0) == (right.bools[row] != 0);
      });
    } else if (is_integer(left) && is_integer(right)) {
      compare_rows(
          out, count, node.comparison, [&](std::uint32_t row) { return left.integers[row]; },
          [&](std::uint32_t row) { return moved(right.integers[row], node.right.offset_ms); });
    } else if (left.type == ColumnType::Category || left.type == ColumnType::Categories) {
      compare_text_columns(node, left, right, out);
    } else {
      const auto number = [&](const Column& column) {
        return [&column, whole = is_integer(column)](std::uint32_t row) {
          return whole ? static_cast<double>(column.integers[row]) : column.floats[row];
        };
      };
      compare_rows(out, count, node.comparison, number(left), number(right));
    }
    keep_valid(out, left);
    keep_valid(out, right);
  }

  struct Codes {
    const std::uint32_t* first;
    const std::uint32_t* last;
  };
  static Codes codes_of(const Column& column, std::uint32_t row) {
    if (column.type == ColumnType::Categories) {
      return {column.codes + column.offsets[row], column.codes + column.offsets[row + 1]};
    }
    const std::uint32_t* code = column.codes + row;
    return {code, *code == kMissingCode ? code : code + 1};
  }

  // Two columns have two vocabularies, so that rows are compared by text.
  void compare_text_columns(const ConditionNode& node, const Column& left, const Column& right,
                            std::span<Word> out) {
    const auto left_texts = vocabularies_[node.left.index].texts;
    const auto right_texts = vocabularies_[node.right.index].texts;
    fill_rows(out, table_.row_count, [&](std::uint32_t row) {
      const Codes a = codes_of(left, row);
      const Codes b = codes_of(right, row);
      bool any = false;
      for (const std::uint32_t* i = a.first; i != a.last; ++i) {
        for (const std::uint32_t* j = b.first; j != b.last; ++j) {
          any = any || in_order(node.comparison, left_texts[*i], right_texts[*j]);
        }
      }
      return any;
    });
  }

  void select_in_set(const ConditionNode& node, const Column& column, std::span<Word> out) {
    const std::uint32_t count = table_.row_count;
    const ConditionSet& set = node.set;
    switch (column.type) {
      case ColumnType::Float:
        fill_rows(out, count,
                  [&](std::uint32_t row) { return has_number(set, column.floats[row]); });
        break;
      case ColumnType::Integer:
      case ColumnType::Time:
        fill_rows(out, count,
                  [&](std::uint32_t row) { return has_integer(set, column.integers[row]); });
        break;
      case ColumnType::Category:
      case ColumnType::Categories:
        select_texts(node.left, column, out,
                     [&](std::string_view text) { return has_text(set, text); });
        break;
      case ColumnType::Bool:
      case ColumnType::Embedding:
        return fill(out, count, false);
    }
    keep_valid(out, column);
  }

  void select_in_list(const ConditionNode& node, const Column& column, std::span<Word> out) {
    if (column.type == ColumnType::Integer) {
      fill_rows(out, table_.row_count,
                [&](std::uint32_t row) { return node.list->contains(column.integers[row]); });
    } else if (column.type == ColumnType::Float) {
      fill_rows(out, table_.row_count,
                [&](std::uint32_t row) { return node.list->contains(column.floats[row]); });
    } else {
      select_texts(node.left, column, out,
                   [&](std::string_view text) { return node.list->contains(text); });
    }
    keep_valid(out, column);
  }

  void select_ids(const ConditionNode& node, std::span<Word> out) {
    const std::uint32_t count = table_.row_count;
    const Ids& ids = table_.ids;
    const bool is_list = node.kind == ConditionNode::Kind::InList;
    if (node.kind == ConditionNode::Kind::Missing) return fill(out, count, false);
    if (node.kind == ConditionNode::Kind::Compare) {
      return select_id(constant_of(node, node.right), out);
    }
    if (node.kind == ConditionNode::Kind::Match) return match_ids(node, out);
    if (ids.is_numeric()) {
      return fill_rows(out, count, [&](std::uint32_t row) {
        return is_list ? node.list->contains(ids.numbers[row])
                       : has_integer(node.set, ids.numbers[row]);
      });
    }
    fill_rows(out, count, [&](std::uint32_t row) {
      return is_list ? node.list->contains(ids.text(row)) : has_text(node.set, ids.text(row));
    });
  }

  // Numbers are looked at as they are written.
  void match_ids(const ConditionNode& node, std::span<Word> out) {
    const Ids& ids = table_.ids;
    fill_rows(out, table_.row_count, [&](std::uint32_t row) {
      if (!ids.is_numeric()) return has_end(ids.text(row), node.right.text, node.text_end);
      char digits[24];
      const char* end = std::to_chars(digits, digits + sizeof(digits), ids.numbers[row]).ptr;
      return has_end({digits, static_cast<std::size_t>(end - digits)}, node.right.text,
                     node.text_end);
    });
  }

  // The rows of one id, which may be written as a number or as its decimal text.
  void select_id(const Scalar& value, std::span<Word> out) {
    const Ids& ids = table_.ids;
    std::int64_t number = 0;
    bool has_number = false;
    if (value.kind == Scalar::Kind::Text) {
      has_number = decimal_of(value.text, number);
    } else if (value.is_number()) {
      const Scalar whole = moment_of(value);
      has_number = whole.kind == Scalar::Kind::Integer &&
                   (value.kind == Scalar::Kind::Integer || whole.number == value.number);
      number = whole.integer;
    }
    if (ids.is_numeric()) {
      if (!has_number) return fill(out, table_.row_count, false);
      return fill_rows(out, table_.row_count,
                       [&](std::uint32_t row) { return ids.numbers[row] == number; });
    }
    char digits[24];
    std::string_view text = value.text;
    if (value.kind != Scalar::Kind::Text) {
      if (!has_number) return fill(out, table_.row_count, false);
      text = {digits, static_cast<std::size_t>(
                          std::to_chars(digits, digits + sizeof(digits), number).ptr - digits)};
    }
    fill_rows(out, table_.row_count, [&](std::uint32_t row) { return ids.text(row) == text; });
  }

  const Table& table_;
  std::span<const Vocabulary> vocabularies_;
  const RequestContext& request_;
  Arena& arena_;
};

}  // namespace

void Condition::select(const Table& table, std::span<const Vocabulary> vocabularies,
                       const RequestContext& request, Arena& arena, std::span<Word> out) const {
  if (program_ == nullptr) return set_first(out, table.row_count);
  Selection(table, vocabularies, request, arena).select(program_->root, out);
}

}  // namespace lineup
