// SPDX-License-Identifier: Apache-2.0
//
// The loops of select.cpp: 64 rows make a word. Templates, so that what is asked of a row is
// inlined into its loop. Nobody else may use them: holds.cpp exists to check them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/bits.hpp"
#include "batch/batch.hpp"
#include "condition/ast.hpp"

namespace lineup {

inline void fill(std::span<Word> out, std::uint32_t row_count, bool value) {
  set_first(out, value ? row_count : 0);
}

// Sets the bits of the rows that pass `test`.
template <typename Test>
void fill_rows(std::span<Word> out, std::uint32_t row_count, Test test) {
  for (std::size_t w = 0; w < out.size(); ++w) {
    const auto base = static_cast<std::uint32_t>(w * 64);
    const std::uint32_t count = std::min<std::uint32_t>(64, row_count - base);
    Word word = 0;
    for (std::uint32_t i = 0; i < count; ++i) word |= static_cast<Word>(test(base + i)) << i;
    out[w] = word;
  }
}

// One loop per comparison: the choice stays outside of it.
template <typename Get, typename Other>
void compare_rows(std::span<Word> out, std::uint32_t row_count, Comparison comparison, Get get,
                  Other other) {
  switch (comparison) {
    case Comparison::Equal:
    case Comparison::NotEqual:
      return fill_rows(out, row_count, [&](std::uint32_t row) { return get(row) == other(row); });
    case Comparison::Less:
      return fill_rows(out, row_count, [&](std::uint32_t row) { return get(row) < other(row); });
    case Comparison::LessEqual:
      return fill_rows(out, row_count, [&](std::uint32_t row) { return get(row) <= other(row); });
    case Comparison::Greater:
      return fill_rows(out, row_count, [&](std::uint32_t row) { return get(row) > other(row); });
    case Comparison::GreaterEqual:
      return fill_rows(out, row_count, [&](std::uint32_t row) { return get(row) >= other(row); });
  }
}

template <typename T>
bool in_order(Comparison comparison, const T& a, const T& b) {
  switch (comparison) {
    case Comparison::Equal:
    case Comparison::NotEqual:
      return a == b;
    case Comparison::Less:
      return a < b;
    case Comparison::LessEqual:
      return a <= b;
    case Comparison::Greater:
      return a > b;
    case Comparison::GreaterEqual:
      return a >= b;
  }
  return false;
}

inline void keep_valid(std::span<Word> out, const Column& column) {
  if (column.valid == nullptr) return;
  for (std::size_t w = 0; w < out.size(); ++w) out[w] &= column.valid[w];
}

}  // namespace lineup
