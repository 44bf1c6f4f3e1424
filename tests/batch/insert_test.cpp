// SPDX-License-Identifier: Apache-2.0
//
// Rows that stand behind the host's: columns of both, in whatever form each side came.
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "batch/ingest.hpp"

namespace lineup {

namespace {

lineup_column column_of(lineup_type type, const void* data) {
  lineup_column column{};
  column.struct_size = sizeof column;
  column.type = type;
  column.data = data;
  return column;
}

// Texts one behind the other.
struct Words {
  explicit Words(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      bytes += text;
      offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
  }
  [[nodiscard]] lineup_column column() const {
    lineup_column out = column_of(LINEUP_TYPE_TEXT, bytes.data());
    out.offsets = offsets.data();
    return out;
  }
  [[nodiscard]] lineup_ids ids() const {
    return {sizeof(lineup_ids), 0, nullptr, offsets.data(), bytes.data()};
  }
  std::string bytes;
  std::vector<std::uint32_t> offsets = {0};
};

lineup_ids ids_of(const std::vector<std::int64_t>& numbers) {
  return {sizeof(lineup_ids), 0, numbers.data(), nullptr, nullptr};
}

// Two rows of a host and two that are inserted, in a schema of one column.
struct Both {
  explicit Both(ColumnType type, char split = 0) {
    ColumnSpec spec;
    spec.name = "c";
    spec.type = type;
    spec.split = split;
    spec.dimension = type == ColumnType::Embedding ? 2 : 0;
    schema.add(spec);
  }
  const Column& read(const lineup_column* host, const lineup_column* inserted) {
    const std::uint8_t wanted = 1;
    batch = ingest(schema, {&wanted, 1}, {2, nullptr, {&host, 1}}, {}, scratch, arena,
                   {2, nullptr, {&inserted, 1}});
    REQUIRE(batch);
    REQUIRE(batch->rows.row_count == 4);
    return batch->rows.columns[0];
  }
  [[nodiscard]] std::string text(std::uint32_t row) const {
    const Column& column = batch->rows.columns[0];
    if (column.is_missing(row)) return "-";
    return std::string(batch->vocabularies[0].texts[column.codes[row]]);
  }
  // "a+b": the values of a row.
  [[nodiscard]] std::string texts(std::uint32_t row) const {
    const Column& column = batch->rows.columns[0];
    std::string out;
    for (std::uint32_t i = column.offsets[row]; i < column.offsets[row + 1]; ++i) {
      out += (out.empty() ? "" : "+") + std::string(batch->vocabularies[0].texts[column.codes[i]]);
    }
    return out;
  }
  Schema schema;
  IngestScratch scratch;
  Arena arena;
  Result<Batch> batch = failure("", "");
};

}  // namespace

TEST_CASE("numbers, times and booleans of inserted rows stand behind the host's", "[insert]") {
  const std::uint64_t second = 0b10;
  const std::vector<double> scores = {1.5, 2.5};
  const std::vector<float> small = {3.5F, 4.5F};
  auto host = column_of(LINEUP_TYPE_F64, scores.data());
  auto inserted = column_of(LINEUP_TYPE_F32, small.data());
  inserted.validity = &second;
  Both floats(ColumnType::Float);
  const Column& joined = floats.read(&host, &inserted);
  CHECK(joined.floats[1] == 2.5);
  CHECK(joined.is_missing(2));
  CHECK(joined.floats[3] == 4.5);

  const std::vector<std::int64_t> moments = {10, 20};
  const auto times = column_of(LINEUP_TYPE_TIME_MS, moments.data());
  Both time(ColumnType::Time);
  const Column& late = time.read(nullptr, &times);
  CHECK(late.is_missing(0));
  CHECK(late.is_missing(1));
  CHECK(late.integers[2] == 10);
  CHECK_FALSE(late.is_missing(3));

  const std::vector<std::uint8_t> flags = {1, 0};
  const auto truths = column_of(LINEUP_TYPE_BOOL, flags.data());
  Both bools(ColumnType::Bool);
  const Column& early = bools.read(&truths, nullptr);
  CHECK(early.bools[0] == 1);
  CHECK_FALSE(early.is_missing(1));
  CHECK(early.is_missing(2));
  CHECK(early.is_missing(3));
  CHECK_FALSE(Both(ColumnType::Bool).read(nullptr, nullptr).present);
}

TEST_CASE("vectors of inserted rows stand behind the host's", "[insert]") {
  const std::vector<float> a = {1, 2, 3, 4};
  const std::vector<float> b = {5, 6, 7, 8};
  auto host = column_of(LINEUP_TYPE_VECTOR, a.data());
  auto inserted = column_of(LINEUP_TYPE_VECTOR, b.data());
  host.dimension = inserted.dimension = 2;
  Both both(ColumnType::Embedding);
  CHECK(both.read(&host, &inserted).vectors[5] == 6.0F);
  Both only(ColumnType::Embedding);
  const Column& late = only.read(nullptr, &inserted);
  CHECK(late.is_missing(1));
  CHECK(late.vectors[4] == 5.0F);
  CHECK(late.dimension == 2);
}

TEST_CASE("equal texts of both sides have equal codes, however they were stored", "[insert]") {
  const Words host_words({"drama", "news"});
  const Words shelf({"news", "promo"});
  const std::vector<std::uint32_t> codes = {1, 0};
  lineup_dictionary dictionary{sizeof(lineup_dictionary), 2, shelf.offsets.data(),
                               shelf.bytes.data(), 0};
  const lineup_column host = host_words.column();
  auto inserted = column_of(LINEUP_TYPE_CODE, codes.data());
  inserted.dictionary = &dictionary;
  Both both(ColumnType::Category);
  const Column& joined = both.read(&host, &inserted);
  CHECK(both.text(0) == "drama");
  CHECK(both.text(2) == "promo");
  CHECK(both.text(3) == "news");
  CHECK(joined.codes[1] == joined.codes[3]);

  // A dictionary of the host that would be borrowed alone is not, so that codes can be shared.
  lineup_dictionary own{sizeof(lineup_dictionary), 2, host_words.offsets.data(),
                        host_words.bytes.data(), 7};
  auto coded = column_of(LINEUP_TYPE_CODE, codes.data());
  coded.dictionary = &own;
  Both two(ColumnType::Category);
  two.read(&coded, &inserted);
  CHECK(two.text(0) == "news");
  CHECK(two.text(2) == "promo");
  Both late(ColumnType::Category);
  late.read(nullptr, &inserted);
  CHECK(late.text(0) == "-");
  CHECK(late.text(2) == "promo");
}

TEST_CASE("rows of several values keep them when rows are inserted", "[insert]") {
  const Words host_words({"a, b", ""});
  const Words shelf({"b", "c,,a"});
  const lineup_column host = host_words.column();
  const lineup_column inserted = shelf.column();
  Both both(ColumnType::Categories, ',');
  const Column& joined = both.read(&host, &inserted);
  CHECK(both.texts(0) == "a+b");
  CHECK(both.texts(1).empty());
  CHECK(joined.is_missing(1));
  CHECK(both.texts(2) == "b");
  CHECK(both.texts(3) == "c+a");
  CHECK(joined.codes[1] == joined.codes[2]);
}

TEST_CASE("ids of inserted rows are of the host's form where they can be", "[insert]") {
  Schema schema;
  IngestScratch scratch;
  Arena arena;
  const auto read = [&](const lineup_ids* host, std::uint32_t host_rows, const lineup_ids& more) {
    const auto batch =
        ingest(schema, {}, {host_rows, host, {}}, {}, scratch, arena, {2, &more, {}});
    REQUIRE(batch);
    CHECK(batch->rows.row_count == host_rows + 2);
    return batch->rows.ids;
  };
  const std::vector<std::int64_t> some = {-7, 42};
  const std::vector<std::int64_t> others = {8, 9};
  const Words names({"ann", "bob"});
  const lineup_ids numbers = ids_of(some);
  const lineup_ids more_numbers = ids_of(others);
  const lineup_ids texts = names.ids();
  const Ids all_numbers = read(&numbers, 2, more_numbers);
  REQUIRE(all_numbers.is_numeric());
  CHECK(all_numbers.numbers[1] == 42);
  CHECK(all_numbers.numbers[2] == 8);
  const Ids mixed = read(&numbers, 2, texts);
  REQUIRE_FALSE(mixed.is_numeric());
  CHECK(mixed.text(0) == "-7");
  CHECK(mixed.text(3) == "bob");
  const Ids other = read(&texts, 2, more_numbers);
  REQUIRE_FALSE(other.is_numeric());
  CHECK(other.text(1) == "bob");
  CHECK(other.text(3) == "9");
  CHECK(read(nullptr, 0, more_numbers).numbers[0] == 8);
}

TEST_CASE("parts of a text lose their spaces, and a part of nothing is no value", "[insert]") {
  const auto parts = [](std::string_view text, char split) {
    std::string out;
    for_each_part(text, split,
                  [&](std::string_view part) { out += "<" + std::string(part) + ">"; });
    return out;
  };
  CHECK(parts("a,b", ',') == "<a><b>");
  CHECK(parts(" a ,  b c ,", ',') == "<a><b c>");
  CHECK(parts(",, ,", ',').empty());
  CHECK(parts("a b", ' ') == "<a><b>");
  CHECK(parts("a|b,c", '|') == "<a><b,c>");
  CHECK(parts("a,b", 0) == "<a,b>");
  CHECK(parts("", 0).empty());
}

TEST_CASE("rows without any of several values read as the default", "[insert]") {
  ColumnSpec spec;
  spec.name = "tags";
  spec.type = ColumnType::Categories;
  spec.split = ',';
  spec.default_text = "general, all";
  spec.default_value.kind = Scalar::Kind::Text;
  Schema schema;
  schema.add(spec);
  IngestScratch scratch;
  Arena arena;
  const Words words({"x", "", "all"});
  const lineup_column column = words.column();
  const std::uint8_t wanted = 1;
  const auto values = [&](const lineup_column* host) {
    const auto batch = ingest(schema, {&wanted, 1}, {3, nullptr, {&host, 1}}, {}, scratch, arena);
    REQUIRE(batch);
    const Column& read = batch->rows.columns[0];
    std::string out;
    for (std::uint32_t row = 0; row < 3; ++row) {
      out += out.empty() ? "" : " ";
      for (std::uint32_t i = read.offsets[row]; i < read.offsets[row + 1]; ++i) {
        out += (i > read.offsets[row] ? "+" : "") +
               std::string(batch->vocabularies[0].texts[read.codes[i]]);
      }
    }
    return out;
  };
  CHECK(values(&column) == "x general+all all");
  CHECK(values(nullptr) == "general+all general+all general+all");
  lineup_column lists = words.column();  // lists of values that came apart
  lists.type = LINEUP_TYPE_TEXT_LIST;
  const std::vector<std::uint32_t> list_offsets = {0, 0, 1, 3};
  lists.list_offsets = list_offsets.data();
  CHECK(values(&lists) == "general+all x +all");
}

}  // namespace lineup
