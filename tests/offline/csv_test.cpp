// SPDX-License-Identifier: Apache-2.0
//
// Rows as spreadsheets write them.
#include "cli/offline/csv.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using lineup::cli::CsvReader;

namespace {

struct File {
  explicit File(const std::string& text) {
    char name[] = "/tmp/lineup_csv_XXXXXX";
    path = mkdtemp(name);
    std::ofstream(path + "/a.csv") << text;
  }
  ~File() { std::filesystem::remove_all(path); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] CsvReader open() const { return std::move(*CsvReader::open(path + "/a.csv")); }
  std::string path;
};

}  // namespace

TEST_CASE("cells in quotes hold commas, quotes and line ends", "[csv]") {
  const File file("\xEF\xBB\xBFid,title,n\r\n1,\"a, \"\"b\"\"\nc\",2.5\r\n\r\n2,,x\n");
  CsvReader csv = file.open();
  REQUIRE(csv.next());
  CHECK(csv[*csv.column("id")] == "1");
  CHECK(csv[1] == "a, \"b\"\nc");
  CHECK(csv.number(2) == 2.5);
  REQUIRE(csv.next());
  CHECK(csv[1].empty());
  CHECK_FALSE(csv.number(2));
  CHECK_FALSE(csv.next());
  CHECK(csv.fault().empty());
}

TEST_CASE("a file that is broken says where", "[csv]") {
  const File short_row("a,b\n1,2\n3\n");
  CsvReader csv = short_row.open();
  CHECK(csv.next());
  CHECK_FALSE(csv.next());
  CHECK_THAT(csv.fault(), Catch::Contains(":3: 1 cells, but the heading has 2"));
  const File open_quote("a\n\"1\n");
  CsvReader other = open_quote.open();
  CHECK_FALSE(other.next());
  CHECK_THAT(other.fault(), Catch::Contains("a quote is not closed"));
  CHECK_THAT(csv.column("c").error().message, Catch::Contains("it has `a`, `b`"));
  CHECK_FALSE(CsvReader::open(short_row.path + "/none.csv"));
}
