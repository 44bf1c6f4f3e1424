// SPDX-License-Identifier: Apache-2.0
//
// Whole columns for `allow_all`: numbers and masks over all rows of the batch, in memory of the
// call. A missing number is NaN, so comparisons with it are false and `ne` is true, as in
// conditions. Whole numbers and times are exact up to 2^53.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <string_view>

#include "script/facts.hpp"

namespace lineup {

struct Lanes {
  enum class Kind : std::uint8_t { Column, Numbers, Mask };
  std::uint64_t mark = kMark;  // tells it from other userdata
  Kind kind = Kind::Column;
  std::int32_t column = 0;    // Column: of the schema, or kIdField
  double* numbers = nullptr;  // Numbers: [rows]
  Word* mask = nullptr;       // Mask: [word_count(rows)]
  static constexpr std::uint64_t kMark = 0x6c616e6573c3a5d1ULL;
};

enum class LaneComparison : std::uint8_t {
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual
};
enum class Arithmetic : std::uint8_t { Add, Subtract, Multiply, Divide };

// What a lane is compared or computed with, besides another lane.
struct LaneValue {
  enum class Kind : std::uint8_t { Number, Text, Truth };
  Kind kind = Kind::Number;
  double number = 0.0;
  std::string_view text;
  bool truth = false;
};

// The operations. Each takes time in proportion to the rows; none asks for memory once the arena is
// warm. The results live in the scratch memory of the facts.
class LaneWork {
 public:
  explicit LaneWork(Facts& facts) : facts_(facts) {}

  [[nodiscard]] std::uint32_t rows() const { return facts_.batch().rows.row_count; }
  [[nodiscard]] Arena& arena() { return facts_.scratch(); }

  // The numbers of a lane; null: it is a column that holds none.
  [[nodiscard]] const double* numbers_of(const Lanes& lane);
  // The mask of a lane: a bool column is one too (missing is false); null: it is none.
  [[nodiscard]] const Word* mask_of(const Lanes& lane);
  [[nodiscard]] ColumnType type_of(const Lanes& lane) const;

  [[nodiscard]] Lanes compare(const double* left, LaneComparison how, const double* right);
  [[nodiscard]] Lanes compare(const double* left, LaneComparison how, double right);
  [[nodiscard]] Lanes compute(const double* left, Arithmetic how, const double* right);
  // The same number in every row.
  [[nodiscard]] const double* spread(double value);
  [[nodiscard]] Lanes both(const Word* left, const Word* right);
  [[nodiscard]] Lanes either(const Word* left, const Word* right);
  [[nodiscard]] Lanes opposite(const Word* mask);
  // Rows of a column of texts, ids or truths that have (one of) the value.
  [[nodiscard]] Lanes equal(std::int32_t column, const LaneValue& value);
  // Adds the rows of `more`.
  void add(Lanes& mask, const Lanes& more) const;
  [[nodiscard]] Lanes nothing();
  [[nodiscard]] Lanes missing(std::int32_t column);
  // Rows that share a value with a row of the page.
  [[nodiscard]] Lanes same(std::int32_t column, std::uint32_t row);
  // How many of the last `last` rows of the page share each row's value; how far back the next one
  // is, missing where there is none.
  [[nodiscard]] Lanes count_same(std::int32_t column, std::uint32_t last);
  [[nodiscard]] Lanes distance(std::int32_t column);

 private:
  [[nodiscard]] Lanes mask();
  [[nodiscard]] Lanes numbers();
  [[nodiscard]] const Column& column(std::int32_t index) const {
    return facts_.batch().rows.columns[static_cast<std::size_t>(index)];
  }
  // Codes with a place for the missing one; null: the column has not one code a row.
  [[nodiscard]] const std::uint32_t* codes_of(std::int32_t index) const;
  [[nodiscard]] std::uint32_t code_count(std::int32_t index) const;

  Facts& facts_;
};

// In Lua, lanes are userdata. Called inside Sandbox::protect or by a function of Lua.
void open_lanes(lua_State* L);
// The lanes at `index`; null: something else.
[[nodiscard]] const Lanes* lanes_at(lua_State* L, int index);
int push_column_lanes(lua_State* L, std::int32_t column);
// slate:count_same(column, n) and slate:distance_to_same(column), with the column at `index`.
int push_count_same(lua_State* L, int index, std::uint32_t last);
int push_distance(lua_State* L, int index);

}  // namespace lineup
