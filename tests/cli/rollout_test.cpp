// SPDX-License-Identifier: Apache-2.0
//
// `lineup rollout` as a person runs it, beside a `lineup watch` that serves in another process.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

// On trial until somebody decides.
constexpr const char* kTrial =
    "rollout:\n  proof: false\n  cases: false\n"
    "  shadow: {percent: 100, time_ms: 3600000, requests_min: 1000000}\n";

struct Shop {
  Shop() {
    write_shop(bundle);
    requests = bundle.write(
        "requests.jsonl",
        R"({"id":"r1","scene":"shop","candidates":{"id":[1,2,3],"score":[3,2,1],"category":["a","b","c"]}})"
        "\n");
  }
  void serve() {
    service = std::make_unique<Running>(std::vector<std::string>{"watch", "--bundle", bundle.path(),
                                                                 "--requests", requests, "--state",
                                                                 state.path(), "--json"});
    REQUIRE(page_size() == 3);
  }
  // Slots of the next page that the service announces; 0: none came.
  [[nodiscard]] std::size_t page_size() const {
    for (;;) {
      const std::string line = service->read_line();
      if (line.empty()) return 0;
      const Json event = Json::parse(line);
      if (event.at("event") == "page") return event.at("slate").size();
    }
  }
  [[nodiscard]] Output tell(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "rollout");
    arguments.insert(arguments.end(), {"--state", state.path()});
    return run_program(arguments);
  }
  [[nodiscard]] Json status() const {
    const Output output = tell({"status", "--json"});
    INFO(output.err);
    REQUIRE(output.exit_code == 0);
    return Json::parse(output.out);
  }
  template <typename Claim>
  [[nodiscard]] bool soon(Claim claim) const {
    for (int i = 0; i < 400; ++i) {
      if (claim(status())) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }
  [[nodiscard]] bool is_kept() const {
    return soon([](const Json& told) {
      const Json& rollout = told.at("rollout");
      return !rollout.at("good").empty() &&
             rollout.at("good").at(0).at("hash") == rollout.at("active").at("hash");
    });
  }
  [[nodiscard]] bool is_on_trial() const {
    return soon([](const Json& told) { return !told.at("rollout").at("trial").is_null(); });
  }
  void end() const {
    service->signal(SIGINT);
    CHECK(service->wait() == 130);
  }

  Folder bundle;
  Folder state;
  std::string requests;
  std::unique_ptr<Running> service;
};

}  // namespace

TEST_CASE("rollout says what serves, lets a trial serve, and takes it back", "[rollout]") {
  Shop shop;
  shop.bundle.write("bundle.yaml", kTrial);
  shop.serve();
  REQUIRE(shop.is_kept());
  const Output told = shop.tell({"status"});
  CHECK(told.exit_code == 0);
  CHECK_THAT(told.out, Catch::StartsWith("serves "));
  CHECK_THAT(told.out, Catch::Contains("good "));

  shop.bundle.replace("policies/shop.yaml", shop_policy(2));
  REQUIRE(shop.is_on_trial());
  CHECK_THAT(shop.tell({"status"}).out, Catch::Contains("on trial"));
  const Json before = shop.status().at("rollout");
  const Output promoted = shop.tell({"promote", "--why", "looks right", "--who", "ann", "--json"});
  INFO(promoted.out << promoted.err);
  CHECK(promoted.exit_code == 0);
  const Json answer = Json::parse(promoted.out);
  CHECK(answer.at("running") == true);
  CHECK(answer.at("done") == true);
  CHECK(answer.at("rollout").at("trial").is_null());
  CHECK(answer.at("rollout").at("active").at("revision") == before.at("trial").at("revision"));
  CHECK(shop.page_size() == 2);
  REQUIRE(shop.is_kept());

  const Output back = shop.tell({"rollback", "--why", "the ads are gone", "--who", "ann"});
  CHECK(back.exit_code == 0);
  CHECK_THAT(back.out, Catch::Contains("serves again"));
  CHECK(shop.page_size() == 3);
  const Output after = shop.tell({"status"});
  CHECK_THAT(after.out, Catch::Contains("rolled back") &&
                            Catch::Contains("taken back by ann: the ads are gone"));
  shop.end();
}

TEST_CASE("an aborted trial is quarantined, and its contents are not tried again", "[rollout]") {
  Shop shop;
  shop.bundle.write("bundle.yaml", kTrial);
  shop.serve();
  REQUIRE(shop.is_kept());
  shop.bundle.replace("policies/shop.yaml", shop_policy(2));
  REQUIRE(shop.is_on_trial());
  const Output aborted = shop.tell({"abort", "--why", "too many pages change"});
  CHECK(aborted.exit_code == 0);
  CHECK_THAT(aborted.out, Catch::Contains("is quarantined; what served keeps serving"));
  const Json rollout = shop.status().at("rollout");
  REQUIRE(rollout.at("quarantine").size() == 1);
  CHECK(rollout.at("quarantine").at(0).at("report").at("code") == "rollout/aborted");
  CHECK(rollout.at("trial").is_null());
  shop.end();
  // After the end, what the last engine left is told, and nothing can be ordered.
  const Json left = shop.status();
  CHECK(left.at("running") == false);
  CHECK(left.at("rollout").at("quarantine").size() == 1);
  const Output late = shop.tell({"promote"});
  CHECK(late.exit_code == 2);
  CHECK_THAT(late.err, Catch::Contains("no engine answers"));
}

TEST_CASE("an order that nothing can be done with is answered with 1 and changes nothing",
          "[rollout]") {
  Shop shop;
  shop.serve();
  REQUIRE(shop.is_kept());
  const Json before = shop.status().at("rollout").at("active");
  const std::vector<std::pair<std::string, std::string>> orders = {
      {"promote", "no revision is on trial"},
      {"abort", "no revision is on trial"},
      {"rollback", "there is no good revision before the one that serves"}};
  for (const auto& [verb, why] : orders) {
    const Output output = shop.tell({verb});
    CAPTURE(verb);
    CHECK(output.exit_code == 1);
    CHECK_THAT(output.out, Catch::Contains(why));
    const Output as_json = shop.tell({verb, "--json"});
    CHECK(as_json.exit_code == 1);
    CHECK(Json::parse(as_json.out).at("done") == false);
    CHECK(Json::parse(as_json.out).at("message") == why);
  }
  CHECK(shop.status().at("rollout").at("active") == before);
  shop.end();
}

TEST_CASE("rollout without an engine, a directory or a verb says what is missing", "[rollout]") {
  const Folder empty;
  for (const char* verb : {"status", "promote"}) {
    const Output output = run_program({"rollout", verb, "--state", empty.path()});
    CAPTURE(verb);
    CHECK(output.exit_code == 2);
    CHECK_THAT(output.err, Catch::Contains("is no state directory"));
  }
  CHECK(std::filesystem::is_empty(empty.path()));
  CHECK(run_program({"rollout"}).exit_code == 2);
  CHECK(run_program({"rollout", "promote"}).exit_code == 2);
  CHECK(run_program({"rollout", "explode", "--state", empty.path()}).exit_code == 2);
}

TEST_CASE("killed while a trial runs, the service starts with what served", "[rollout]") {
  Shop shop;
  shop.bundle.write("bundle.yaml", kTrial);
  shop.serve();
  REQUIRE(shop.is_kept());
  shop.bundle.replace("policies/shop.yaml", shop_policy(2));
  REQUIRE(shop.is_on_trial());
  shop.service->signal(SIGKILL);
  CHECK(shop.service->wait() == 128 + SIGKILL);
  CHECK(shop.status().at("running") == false);
  shop.serve();  // a page of three, as before the change
  CHECK(shop.is_on_trial());
  shop.end();
}
