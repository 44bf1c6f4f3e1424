// SPDX-License-Identifier: Apache-2.0
//
// `lineup weights` against an engine that runs in this process while it is told through the files
// of its state directory.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "lineup/engine.hpp"
#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;
namespace host = lineup::host;

namespace {

struct Steered {
  Steered() {
    write_shop(folder);
    std::filesystem::create_directories(state());
    host::Options options;
    options.bundle = folder.path();
    options.state_directory = state();
    options.log = [](host::Level, std::string_view) {};
    engine = std::make_unique<host::Engine>(options);
  }
  [[nodiscard]] std::string state() const { return folder.path() + "/state"; }
  [[nodiscard]] Output weights(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "weights");
    arguments.insert(arguments.end(), {"--state", state()});
    return run_program(arguments);
  }
  // The composed weight of the next request.
  [[nodiscard]] double weight() const {
    const std::vector<double> scores = {0.9, 0.8};
    host::Rows rows;
    rows.clear(2);
    rows.column(engine->column("score"), scores);
    host::Request request;
    request.clear();
    request.scene(engine->scene("shop"));
    request.candidates(rows);
    return engine->rerank(request).weights()[0].value;
  }

  Folder folder;
  std::unique_ptr<host::Engine> engine;
};

}  // namespace

TEST_CASE("a weight that is set is in the next response, and the history says who and why",
          "[weights]") {
  const Steered steered;
  const Output set =
      steered.weights({"set", "shop", "relevance", "1.5", "--why", "a sale", "--who", "ann"});
  INFO(set.out << set.err);
  CHECK(set.exit_code == 0);
  CHECK(steered.weight() == 1.5);
  const Output history = steered.weights({"history", "--json"});
  const Json entry = Json::parse(history.out).at("body").at(0);
  CHECK(entry.at("who") == "ann");
  CHECK(entry.at("why") == "a sale");
  CHECK(entry.at("before") == 1.0);
  CHECK(entry.at("after") == 1.5);
}

TEST_CASE("a value out of bounds is refused with the reason, and the history keeps that too",
          "[weights]") {
  const Steered steered;
  const Output refused = steered.weights({"set", "shop", "relevance", "7", "--why", "more"});
  CHECK(refused.exit_code == 1);
  CHECK_THAT(refused.out, Catch::Contains("must lie between 0 and 5, got 7"));
  CHECK(steered.weight() == 1.0);
  CHECK_THAT(steered.weights({"history"}).out, Catch::Contains("refused"));
  const Output unknown = steered.weights({"set", "shop", "relevence", "1", "--why", "x"});
  CHECK(unknown.exit_code == 1);
  CHECK_THAT(unknown.out, Catch::Contains("no weight or live parameter `relevence`"));
}

TEST_CASE("a time to live returns the weight by itself, and revert at once", "[weights]") {
  const Steered steered;
  REQUIRE(steered.weights({"set", "shop", "relevance", "1.4", "--why", "short", "--ttl", "0.05"})
              .exit_code == 0);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  CHECK(steered.weight() == 1.0);
  REQUIRE(steered.weights({"set", "shop", "relevance", "1.4", "--why", "long"}).exit_code == 0);
  CHECK(steered.weight() == 1.4);
  const Output list = steered.weights({"list", "--json"});
  CHECK(Json::parse(list.out).at("body").at(0).at("live") == 1.4);
  REQUIRE(steered.weights({"revert", "shop", "relevance", "--why", "enough"}).exit_code == 0);
  CHECK(steered.weight() == 1.0);
}

TEST_CASE("weights says at once when no engine answers, and leaves no command behind",
          "[weights]") {
  Folder folder;
  const Output elsewhere = run_program({"weights", "list", "--state", folder.path()});
  CHECK(elsewhere.exit_code == 2);
  CHECK_THAT(elsewhere.err, Catch::Contains("no engine answers") &&
                                Catch::Contains("is no state directory of one"));
  CHECK(std::filesystem::is_empty(folder.path()));
  Steered steered;
  steered.engine.reset();
  const Output closed = steered.weights({"set", "shop", "relevance", "1.5", "--why", "x"});
  CHECK(closed.exit_code == 2);
  CHECK_THAT(closed.err, Catch::Contains("no engine answers: none runs on the state directory"));
}

TEST_CASE("commands that make no sense are answered and harm nothing", "[weights]") {
  const Steered steered;
  const std::string commands = steered.state() + "/weights/commands/";
  std::filesystem::create_directories(commands);
  int number = 0;
  for (const char* text :
       {"", "{", "[]", "{\"verb\":\"drop\"}", "{\"verb\":\"set\",\"value\":\"x\"}"}) {
    const std::string id = "c" + std::to_string(++number);
    const std::string answer = steered.state() + "/weights/answers/" + id + ".json";
    steered.folder.write("state/weights/commands/" + id + ".json", text);
    for (int i = 0; i < 2000 && !std::filesystem::exists(answer); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CAPTURE(text);
    CHECK(std::filesystem::exists(answer));
  }
  CHECK(steered.weight() == 1.0);
}
