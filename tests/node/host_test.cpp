// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "node/plugin_text.hpp"
#include "scene.hpp"

namespace lineup {
namespace {

std::string clean(const std::string& bytes, std::size_t capacity = 64) {
  std::string out(capacity, '\0');
  out.resize(copy_clean({bytes.data(), bytes.size()}, out.data(), out.size()));
  return out;
}

TEST_CASE("what plugins say is made one line of UTF-8", "[host]") {
  CHECK(clean("plain") == "plain");
  CHECK(clean("two\nlines\x1b[31m") == "two lines [31m");
  CHECK(clean("na\xc3\xafve \xe2\x82\xac \xf0\x9f\x8e\xac") ==
        "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x8e\xac");
  CHECK(clean("\xc0\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xff \xe2\x82") == "?? ??? ???? ? ??");
  CHECK(clean("\xe2\x82\xac\xe2\x82\xac", 4) == "\xe2\x82\xac");
  CHECK(copy_clean({nullptr, 5}, nullptr, 0) == 0);
}

TEST_CASE("a plugin has one host for all its versions", "[host]") {
  const lineup_host* host = host_for("a");
  CHECK(host_for("a") == host);
  CHECK(host_for("b") != host);
  CHECK(host->struct_size == sizeof(lineup_host));
  CHECK(host->abi_major == LINEUP_ABI_MAJOR);
  CHECK(std::string(host->name) == "lineup");
  CHECK(std::string(host->version) == "0.1.0");
}

TEST_CASE("services are found by id, and the first of an id stays", "[host]") {
  static const int first = 1;
  static const int second = 2;
  const lineup_host* host = host_for("a");
  CHECK(host->extension(host, "dev.lineup.test/1") == nullptr);
  CHECK(host->extension(host, nullptr) == nullptr);
  offer_host_extension("dev.lineup.test/1", &first);
  offer_host_extension("dev.lineup.test/1", &second);
  CHECK(host->extension(host, "dev.lineup.test/1") == &first);
  CHECK(host->extension(host, LINEUP_HOST_BUILDER) != nullptr);
}

TEST_CASE("lines of a plugin are limited, and none throws", "[host]") {
  std::vector<std::string> lines;
  set_host_log([&](LogLevel level, std::string_view plugin, std::string_view line) {
    lines.push_back(std::string(plugin) + ": " + std::string(line));
    CHECK(level == LogLevel::Warning);
    if (lines.size() == 3) throw std::runtime_error("sink is broken");
  });
  const lineup_host* host = host_for("chatty");
  for (int i = 0; i < 100; ++i) host->log(host, 2, testing::text("a\nb"));
  set_host_log({});
  host->log(host, 2, testing::text("to nobody"));
  REQUIRE_FALSE(lines.empty());
  CHECK(lines[0] == "chatty: a b");
  CHECK(lines.size() <= 2 * kHostLogLinesPerSecond + 1);
}

}  // namespace
}  // namespace lineup
