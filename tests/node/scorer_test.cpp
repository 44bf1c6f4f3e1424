// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <cmath>

#include "base/clock.hpp"
#include "scene.hpp"

namespace lineup {
namespace {

using testing::Scene;
using testing::Script;
using testing::text;

// A scorer that reads everything and writes `score` and `estimate`.
struct Reading {
  Reading() {
    script.activate = [](const lineup_binder* binder, lineup_error_sink*) {
      const std::pair<const char*, lineup_type> columns[] = {
          {"score", LINEUP_TYPE_F64},      {"genre", LINEUP_TYPE_CODE},
          {"tags", LINEUP_TYPE_CODE_LIST}, {"is_new", LINEUP_TYPE_BOOL},
          {"votes", LINEUP_TYPE_I64},      {"released", LINEUP_TYPE_TIME_MS},
          {"vector", LINEUP_TYPE_VECTOR},  {"absent", LINEUP_TYPE_F64},
          {"undeclared", LINEUP_TYPE_F64},
      };
      std::uint32_t index = 0;
      for (const auto& [name, type] : columns) {
        if (binder->column(binder, text(name), type, 0, &index) != LINEUP_OK) return -1;
      }
      if (binder->context_value(binder, text("hour"), &index) != LINEUP_OK) return -1;
      if (binder->context_value(binder, text("device"), &index) != LINEUP_OK) return -1;
      if (binder->output(binder, text("score"), &index) != LINEUP_OK) return -1;
      return binder->output(binder, text("estimate"), &index);
    };
    node = scene.node(script, LINEUP_KIND_SCORER);
  }
  RunReport run() { return run(scene.request()); }
  RunReport run(const NodeRequest& request) {
    const std::span<double> outputs[] = {score, estimate};
    return run_scorer(*node, request, outputs);
  }
  Scene scene;
  Script script;
  std::shared_ptr<NodeInstance> node;
  std::vector<double> score = std::vector<double>(Scene::kRows, 7.0);
  std::vector<double> estimate = std::vector<double>(Scene::kRows, 7.0);
};

std::string word(const lineup_column* column, std::uint32_t code) {
  const lineup_dictionary* dictionary = column->dictionary;
  REQUIRE(dictionary != nullptr);
  REQUIRE(code < dictionary->count);
  const std::uint32_t begin = dictionary->offsets[code];
  return {dictionary->bytes + begin, dictionary->offsets[code + 1] - begin};
}

TEST_CASE("a scorer sees the request's columns as the interface says", "[scorer]") {
  Reading reading;
  const Scalar context[] = {Scalar::of(std::int64_t{9})};
  reading.scene.context_values.assign(context, context + 1);
  bool was_called = false;
  reading.script.score = [&](const lineup_call* call, double* const*) {
    was_called = true;
    CHECK(call->row_count == 6);
    CHECK(call->history_count == 2);
    CHECK(call->slot_count == 3);
    CHECK(call->seed == 42);
    CHECK(call->now_ms == 1000);
    CHECK(call->weights[1] == 0.5);
    CHECK(call->discounts[2] == 0.6);
    CHECK(call->candidates[0] == 0b111111);
    CHECK(call->ids->numbers[5] == 106);
    CHECK(call->history_ids->numbers[0] == 105);
    const auto* const* c = call->columns;
    CHECK(static_cast<const double*>(c[0]->data)[1] == 0.5);
    CHECK(c[1]->type == LINEUP_TYPE_CODE);
    CHECK(static_cast<const std::uint32_t*>(c[1]->data)[4] == LINEUP_NO_CODE);
    CHECK(word(c[1], 0) == "drama");
    CHECK(word(c[1], 1).empty());
    CHECK(word(c[1], 2) == "comedy");
    CHECK(c[2]->type == LINEUP_TYPE_CODE_LIST);
    CHECK(c[2]->list_offsets[1] == 2);
    CHECK(word(c[2], 1) == "old");
    CHECK(static_cast<const std::uint8_t*>(c[3]->data)[2] == 1);
    CHECK(static_cast<const std::int64_t*>(c[4]->data)[3] == 40);
    CHECK(c[4]->validity[0] == 0b011111);
    CHECK(c[5]->type == LINEUP_TYPE_TIME_MS);
    CHECK(c[6]->dimension == 2);
    CHECK(static_cast<const float*>(c[6]->data)[7] == 0.0F);
    CHECK(c[7] == nullptr);
    CHECK(c[8] == nullptr);
    CHECK(static_cast<const double*>(call->history[0]->data)[0] == 0.6);
    CHECK(call->context[0]->kind == LINEUP_VALUE_INTEGER);
    CHECK(call->context[0]->integer == 9);
    CHECK(call->context[1] == nullptr);
    return LINEUP_OK;
  };
  CHECK(reading.run().status == LINEUP_OK);
  CHECK(was_called);
}

TEST_CASE("outputs begin as the column of their name and lose what is infinite", "[scorer]") {
  Reading reading;
  reading.script.score = [&](const lineup_call* call, double* const* outputs) {
    for (std::uint32_t row = 0; row < call->row_count; ++row) {
      CHECK(outputs[0][row] == reading.scene.scores[row]);
      CHECK(std::isnan(outputs[1][row]));
      outputs[0][row] *= 2;
    }
    outputs[1][0] = std::numeric_limits<double>::infinity();
    outputs[1][1] = 0.25;
    return LINEUP_OK;
  };
  REQUIRE(reading.run().status == LINEUP_OK);
  CHECK(reading.score[0] == 1.2);
  CHECK(std::isnan(reading.estimate[0]));
  CHECK(reading.estimate[1] == 0.25);
  CHECK(reading.scene.scores[0] == 0.6);
}

TEST_CASE("a dictionary is made once per request and column", "[scorer]") {
  Reading reading;
  std::vector<const lineup_dictionary*> seen;
  reading.script.score = [&](const lineup_call* call, double* const*) {
    seen.push_back(call->columns[1]->dictionary);
    CHECK(call->history[1]->dictionary == seen.back());
    return LINEUP_OK;
  };
  std::vector<const lineup_dictionary*> dictionaries(reading.scene.schema.size(), nullptr);
  NodeRequest request = reading.scene.request();
  request.dictionaries = dictionaries;
  REQUIRE(reading.run(request).status == LINEUP_OK);
  REQUIRE(reading.run(request).status == LINEUP_OK);
  CHECK(seen[0] == seen[1]);
}

TEST_CASE("a scorer's failure is told with its words", "[scorer]") {
  Reading reading;
  reading.script.score = [](const lineup_call* call, double* const*) {
    call->errors->report(call->errors, LINEUP_E_INTERNAL, text("model exploded"));
    return LINEUP_E_INTERNAL;
  };
  const RunReport failed = reading.run();
  CHECK(failed.status == LINEUP_E_INTERNAL);
  CHECK(failed.message == "model exploded");

  reading.script.score = [](const lineup_call*, double* const*) -> lineup_status {
    throw std::runtime_error("thrown through C");
  };
  const RunReport thrown = reading.run();
  CHECK(thrown.status == LINEUP_E_INTERNAL);
  CHECK(thrown.message == "thrown through C");

  reading.script.score = [](const lineup_call*, double* const*) { return 5; };
  const RunReport odd = reading.run();
  CHECK(odd.status == LINEUP_E_INTERNAL);
  CHECK_FALSE(odd.message.empty());
}

TEST_CASE("budget and deadline make spend() say no", "[scorer]") {
  Reading reading;
  NodeRequest request = reading.scene.request();
  reading.script.score = [](const lineup_call* call, double* const*) {
    while (call->spend(call, 100) == 0) {
    }
    return LINEUP_E_BUDGET;
  };
  request.work_limit = 1000;
  const RunReport limited = reading.run(request);
  CHECK(limited.status == LINEUP_E_BUDGET);
  CHECK(limited.work == 1100);

  request.work_limit = UINT64_MAX;
  request.deadline_ns = monotonic_ns() - 1;
  const RunReport late = reading.run(request);
  CHECK(late.status == LINEUP_E_DEADLINE);
  CHECK(late.message == "met the deadline");

  reading.script.score = [](const lineup_call* call, double* const*) {
    CHECK(call->spend(call, UINT64_MAX) == 0);
    CHECK(call->spend(call, UINT64_MAX) == 0);
    return LINEUP_OK;
  };
  request.deadline_ns = INT64_MAX;
  CHECK(reading.run(request).work == UINT64_MAX);
}

TEST_CASE("memory of a call is aligned and has an end", "[scorer]") {
  Reading reading;
  reading.script.score = [](const lineup_call* call, double* const*) {
    const auto address = reinterpret_cast<std::uintptr_t>(call->allocate(call, 3));
    CHECK(address % 16 == 0);
    CHECK(call->allocate(call, 0) != nullptr);
    CHECK(call->allocate(call, UINT64_MAX) == nullptr);
    CHECK(call->allocate(call, kCallMemoryMaxBytes) == nullptr);
    CHECK(call->allocate(call, kCallMemoryMaxBytes / 2) != nullptr);
    CHECK(call->allocate(call, kCallMemoryMaxBytes / 2) == nullptr);
    return LINEUP_OK;
  };
  CHECK(reading.run().status == LINEUP_OK);
}

TEST_CASE("a request larger than the instance was made for is refused", "[scorer]") {
  Reading reading;
  reading.script.score = [](const lineup_call*, double* const*) { return LINEUP_OK; };
  NodeRequest request = reading.scene.request();
  request.slot_count = 11;
  CHECK(reading.run(request).status == LINEUP_E_INVALID_INPUT);
  request = reading.scene.request();
  request.weights = {};
  CHECK(reading.run(request).message == "too few weights");
  reading.scene.batch.rows.row_count = 101;
  CHECK(reading.run().message == "more rows than it was made for");
}

TEST_CASE("an empty batch does not reach the scorer", "[scorer]") {
  Reading reading;
  reading.script.score = [](const lineup_call*, double* const*) { return LINEUP_E_INTERNAL; };
  reading.scene.batch.rows.row_count = 0;
  reading.score.clear();
  reading.estimate.clear();
  CHECK(reading.run().status == LINEUP_OK);
}

}  // namespace
}  // namespace lineup
