// SPDX-License-Identifier: Apache-2.0
//
// A request made by hand, for the tests of plugins: rows with columns, history, objectives. What is
// not set is empty. Names of functions are those of the column types in a policy's terms.
#ifndef LINEUP_TESTING_FAKE_REQUEST_HPP
#define LINEUP_TESTING_FAKE_REQUEST_HPP

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "lineup/batch.h"

namespace lineup::testing {

using Row = std::uint32_t;
inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// The texts of one category column, shared by candidates and history.
struct FakeDictionary {
  std::vector<std::string> texts;
  std::vector<std::uint32_t> offsets{0};
  std::string bytes;
  lineup_dictionary view{};

  // The code of `text`; the empty text is missing.
  std::uint32_t code(const std::string& text) {
    if (text.empty()) return LINEUP_NO_CODE;
    for (std::uint32_t code = 0; code < texts.size(); ++code) {
      if (texts[code] == text) return code;
    }
    texts.push_back(text);
    bytes += text;
    offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    const auto count = static_cast<std::uint32_t>(texts.size());
    view = {sizeof(lineup_dictionary), count, offsets.data(), bytes.data(), 0};
    return count - 1;
  }
};
using FakeDictionaries = std::map<std::string, FakeDictionary>;

// One column and the memory it stands in.
struct FakeColumn {
  lineup_type type = 0;
  std::uint32_t dimension = 0;
  std::vector<double> floats;
  std::vector<std::int64_t> integers;
  std::vector<std::uint8_t> bools;
  std::vector<std::uint32_t> codes;
  std::vector<std::uint32_t> list_offsets;
  std::vector<float> vectors;
  std::vector<std::uint64_t> validity;  // empty: every row has a value
  const FakeDictionary* dictionary = nullptr;

  [[nodiscard]] const void* data() const {
    switch (type) {
      case LINEUP_TYPE_F64:
        return floats.data();
      case LINEUP_TYPE_BOOL:
        return bools.data();
      case LINEUP_TYPE_CODE:
      case LINEUP_TYPE_CODE_LIST:
        return codes.data();
      case LINEUP_TYPE_VECTOR:
        return vectors.data();
      default:
        return integers.data();
    }
  }
  [[nodiscard]] lineup_column view() const {
    return {sizeof(lineup_column),
            type,
            dimension,
            0,
            data(),
            validity.empty() ? nullptr : validity.data(),
            nullptr,
            list_offsets.empty() ? nullptr : list_offsets.data(),
            dictionary == nullptr ? nullptr : &dictionary->view};
  }
};

// Rows with columns: the candidates, or the history (oldest first).
class FakeTable {
 public:
  FakeTable(std::uint32_t row_count, std::shared_ptr<FakeDictionaries> dictionaries)
      : row_count_(row_count), dictionaries_(std::move(dictionaries)) {
    for (std::uint32_t row = 0; row < row_count; ++row) ids_.push_back(row);
  }

  FakeTable& floats(const std::string& name, std::vector<double> values) {
    column(name, LINEUP_TYPE_F64, values.size()).floats = std::move(values);
    return *this;
  }
  FakeTable& integers(const std::string& name,
                      const std::vector<std::optional<std::int64_t>>& values,
                      lineup_type type = LINEUP_TYPE_I64) {
    FakeColumn& made = column(name, type, values.size());
    made.validity.assign((values.size() + 63) / 64, 0);
    for (std::size_t row = 0; row < values.size(); ++row) {
      made.integers.push_back(values[row].value_or(0));
      if (values[row]) made.validity[row / 64] |= std::uint64_t{1} << (row % 64);
    }
    return *this;
  }
  FakeTable& bools(const std::string& name, std::vector<std::uint8_t> values) {
    column(name, LINEUP_TYPE_BOOL, values.size()).bools = std::move(values);
    return *this;
  }
  // Categories; the empty text is missing.
  FakeTable& codes(const std::string& name, const std::vector<std::string>& values) {
    FakeColumn& made = column(name, LINEUP_TYPE_CODE, values.size());
    FakeDictionary& dictionary = (*dictionaries_)[name];
    for (const std::string& value : values) made.codes.push_back(dictionary.code(value));
    made.dictionary = &dictionary;
    return *this;
  }
  FakeTable& code_lists(const std::string& name,
                        const std::vector<std::vector<std::string>>& values) {
    FakeColumn& made = column(name, LINEUP_TYPE_CODE_LIST, values.size());
    FakeDictionary& dictionary = (*dictionaries_)[name];
    made.list_offsets.push_back(0);
    for (const auto& list : values) {
      for (const std::string& value : list) made.codes.push_back(dictionary.code(value));
      made.list_offsets.push_back(static_cast<std::uint32_t>(made.codes.size()));
    }
    made.dictionary = &dictionary;
    return *this;
  }
  FakeTable& vectors(const std::string& name, std::uint32_t dimension, std::vector<float> values) {
    FakeColumn& made = column(name, LINEUP_TYPE_VECTOR, values.size() / dimension);
    made.dimension = dimension;
    made.vectors = std::move(values);
    return *this;
  }
  // Numbers that name the rows; without, a row's id is its index.
  FakeTable& ids(std::vector<std::int64_t> ids) {
    if (ids.size() != row_count_) throw std::invalid_argument("one id per row");
    ids_ = std::move(ids);
    return *this;
  }

  [[nodiscard]] std::uint32_t row_count() const { return row_count_; }
  [[nodiscard]] const FakeColumn* find(const std::string& name) const {
    const auto found = columns_.find(name);
    return found == columns_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] lineup_ids ids_view() const {
    return {sizeof(lineup_ids), 0, ids_.data(), nullptr, nullptr};
  }

 private:
  FakeColumn& column(const std::string& name, lineup_type type, std::size_t row_count) {
    if (row_count != row_count_) {
      throw std::invalid_argument("column `" + name + "` must have one value per row");
    }
    FakeColumn& made = columns_[name] = FakeColumn{};
    made.type = type;
    return made;
  }

  std::uint32_t row_count_;
  std::map<std::string, FakeColumn> columns_;
  std::vector<std::int64_t> ids_;
  std::shared_ptr<FakeDictionaries> dictionaries_;
};

struct FakeObjective {
  std::string name;
  std::string column;
  double weight = 1.0;
};

// A request. `candidates` and `history` are its tables.
struct FakeRequest {
  FakeRequest(std::uint32_t row_count, std::uint32_t slots, std::uint32_t history_count = 0)
      : dictionaries(std::make_shared<FakeDictionaries>()),
        candidates(row_count, dictionaries),
        history(history_count, dictionaries),
        slot_count(slots) {}

  std::shared_ptr<FakeDictionaries> dictionaries;
  FakeTable candidates;
  FakeTable history;
  std::uint32_t slot_count;
  std::vector<FakeObjective> objectives;
  std::map<std::string, lineup_value> context;
  std::vector<Row> filtered;  // rows that filters took out
  std::uint64_t seed = 1;
  std::int64_t now_ms = 1'700'000'000'000;
  std::uint64_t work_limit = 1'000'000;
  // The rules: whether `row` may stand after `placed`. Empty: every row may.
  std::function<bool(const std::vector<Row>& placed, Row row)> permits;
  // What other nodes emitted, and what the graph's evaluators say of a page. Empty: no evaluators.
  std::vector<std::vector<Row>> slates_so_far;
  std::function<double(const std::vector<Row>& page)> worth;
};

}  // namespace lineup::testing

#endif
