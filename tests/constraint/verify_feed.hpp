// SPDX-License-Identifier: Apache-2.0
//
// Small feeds and rules for tests: rows written cell by cell, and the batch and the compiled rules
// made of them.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "constraint/compile.hpp"

namespace lineup::test {

using Texts = std::vector<std::string>;
// One value; the first alternative is a missing one.
using Vector = std::vector<float>;  // of kDimension floats
using Cell = std::variant<std::monostate, double, std::int64_t, bool, std::string, Texts, Vector>;
inline constexpr std::uint32_t kDimension = 3;

struct Row {
  std::string id;
  std::vector<Cell> cells;  // by schema index
};

// Rows of a feed and the batch made of them. Fill the rows, then call make().
class Feed {
 public:
  explicit Feed(const std::vector<std::pair<std::string, ColumnType>>& columns);
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  std::vector<Row> rows;
  std::vector<Row> history;
  bool numeric_ids = false;     // ids are then decimal texts
  std::vector<bool> is_absent;  // [schema] columns that the request does not carry

  [[nodiscard]] const Schema& schema() const { return schema_; }
  // The batch of the rows as they are now. Valid until the next call.
  const Batch& make();

 private:
  struct TableStore {
    std::vector<std::vector<double>> floats;
    std::vector<std::vector<std::int64_t>> integers;
    std::vector<std::vector<std::uint8_t>> bools;
    std::vector<std::vector<std::uint32_t>> codes;
    std::vector<std::vector<std::uint32_t>> offsets;
    std::vector<std::vector<float>> vectors;
    std::vector<std::vector<Word>> valid;
    std::vector<Column> columns;
    std::vector<std::int64_t> id_numbers;
    std::vector<std::uint32_t> id_offsets;
    std::string id_bytes;
  };

  std::uint32_t code(std::size_t column, const std::string& text);
  Table make_table(const std::vector<Row>& source, TableStore& store);
  void make_column(const std::vector<Row>& source, std::uint32_t column, TableStore& store);

  Schema schema_;
  TableStore row_store_;
  TableStore history_store_;
  std::vector<std::map<std::string, std::uint32_t>> codes_;
  std::vector<std::vector<std::string_view>> texts_;
  std::vector<Vocabulary> vocabularies_;
  Batch batch_;
};

// A spec of `kind` that acts on the rows of `where`.
[[nodiscard]] Spec spec_of(Kind kind, std::string where = {}, std::vector<std::string> by = {});

// Compiles; the test fails when there is an error.
[[nodiscard]] RuleUse compiled(std::vector<Spec> specs, const Schema& schema,
                               Strength strength = {Strength::Kind::Hard, 1.0, {}});

// All rows but those whose id stood before, without those that filters forbid.
[[nodiscard]] std::vector<Word> candidates_of(const std::vector<RuleUse>& uses,
                                              const std::vector<Idle>& idle, const RuleInput& input,
                                              Arena& arena);

}  // namespace lineup::test
