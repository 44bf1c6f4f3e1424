// SPDX-License-Identifier: Apache-2.0
//
// The candidates of one request and what the user saw before, column by column. Everything is
// borrowed from the host or lives in the request's arena; nothing here is written after it was
// made, except that scorers replace whole columns by engine-owned ones.
#pragma once

#include <cstdint>
#include <iterator>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/bits.hpp"
#include "batch/schema.hpp"

namespace lineup {

// The code of a missing category.
inline constexpr std::uint32_t kMissingCode = 0xFFFFFFFFU;

// One column in canonical form. Which pointer is set follows from the type. A column that the
// request does not carry has `present` false and reads as missing in every row (or its default:
// then it is present and made by the engine).
struct Column {
  ColumnType type = ColumnType::Float;
  bool present = false;
  std::uint32_t dimension = 0;             // Embedding
  const double* floats = nullptr;          // Float: [row_count]
  const std::int64_t* integers = nullptr;  // Integer, Time: [row_count]
  const std::uint8_t* bools = nullptr;     // Bool: [row_count] 0 or 1
  const std::uint32_t* codes = nullptr;  // Category: [row_count]; Categories: [offsets[row_count]]
  const std::uint32_t* offsets = nullptr;  // Categories: [row_count + 1]
  const float* vectors = nullptr;          // Embedding: [row_count * dimension]
  const Word* valid = nullptr;             // [word_count(row_count)]; null: every row has a value

  // Whether `row` has no value. A Category is missing by its code, Categories by an empty list,
  // a Float also when it is NaN.
  [[nodiscard]] bool is_missing(std::uint32_t row) const {
    if (!present || (valid != nullptr && !test_bit(valid, row))) return true;
    switch (type) {
      case ColumnType::Float:
        return floats[row] != floats[row];
      case ColumnType::Category:
        return codes[row] == kMissingCode;
      case ColumnType::Categories:
        return offsets[row] == offsets[row + 1];
      default:
        return false;
    }
  }
};

// Ids as the host gave them: all numbers or all texts.
struct Ids {
  const std::int64_t* numbers = nullptr;   // [row_count], or null
  const std::uint32_t* offsets = nullptr;  // [row_count + 1] into bytes, or null
  const char* bytes = nullptr;

  [[nodiscard]] bool is_numeric() const { return numbers != nullptr; }
  [[nodiscard]] std::string_view text(std::uint32_t row) const {
    return {bytes + offsets[row], offsets[row + 1] - offsets[row]};
  }
};

// Rows with columns: the candidates, or the history. Columns are indexed as in the schema.
struct Table {
  std::uint32_t row_count = 0;
  std::span<const Column> columns;
  Ids ids;
};

// The texts behind codes. Those of a host's dictionary are read where they lie: a dictionary may
// have thousands of entries, and a request asks for a few.
class VocabularyTexts {
 public:
  VocabularyTexts() = default;
  // clang-format off
  template <typename Views,
            typename = std::enable_if_t<
                std::is_convertible_v<const Views&, std::span<const std::string_view>>>>
  VocabularyTexts(const Views& views)  // NOLINT(google-explicit-constructor)
      : views_(std::data(views)), count_(static_cast<std::uint32_t>(std::size(views))) {}
  // clang-format on
  // `offsets` [count + 1] into `bytes`.
  VocabularyTexts(const std::uint32_t* offsets, const char* bytes, std::uint32_t count)
      : offsets_(offsets), bytes_(bytes), count_(count) {}

  [[nodiscard]] std::uint32_t size() const { return count_; }
  [[nodiscard]] std::string_view operator[](std::size_t code) const {
    if (views_ != nullptr) return views_[code];
    return {bytes_ + offsets_[code], offsets_[code + 1] - offsets_[code]};
  }
  // The number of `text`, or size().
  [[nodiscard]] std::uint32_t find(std::string_view text) const {
    std::uint32_t code = 0;
    while (code < count_ && (*this)[code] != text) ++code;
    return code;
  }

 private:
  const std::string_view* views_ = nullptr;
  const std::uint32_t* offsets_ = nullptr;
  const char* bytes_ = nullptr;
  std::uint32_t count_ = 0;
};

// What the codes of one Category or Categories column stand for. Codes are dense, given in order of
// first appearance or by the host's dictionary, and shared by candidates and history: equal codes
// mean equal texts.
struct Vocabulary {
  VocabularyTexts texts;  // [distinct values]
  [[nodiscard]] std::uint32_t size() const { return texts.size(); }
};

struct Batch {
  Table rows;                                // the candidates
  Table history;                             // oldest first: the last row stands next to slot 1
  std::span<const Vocabulary> vocabularies;  // [schema size]; empty for columns without codes
};

// What conditions may read besides columns. Indexed by the plan's layouts.
struct RequestContext {
  std::span<const Scalar> context;  // by ContextLayout slot
  const Word* segments = nullptr;   // bit per segment of the policy
  std::int64_t now_ms = 0;          // the request's clock
};

}  // namespace lineup
