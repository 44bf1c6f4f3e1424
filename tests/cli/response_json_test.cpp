// SPDX-License-Identifier: Apache-2.0
//
// Answers become lines: the names of the contract, ids as they came.
#include "cli/print/response_json.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

using namespace lineup::cli;
using Json = nlohmann::json;

namespace {

lineup_text text(const char* literal) { return {literal, std::char_traits<char>::length(literal)}; }

RequestLine request_of(const std::string& line) {
  RequestReader reader;
  RequestLine request;
  REQUIRE(reader.read(line, request));
  return request;
}

}  // namespace

TEST_CASE("a response has the names of the contract, in order", "[response]") {
  const RequestLine request = request_of(
      R"({"id":"r1","scene":"s","experiments":{"e":"b"},"candidates":[{"id":1},{"id":"x"}]})");
  const std::uint32_t slate[] = {1, 0};
  const lineup_relaxed relaxed[] = {{text("cap"), text("conflict"), 2, 0}};
  const lineup_named_value weights[] = {{text("relevance"), 1.5}};
  lineup_result result{};
  result.answer = LINEUP_ANSWER_RELAXED;
  result.search = LINEUP_SEARCH_LIMIT;
  result.slate = slate;
  result.slate_count = 2;
  result.relaxed = relaxed;
  result.relaxed_count = 1;
  result.weights = weights;
  result.weight_count = 1;
  const lineup_text experiments[] = {text("e"), text("b"), text("drawn"), text("a")};
  result.experiments = experiments;
  result.experiment_count = 2;
  result.revision = text("4be1");
  result.elapsed_ns = 12'345;
  CHECK(response_json(request, result) ==
        R"({"id":"r1","slate":["x",1],"status":"relaxed","search":"limit",)"
        R"("relaxed":[{"rule":"cap","violations":2,"reason":"conflict"}],"warnings":[],)"
        R"("error":null,"revision":"4be1","weights":{"relevance":1.5},"experiments":{"e":"b",)"
        R"("drawn":"a"},"elapsed_us":12.3})");
}

TEST_CASE("ids of requests are echoed as they came", "[response]") {
  const lineup_result result{};
  const auto id_of = [&result](const std::string& line) {
    return Json::parse(response_json(request_of(line), result)).at("id");
  };
  CHECK(id_of(R"({"id":7,"scene":"s","candidates":[]})") == 7);
  CHECK(id_of(R"({"id":"7","scene":"s","candidates":[]})") == "7");
  CHECK(id_of(R"({"scene":"s","candidates":[]})").is_null());
}

TEST_CASE("the trace is a part of the line", "[response]") {
  lineup_result result{};
  result.trace_json = text(R"({"slots":[]})");
  const auto line =
      Json::parse(response_json(request_of(R"({"id":7,"scene":"s","candidates":[]})"), result));
  CHECK(line.at("trace").at("slots").empty());
}

TEST_CASE("text that is no UTF-8 does not stop an answer", "[response]") {
  lineup_result result{};
  result.error = text("bad \xff byte");
  const auto line =
      Json::parse(response_json(request_of(R"({"id":7,"scene":"s","candidates":[]})"), result));
  CHECK_THAT(line.at("error").get<std::string>(), Catch::StartsWith("bad "));
}

TEST_CASE("a line that could not be read is answered with an error", "[response]") {
  RequestReader reader;
  RequestLine request;
  CHECK_FALSE(reader.read("{", request));
  const auto line = Json::parse(error_json(request, "no `JSON`"));
  CHECK(line.at("id").is_null());
  CHECK(line.at("status") == "error");
  CHECK(line.at("error") == "no `JSON`");
  CHECK(line.at("slate").empty());
}

TEST_CASE("comparing leaves out what may differ", "[response]") {
  const std::string left = R"({"id":1,"revision":"a","elapsed_us":1.5,"trace":{"x":1}})";
  const std::string right = R"({"id":1,"revision":"b","elapsed_us":9.5})";
  CHECK(comparable_response(left, false) == comparable_response(right, false));
  CHECK(comparable_response(left, true) != comparable_response(right, true));
  CHECK(comparable_response("no json", true) == "no json");
}
