// SPDX-License-Identifier: Apache-2.0
//
// The C++ layer for hosts: what Rows and Request hand to the engine.
#include <catch2/catch.hpp>
#include <string_view>
#include <type_traits>

#include "lineup/engine.hpp"

using lineup::abi::view;
using lineup::host::Dictionary;
using lineup::host::Request;
using lineup::host::Rows;
using lineup::host::Texts;

TEST_CASE("rows hand over columns without copying them", "[host]") {
  const std::vector<double> scores = {0.5, 0.25};
  const std::vector<std::uint32_t> codes = {0, LINEUP_NO_CODE};
  const std::vector<float> vectors = {1, 2, 3, 4, 5, 6};
  const Texts categories = {"drama", "comedy"};
  const Dictionary dictionary(categories, 7);
  const Texts names = {"first", ""};
  const Texts ids = {"v1", "v2"};

  Rows rows;
  rows.clear(2);
  rows.ids(ids, true);
  rows.column(10, scores);
  rows.codes(11, codes, dictionary);
  rows.column(12, names);
  rows.vectors(13, vectors, 3);

  const lineup_rows& seen = *rows.view();
  CHECK(seen.row_count == 2);
  REQUIRE(seen.column_count == 4);
  CHECK(seen.handles[0] == 10);
  CHECK(seen.columns[0]->type == LINEUP_TYPE_F64);
  CHECK(seen.columns[0]->data == scores.data());
  CHECK(seen.columns[0]->validity == nullptr);
  CHECK(seen.columns[1]->data == codes.data());
  CHECK(seen.columns[1]->dictionary->count == 2);
  CHECK(seen.columns[1]->dictionary->identity == 7);
  CHECK(seen.columns[2]->offsets[1] == 5);
  CHECK(seen.columns[3]->dimension == 3);
  CHECK(seen.ids->flags == LINEUP_IDS_UNIQUE);
  CHECK(std::string_view(seen.ids->bytes, 4) == "v1v2");

  rows.clear(0);
  CHECK(rows.view()->column_count == 0);
  CHECK(rows.view()->ids == nullptr);
}

TEST_CASE("a request carries what was set, and nothing after clear", "[host]") {
  Rows rows;
  rows.clear(0);
  Request request;
  request.scene(3);
  request.id("r1");
  request.candidates(rows);
  request.context(20, "mobile");
  request.context(21, 2.5);
  request.context(22, true);
  request.context(23, std::int64_t{9});
  request.weight(30, 0.75);
  request.parameter(31, 0.5);
  request.experiment("layout", "b");
  request.explain();
  request.keep();

  const lineup_input* seen = request.view();
  CHECK(seen->scene == 3);
  CHECK(view(seen->request_id) == "r1");
  CHECK(seen->candidates == rows.view());
  CHECK(seen->history == nullptr);
  REQUIRE(seen->context_count == 4);
  CHECK(std::string_view(seen->context_values[0]->text, 6) == "mobile");
  CHECK(seen->context_values[1]->number == 2.5);
  CHECK(seen->context_values[2]->kind == LINEUP_VALUE_BOOL);
  CHECK(seen->context_values[3]->integer == 9);
  CHECK(seen->weights[0].value == 0.75);
  CHECK(seen->overrides[0].handle == 31);
  CHECK(seen->experiment_count == 1);
  CHECK(view(seen->experiments[1]) == "b");
  CHECK(seen->flags == (LINEUP_EXPLAIN | LINEUP_KEEP));
  CHECK(seen->now_ms == LINEUP_NO_TIME);

  request.clear();
  seen = request.view();
  CHECK(seen->context_count == 0);
  CHECK(seen->candidates == nullptr);
  CHECK(seen->flags == 0);
}

TEST_CASE("an engine and a result have one owner", "[host]") {
  using lineup::host::Engine;
  using lineup::host::Result;
  STATIC_REQUIRE(!std::is_copy_constructible_v<Engine>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Engine>);
  STATIC_REQUIRE(!std::is_copy_constructible_v<Result>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Result>);
}
