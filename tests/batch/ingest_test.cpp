// SPDX-License-Identifier: Apache-2.0
//
// From a host's columns to the batch: what is borrowed, what is coded, what is refused.
#include "batch/ingest.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

namespace lineup {

namespace {

struct Dictionary {
  explicit Dictionary(const std::vector<std::string>& texts) {
    offsets.push_back(0);
    for (const std::string& text : texts) {
      bytes += text;
      offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    view = {sizeof(lineup_dictionary), static_cast<std::uint32_t>(texts.size()), offsets.data(),
            bytes.data(), 0};
  }
  std::vector<std::uint32_t> offsets;
  std::string bytes;
  lineup_dictionary view{};
};

lineup_column column_of(lineup_type type, const void* data) {
  lineup_column column{};
  column.struct_size = sizeof column;
  column.type = type;
  column.data = data;
  return column;
}

// A column of texts; "" with a false bit in `valid` is missing.
struct TextColumn {
  explicit TextColumn(const std::vector<std::string>& values) : words(values) {
    column = column_of(LINEUP_TYPE_TEXT, words.bytes.data());
    column.offsets = words.offsets.data();
  }
  Dictionary words;
  lineup_column column{};
};

// A schema of one column, read from `rows` and `history`.
struct Reading {
  Reading(ColumnType type, const lineup_column* rows, std::uint32_t row_count,
          const lineup_column* history = nullptr, std::uint32_t history_count = 0, char split = 0) {
    ColumnSpec spec;
    spec.name = "c";
    spec.type = type;
    spec.split = split;
    schema.add(spec);
    read(rows, row_count, history, history_count);
  }
  void read(const lineup_column* rows, std::uint32_t row_count, const lineup_column* history,
            std::uint32_t history_count) {
    const std::uint8_t wanted = 1;
    const lineup_column* row_columns[] = {rows};
    const lineup_column* history_columns[] = {history};
    batch = ingest(schema, {&wanted, 1}, {row_count, nullptr, row_columns},
                   {history_count, nullptr, history_columns}, scratch, arena);
  }
  [[nodiscard]] const Column& rows() const { return batch->rows.columns[0]; }
  [[nodiscard]] const Column& history() const { return batch->history.columns[0]; }
  [[nodiscard]] std::string_view text(std::uint32_t code) const {
    return batch->vocabularies[0].texts[code];
  }

  Schema schema;
  IngestScratch scratch;
  Arena arena;
  Result<Batch> batch = failure("", "");
};

}  // namespace

TEST_CASE("columns in canonical form are borrowed, not copied", "[ingest]") {
  const std::vector<double> scores = {0.5, 0.25};
  const auto column = column_of(LINEUP_TYPE_F64, scores.data());
  const Reading reading(ColumnType::Float, &column, 2);
  REQUIRE(reading.batch);
  CHECK(reading.rows().floats == scores.data());
}

TEST_CASE("codes of a small dictionary are borrowed, those of a large one made dense", "[ingest]") {
  const std::vector<std::uint32_t> codes = {900, 3, 900};
  std::vector<std::string> texts(1000);
  for (std::size_t i = 0; i < texts.size(); ++i) texts[i] = "t" + std::to_string(i);
  const Dictionary large(texts);
  auto column = column_of(LINEUP_TYPE_CODE, codes.data());
  column.dictionary = &large.view;
  const Reading dense(ColumnType::Category, &column, 3);
  REQUIRE(dense.batch);
  CHECK(dense.batch->vocabularies[0].size() == 2);
  CHECK(dense.text(dense.rows().codes[0]) == "t900");
  CHECK(dense.rows().codes[0] == dense.rows().codes[2]);

  const std::vector<std::uint32_t> few = {1, 0, LINEUP_NO_CODE};
  const Dictionary small({"x", "y"});
  auto lent = column_of(LINEUP_TYPE_CODE, few.data());
  lent.dictionary = &small.view;
  const Reading borrowed(ColumnType::Category, &lent, 3);
  REQUIRE(borrowed.batch);
  CHECK(borrowed.rows().codes == few.data());
  CHECK(borrowed.rows().is_missing(2));
}

TEST_CASE("lists of codes are borrowed unless a code in them stands for no value", "[ingest]") {
  const std::vector<std::uint32_t> offsets = {0, 2, 2, 3};
  const Dictionary dictionary({"x", "y"});
  const auto lists_of = [&](const std::vector<std::uint32_t>& codes) {
    auto column = column_of(LINEUP_TYPE_CODE_LIST, codes.data());
    column.list_offsets = offsets.data();
    column.dictionary = &dictionary.view;
    return column;
  };
  const std::vector<std::uint32_t> whole = {1, 0, 1};
  const auto lent = lists_of(whole);
  const Reading borrowed(ColumnType::Categories, &lent, 3);
  REQUIRE(borrowed.batch);
  CHECK(borrowed.rows().codes == whole.data());
  CHECK(borrowed.rows().offsets == offsets.data());
  CHECK(borrowed.rows().is_missing(1));
  CHECK(borrowed.text(borrowed.rows().codes[2]) == "y");

  const std::vector<std::uint32_t> holed = {LINEUP_NO_CODE, 0, 1};
  const auto given = lists_of(holed);
  const Reading read(ColumnType::Categories, &given, 3);
  REQUIRE(read.batch);
  CHECK(read.rows().offsets[1] == 1);
  CHECK(read.text(read.rows().codes[0]) == "x");

  // Rows that could be lent, beside a history that could not: both are read into one numbering.
  const Reading mixed(ColumnType::Categories, &lent, 3, &given, 3);
  REQUIRE(mixed.batch);
  CHECK(mixed.text(mixed.rows().codes[0]) == "y");
  CHECK(mixed.history().codes[0] == mixed.rows().codes[1]);

  const std::vector<std::uint32_t> wrong = {1, 0, 2};
  const auto outside = lists_of(wrong);
  const Reading refused(ColumnType::Categories, &outside, 3);
  REQUIRE_FALSE(refused.batch);
  CHECK(refused.batch.error().code == "input/code");
}

TEST_CASE("candidates and history share codes even when they are stored differently", "[ingest]") {
  const std::vector<std::uint32_t> codes = {1, 0};
  const Dictionary dictionary({"x", "y"});
  auto column = column_of(LINEUP_TYPE_CODE, codes.data());
  column.dictionary = &dictionary.view;
  const TextColumn history({"y", "z"});
  const Reading reading(ColumnType::Category, &column, 2, &history.column, 2);
  REQUIRE(reading.batch);
  CHECK(reading.rows().codes[0] == reading.history().codes[0]);
  CHECK(reading.text(reading.history().codes[1]) == "z");
}

TEST_CASE("an empty text is a value, an invalid one is missing", "[ingest]") {
  TextColumn texts({"", "", "a"});
  const std::uint64_t valid = 0b101;
  texts.column.validity = &valid;
  const Reading reading(ColumnType::Category, &texts.column, 3);
  REQUIRE(reading.batch);
  CHECK_FALSE(reading.rows().is_missing(0));
  CHECK(reading.rows().is_missing(1));
  CHECK(reading.text(reading.rows().codes[0]).empty());
}

TEST_CASE("one text is cut into several values where the column says so", "[ingest]") {
  const TextColumn texts({"a,b", "", "b"});
  const Reading reading(ColumnType::Categories, &texts.column, 3, nullptr, 0, ',');
  REQUIRE(reading.batch);
  const Column& column = reading.rows();
  CHECK(column.offsets[1] == 2);
  CHECK(column.is_missing(1));
  CHECK(column.codes[1] == column.codes[2]);
}

TEST_CASE("dates may come as text; what is no date is missing", "[ingest]") {
  const TextColumn texts({"1970-01-02", "tomorrow"});
  const Reading reading(ColumnType::Time, &texts.column, 2);
  REQUIRE(reading.batch);
  CHECK(reading.rows().integers[0] == 86'400'000);
  CHECK(reading.rows().is_missing(1));
}

TEST_CASE("a default stands where a value is missing or the column is absent", "[ingest]") {
  Reading reading(ColumnType::Float, nullptr, 0);
  ColumnSpec spec;
  spec.name = "boosted";
  spec.type = ColumnType::Float;
  spec.default_value = Scalar::of(2.5);
  reading.schema.add(spec);
  const std::vector<double> scores = {1.0, std::numeric_limits<double>::quiet_NaN()};
  const auto column = column_of(LINEUP_TYPE_F64, scores.data());
  const std::uint8_t wanted[] = {1, 1};
  const lineup_column* columns[] = {nullptr, &column};
  auto batch = ingest(reading.schema, wanted, {2, nullptr, columns}, {1, nullptr, {}},
                      reading.scratch, reading.arena);
  REQUIRE(batch);
  CHECK_FALSE(batch->rows.columns[0].present);
  CHECK(batch->rows.columns[1].floats[0] == 1.0);
  CHECK(batch->rows.columns[1].floats[1] == 2.5);
  CHECK(batch->history.columns[1].floats[0] == 2.5);
}

TEST_CASE("columns that cannot be right are refused by name", "[ingest]") {
  const std::vector<std::uint32_t> codes = {7};
  const Dictionary dictionary({"x"});
  auto column = column_of(LINEUP_TYPE_CODE, codes.data());
  column.dictionary = &dictionary.view;
  const Reading outside(ColumnType::Category, &column, 1);
  REQUIRE_FALSE(outside.batch);
  CHECK(outside.batch.error().code == "input/code");

  const Reading mistyped(ColumnType::Float, &column, 1);
  REQUIRE_FALSE(mistyped.batch);
  CHECK(mistyped.batch.error().message == "column `c` is declared as float but came as codes");

  const auto empty = column_of(LINEUP_TYPE_F64, nullptr);
  const Reading without(ColumnType::Float, &empty, 1);
  REQUIRE_FALSE(without.batch);
  CHECK(without.batch.error().code == "input/no-data");
}

TEST_CASE("the first row of an id is kept, for numbers and for texts", "[ingest]") {
  IngestScratch scratch;
  const std::vector<std::int64_t> numbers = {5, 6, 5};
  Table table;
  table.row_count = 3;
  table.ids.numbers = numbers.data();
  Word rows = 0b111;
  CHECK(drop_duplicates(table, scratch, {&rows, 1}) == 1);
  CHECK(rows == 0b011);

  const Dictionary texts({"a", "b", "b"});
  table.ids = {nullptr, texts.offsets.data(), texts.bytes.data()};
  rows = 0b111;
  CHECK(drop_duplicates(table, scratch, {&rows, 1}) == 1);
  CHECK(rows == 0b011);
}

TEST_CASE("one session's scratch serves thousands of requests without mixing them", "[ingest]") {
  Interner interner;
  for (int request = 0; request < 5000; ++request) {
    interner.begin(4);
    std::vector<std::string> texts;
    for (int i = 0; i < 40; ++i) texts.push_back(std::to_string(request * 31 + i % 17));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::uint32_t code = interner.code(texts[i]);
      REQUIRE(code == i % 17);
      REQUIRE(interner.texts()[code] == texts[i]);
    }
  }
}

TEST_CASE("texts are told apart by every byte and by their length", "[ingest]") {
  // Lengths around those at which the interner changes how it reads a text, differing in one byte.
  std::vector<std::string> texts;
  for (std::size_t size = 0; size < 40; ++size) {
    texts.emplace_back(size, 'x');
    for (std::size_t at = 0; at < size; ++at) {
      texts.emplace_back(size, 'x');
      texts.back()[at] = '\0';
    }
  }
  std::string bytes;
  std::vector<std::uint32_t> offsets = {0};
  for (const std::string& text : texts) {
    bytes += text;
    offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
  }
  Interner interner;
  interner.begin(4);
  std::vector<std::uint32_t> codes(texts.size());
  interner.codes(bytes.data(), offsets.data(), static_cast<std::uint32_t>(texts.size()),
                 codes.data());
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    REQUIRE(codes[i] == i);
    REQUIRE(interner.code(texts[i]) == i);
  }
}

}  // namespace lineup
