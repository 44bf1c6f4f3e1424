// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "scene.hpp"

namespace lineup {
namespace {

using testing::Scene;
using testing::Script;
using testing::scripted;
using testing::text;

TEST_CASE("names are resolved in the order they are bound", "[instance]") {
  Scene scene;
  Script script;
  std::uint32_t genre = 9;
  std::uint32_t nowhere = 9;
  std::uint32_t hour = 9;
  std::uint32_t novelty = 9;
  std::uint32_t made = 9;
  std::string objective_name;
  std::string objective_column;
  script.activate = [&](const lineup_binder* binder, lineup_error_sink*) {
    CHECK(binder->column(binder, text("nowhere"), LINEUP_TYPE_F64, 0, &nowhere) == LINEUP_OK);
    CHECK(binder->column(binder, text("genre"), LINEUP_TYPE_CODE, 1, &genre) == LINEUP_OK);
    CHECK(binder->context_value(binder, text("hour"), &hour) == LINEUP_OK);
    CHECK(binder->objective(binder, text("novelty"), &novelty) == LINEUP_OK);
    CHECK(binder->objective(binder, text("profit"), &made) == LINEUP_E_NOT_FOUND);
    lineup_text name{};
    lineup_text column{};
    CHECK(binder->objective_at(binder, 0, &name, &column) == LINEUP_OK);
    objective_name.assign(name.data, name.size);
    objective_column.assign(column.data, column.size);
    CHECK(binder->objective_at(binder, 1, &name, &column) == LINEUP_OK);
    CHECK(column.size == 0);
    CHECK(binder->objective_at(binder, 2, &name, &column) == LINEUP_E_NOT_FOUND);
    CHECK(binder->output(binder, text("estimate"), &made) == LINEUP_OK);
    CHECK(binder->rows_max == 100);
    CHECK(binder->objective_count == 2);
    return LINEUP_OK;
  };
  const std::uint32_t declared = scene.schema.size();
  const auto node = scene.node(script, LINEUP_KIND_SCORER);
  CHECK(nowhere == 0);
  CHECK(genre == 1);
  CHECK(hour == 0);
  CHECK(novelty == 1);
  CHECK(objective_name == "relevance");
  CHECK(objective_column == "score");
  CHECK(node->columns()[0] == -1);
  CHECK(node->columns()[1] == 1);
  CHECK(scene.context.paths() == std::vector<std::string>{"hour"});
  REQUIRE(node->outputs().size() == 1);
  CHECK(node->outputs()[0] == declared);
  CHECK(scene.schema[declared].name == "estimate");
  CHECK(scene.schema[declared].type == ColumnType::Float);
}

TEST_CASE("a column that cannot be bound is named with what would be right", "[instance]") {
  struct Case {
    const char* name;
    lineup_type type;
    lineup_status status;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"genra", LINEUP_TYPE_CODE, LINEUP_E_NOT_FOUND,
       "`scripted`: column `genra` is not declared; did you mean `genre`?"},
      {"zzzzzzzzzz", LINEUP_TYPE_F64, LINEUP_E_NOT_FOUND,
       "`scripted`: column `zzzzzzzzzz` is not declared; declare it under `columns` as `float`"},
      {"genre", LINEUP_TYPE_F64, LINEUP_E_INVALID_CONFIG,
       "`scripted`: column `genre` is declared as `category`, the node needs `float`"},
  }));
  Scene scene;
  Script script;
  script.activate = [&](const lineup_binder* binder, lineup_error_sink*) {
    std::uint32_t index = 0;
    const auto status = binder->column(binder, text(c.name), c.type, 1, &index);
    CHECK(status == c.status);
    return status;
  };
  const auto node =
      NodeInstance::create(scripted(script, LINEUP_KIND_GENERATOR), "{}", scene.layout);
  REQUIRE_FALSE(node);
  CHECK(node.error().code == "node/column");
  CHECK(node.error().message == c.message);
  CHECK(script.created == 0);
}

TEST_CASE("a failed activation leaves the schema as it was", "[instance]") {
  Scene scene;
  Script script;
  script.activate = [&](const lineup_binder* binder, lineup_error_sink* errors) {
    std::uint32_t index = 0;
    CHECK(binder->output(binder, text("new_column"), &index) == LINEUP_OK);
    CHECK(binder->output(binder, text("new_column"), &index) == LINEUP_E_REFUSED);
    CHECK(binder->output(binder, text("genre"), &index) == LINEUP_E_INVALID_CONFIG);
    CHECK(binder->output(binder, {nullptr, 0}, &index) == LINEUP_E_INVALID_INPUT);
    errors->report(errors, LINEUP_E_INTERNAL, text("changed my mind"));
    return LINEUP_E_INTERNAL;
  };
  const std::uint32_t declared = scene.schema.size();
  CHECK_FALSE(NodeInstance::create(scripted(script, LINEUP_KIND_SCORER), "{}", scene.layout));
  CHECK(scene.schema.size() == declared);
}

TEST_CASE("what a plugin says of its configuration reaches the operator", "[instance]") {
  Scene scene;
  Script script;
  script.create = [](const std::string& config, lineup_error_sink* errors) {
    CHECK(config == R"({"theta":2})");
    errors->report(errors, LINEUP_E_INVALID_CONFIG, text("theta\x01 is too\xff large"));
    return LINEUP_E_INVALID_CONFIG;
  };
  const auto node =
      NodeInstance::create(scripted(script, LINEUP_KIND_SCORER), R"({"theta":2})", scene.layout);
  REQUIRE_FALSE(node);
  CHECK(node.error().code == "node/config");
  CHECK(node.error().message == "`scripted`: theta  is too? large");
}

TEST_CASE("a plugin that throws or forgets its instance is refused", "[instance]") {
  Scene scene;
  Script script;
  script.create = [](const std::string&, lineup_error_sink*) -> lineup_status {
    throw std::runtime_error("no model");
  };
  const auto thrown = NodeInstance::create(scripted(script, LINEUP_KIND_SCORER), "", scene.layout);
  REQUIRE_FALSE(thrown);
  CHECK(thrown.error().code == "node/plugin");
  CHECK(thrown.error().message == "`scripted`: no model");

  script.create = nullptr;
  script.activate = [](const lineup_binder*, lineup_error_sink*) -> lineup_status { throw 7; };
  const auto odd = NodeInstance::create(scripted(script, LINEUP_KIND_SCORER), "", scene.layout);
  REQUIRE_FALSE(odd);
  CHECK(odd.error().message == "`scripted`: threw something that is no std::exception");
  CHECK(script.created == 0);
}

TEST_CASE("instances are deactivated and destroyed once, however many copies", "[instance]") {
  const auto [threads, copies] =
      GENERATE(table<ThreadClass, int>({{ThreadClass::Reentrant, 1},
                                        {ThreadClass::InstancePerThread, 3},
                                        {ThreadClass::Serial, 1}}));
  Scene scene;
  Script script;
  auto node = scene.node(script, LINEUP_KIND_SCORER, threads);
  CHECK(script.created == copies);
  CHECK(script.active == copies);
  node.reset();
  CHECK(script.created == 0);
  CHECK(script.active == 0);
}

TEST_CASE("calls overlap only as the thread class allows", "[instance]") {
  const auto [threads, most] =
      GENERATE(table<ThreadClass, int>({{ThreadClass::Reentrant, 4},
                                        {ThreadClass::InstancePerThread, 3},
                                        {ThreadClass::Serial, 1}}));
  Scene scene;
  Script script;
  std::atomic<int> inside{0};
  std::atomic<int> seen{0};
  script.activate = [](const lineup_binder* binder, lineup_error_sink*) {
    std::uint32_t index = 0;
    return binder->output(binder, text("estimate"), &index);
  };
  script.score = [&](const lineup_call*, double* const*) {
    const int now = ++inside;
    int known = seen;
    while (now > known && !seen.compare_exchange_weak(known, now)) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --inside;
    return LINEUP_OK;
  };
  const auto node = scene.node(script, LINEUP_KIND_SCORER, threads);
  std::atomic<int> failures{0};
  std::vector<std::thread> workers;
  for (int t = 0; t < 4; ++t) {
    workers.emplace_back([&] {
      Arena arena;
      std::vector<double> column(Scene::kRows);
      const std::span<double> outputs[] = {column};
      for (int i = 0; i < 20; ++i) {
        NodeRequest request = scene.request();
        request.arena = &arena;
        if (run_scorer(*node, request, outputs).status != LINEUP_OK) ++failures;
        arena.reset();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  CHECK(failures == 0);
  CHECK(seen <= most);
}

TEST_CASE("a constraint may not ask for more state than the search copies", "[instance]") {
  Scene scene;
  Script script;
  script.state_size = 64 * 1024 + 1;
  const auto node =
      NodeInstance::create(scripted(script, LINEUP_KIND_CONSTRAINT), "", scene.layout);
  REQUIRE_FALSE(node);
  CHECK_THAT(node.error().message, Catch::Contains("65537 bytes of state"));
  CHECK(script.created == 0);
}

TEST_CASE("the registry finds types by kind and name", "[registry]") {
  Script script;
  NodeRegistry registry;
  registry.add(scripted(script, LINEUP_KIND_SCORER));
  auto other = scripted(script, LINEUP_KIND_GENERATOR);
  other->name = "alpha";
  registry.add(other);
  auto last = scripted(script, LINEUP_KIND_GENERATOR);
  registry.add(last);
  CHECK(registry.find(LINEUP_KIND_GENERATOR, "alpha") == other);
  CHECK(registry.find(LINEUP_KIND_SCORER, "alpha") == nullptr);
  CHECK(registry.find(LINEUP_KIND_EVALUATOR, "alpha") == nullptr);
  CHECK(registry.names(LINEUP_KIND_GENERATOR) == std::vector<std::string>{"alpha", "scripted"});
  CHECK(registry.names(LINEUP_KIND_CONSTRAINT).empty());
}

}  // namespace
}  // namespace lineup
