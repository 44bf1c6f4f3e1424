// SPDX-License-Identifier: Apache-2.0
//
// Tables that fit, and records that come back as they went.
#include <catch2/catch.hpp>
#include <string>

#include "cli/explain/trace.hpp"
#include "cli/print/text_table.hpp"
#include "cli/request/records.hpp"

using namespace lineup::cli;

TEST_CASE("width counts characters, not bytes", "[table]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("Ast\xC3\xA9rix") == 7);
  CHECK(display_width("\xE4\xB8\x83\xE4\xBA\xBA") == 4);
  CHECK(display_width("\xff\xfe") == 2);
}

TEST_CASE("what does not fit is cut between characters", "[table]") {
  CHECK(fit("abcdef", 6) == "abcdef");
  CHECK(fit("abcdef", 5) == "abcd~");
  CHECK(fit("\xC3\xA9\xC3\xA9\xC3\xA9", 2) == "\xC3\xA9~");
  CHECK(fit("a\nb\x1b[31m", 10) == "ab[31m");
}

TEST_CASE("text is wrapped at blanks", "[table]") {
  CHECK(wrap("", 5) == std::vector<std::string>{""});
  CHECK(wrap("one two three", 7) == std::vector<std::string>{"one two", "three"});
  CHECK(wrap("immeasurable x", 5) == std::vector<std::string>{"imme~", "x"});
}

TEST_CASE("a table goes on in the next line where it may", "[table]") {
  TextTable table;
  table.add_column("rule");
  table.add_column("about", TextTable::Align::Left, TextTable::Shrink::Wrap);
  table.add_row({"pin", "puts items on slots"});
  CHECK(table.lines(15) ==
        std::vector<std::string>{"rule  about", "pin   puts", "      items on", "      slots"});
}

TEST_CASE("a table shrinks its widest columns and leaves out blank ones", "[table]") {
  TextTable table;
  table.add_column("slot", TextTable::Align::Right);
  table.add_column("title", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_column("blank");
  table.add_column("rule", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_row({"1", "a very long title indeed", "", "cap"});
  table.add_row({"10", "short", "", ""});
  CHECK(table.lines(60) == std::vector<std::string>{"slot  title                     rule",
                                                    "   1  a very long title indeed  cap",
                                                    "  10  short"});
  CHECK(table.lines(26)[1] == "   1  a very long t~  cap");
  for (const std::string& line : table.lines(20)) CHECK(display_width(line) <= 20);
}

TEST_CASE("a record comes back byte for byte", "[record]") {
  const Record record{"r1", "4be1", 123, R"({"id":"r1", "x" : "\u00e9"})", R"({"id":"r1"})"};
  const auto read = read_record(record_json(record));
  REQUIRE(read.has_value());
  CHECK(read->request == record.request);
  CHECK(read->response == record.response);
  CHECK(read->now_ms == 123);
  CHECK_FALSE(read_record(R"({"id":"r1"})").has_value());
  CHECK_FALSE(read_record("").has_value());
}

TEST_CASE("a trace is read as far as it goes", "[trace]") {
  const auto trace = read_trace(
      R"({"slots":[{"slot":1,"row":12,"rank":3,"score":null,"score_before":0.5,"placed_by":"page",)"
      R"("held_back":[{"row":4,"rank":1,"rule":"scatter"},{"row":5,"rank":2,"rule":null}]}],)"
      R"("rules":[{"rule":"pin","status":"when","violations":0}],"verified":true,"new":1})");
  REQUIRE(trace.has_value());
  CHECK(trace->slots[0].row == 12);
  CHECK(trace->slots[0].score != trace->slots[0].score);
  CHECK(trace->slots[0].held_back[0].rule == "scatter");
  CHECK(trace->slots[0].held_back[1].rule.empty());
  CHECK(trace->rules[0].status == "when");
  CHECK(trace->verified);
  CHECK_FALSE(read_trace(R"({"slots":[{"slot":"x"}]})").has_value());
  CHECK_FALSE(read_trace("").has_value());
}
