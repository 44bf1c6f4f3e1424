// SPDX-License-Identifier: Apache-2.0
//
// Rows with columns, as a host hands them to the engine. Columns are borrowed, never copied: what
// they point to must live until the call that uses them returns. Objects are made to be reused:
// after clear() they keep their memory, so that a warm request allocates nothing.
#ifndef LINEUP_CPP_ROWS_HPP
#define LINEUP_CPP_ROWS_HPP

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lineup/engine.h"

namespace lineup::host {

// Which rows of a column have a value, one bit each; empty: all have.
using Validity = std::span<const std::uint64_t>;

// Owned texts in the layout of the interface: offsets and bytes.
class Texts {
 public:
  Texts() = default;
  Texts(std::initializer_list<std::string_view> texts) {
    for (const std::string_view text : texts) add(text);
  }

  void clear() {
    offsets_.resize(1);
    bytes_.clear();
  }
  void add(std::string_view text) {
    bytes_.append(text);
    offsets_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }
  [[nodiscard]] std::uint32_t size() const {
    return static_cast<std::uint32_t>(offsets_.size() - 1);
  }
  [[nodiscard]] std::string_view operator[](std::uint32_t index) const {
    return std::string_view(bytes_).substr(offsets_[index], offsets_[index + 1] - offsets_[index]);
  }
  [[nodiscard]] const std::uint32_t* offsets() const { return offsets_.data(); }
  [[nodiscard]] const char* bytes() const { return bytes_.data(); }

 private:
  std::vector<std::uint32_t> offsets_{0};
  std::string bytes_;
};

// What codes stand for. `identity`: 0, or a number given to equal contents only; then the engine
// may keep what it looked up. Borrows the texts.
class Dictionary {
 public:
  explicit Dictionary(const Texts& texts, std::uint64_t identity = 0)
      : view_{sizeof(lineup_dictionary), texts.size(), texts.offsets(), texts.bytes(), identity} {}
  [[nodiscard]] const lineup_dictionary* view() const { return &view_; }

 private:
  lineup_dictionary view_;
};

// Candidates, or the history (oldest first).
class Rows {
 public:
  // Begins anew with so many rows.
  void clear(std::uint32_t row_count) {
    row_count_ = row_count;
    ids_ = {sizeof(lineup_ids), 0, nullptr, nullptr, nullptr};
    has_ids_ = false;
    handles_.clear();
    columns_.clear();
  }

  // Ids, echoed as given. `unique`: the host promises that none occurs twice.
  void ids(std::span<const std::int64_t> numbers, bool unique = false) {
    has_ids_ = true;
    ids_ = {sizeof(lineup_ids), unique ? LINEUP_IDS_UNIQUE : 0, numbers.data(), nullptr, nullptr};
  }
  void ids(const Texts& texts, bool unique = false) {
    has_ids_ = true;
    ids_ = {sizeof(lineup_ids), unique ? LINEUP_IDS_UNIQUE : 0, nullptr, texts.offsets(),
            texts.bytes()};
  }

  // A column of numbers, integers, or bools (0 or 1).
  void column(lineup_handle handle, std::span<const double> values, Validity validity = {}) {
    add(handle, LINEUP_TYPE_F64, values.data(), validity);
  }
  void column(lineup_handle handle, std::span<const float> values, Validity validity = {}) {
    add(handle, LINEUP_TYPE_F32, values.data(), validity);
  }
  void column(lineup_handle handle, std::span<const std::int64_t> values, Validity validity = {}) {
    add(handle, LINEUP_TYPE_I64, values.data(), validity);
  }
  void column(lineup_handle handle, std::span<const std::int32_t> values, Validity validity = {}) {
    add(handle, LINEUP_TYPE_I32, values.data(), validity);
  }
  void column(lineup_handle handle, std::span<const std::uint8_t> bools, Validity validity = {}) {
    add(handle, LINEUP_TYPE_BOOL, bools.data(), validity);
  }
  // Milliseconds since the epoch.
  void times(lineup_handle handle, std::span<const std::int64_t> times_ms, Validity validity = {}) {
    add(handle, LINEUP_TYPE_TIME_MS, times_ms.data(), validity);
  }
  // A category per row, as a text.
  void column(lineup_handle handle, const Texts& texts, Validity validity = {}) {
    add(handle, LINEUP_TYPE_TEXT, texts.bytes(), validity).offsets = texts.offsets();
  }
  // A category per row, as a code; LINEUP_NO_CODE: none.
  void codes(lineup_handle handle, std::span<const std::uint32_t> codes,
             const Dictionary& dictionary) {
    add(handle, LINEUP_TYPE_CODE, codes.data(), {}).dictionary = dictionary.view();
  }
  // Several categories per row: those of row r are values[list_offsets[r] .. list_offsets[r + 1]).
  void code_lists(lineup_handle handle, std::span<const std::uint32_t> codes,
                  std::span<const std::uint32_t> list_offsets, const Dictionary& dictionary) {
    lineup_column& made = add(handle, LINEUP_TYPE_CODE_LIST, codes.data(), {});
    made.list_offsets = list_offsets.data();
    made.dictionary = dictionary.view();
  }
  void text_lists(lineup_handle handle, const Texts& values,
                  std::span<const std::uint32_t> list_offsets) {
    lineup_column& made = add(handle, LINEUP_TYPE_TEXT_LIST, values.bytes(), {});
    made.offsets = values.offsets();
    made.list_offsets = list_offsets.data();
  }
  // An embedding of `dimension` floats per row.
  void vectors(lineup_handle handle, std::span<const float> values, std::uint32_t dimension,
               Validity validity = {}) {
    add(handle, LINEUP_TYPE_VECTOR, values.data(), validity).dimension = dimension;
  }

  [[nodiscard]] std::uint32_t size() const { return row_count_; }

  // As the engine takes it. Valid until the next change.
  [[nodiscard]] const lineup_rows* view() const {
    pointers_.clear();
    for (const lineup_column& column : columns_) pointers_.push_back(&column);
    view_ = {sizeof(lineup_rows),
             row_count_,
             static_cast<std::uint32_t>(columns_.size()),
             0,
             has_ids_ ? &ids_ : nullptr,
             handles_.data(),
             pointers_.data()};
    return &view_;
  }

 private:
  lineup_column& add(lineup_handle handle, lineup_type type, const void* data, Validity validity) {
    handles_.push_back(handle);
    columns_.push_back({sizeof(lineup_column), type, 0, 0, data,
                        validity.empty() ? nullptr : validity.data(), nullptr, nullptr, nullptr});
    return columns_.back();
  }

  std::uint32_t row_count_ = 0;
  bool has_ids_ = false;
  lineup_ids ids_{};
  std::vector<lineup_handle> handles_;
  std::vector<lineup_column> columns_;
  mutable std::vector<const lineup_column*> pointers_;
  mutable lineup_rows view_{};
};

}  // namespace lineup::host

#endif
