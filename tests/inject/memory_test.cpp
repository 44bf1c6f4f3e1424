// SPDX-License-Identifier: Apache-2.0
//
// A heap that has nothing left once: at one allocation after another of a reload and of the first
// request. Nothing ends the process, what serves goes on to serve, and the next attempt succeeds.
#include <catch2/catch.hpp>

#include "engine/host.hpp"
#include "inject/memory_faults.hpp"
#include "native/config_service.hpp"
#include "native/metadata.hpp"

namespace lineup {
namespace {

std::string text_of(std::uint32_t number) {
  std::string text = policy(
      "  - {use: category_scatter, with: {by: category, window: 3, max: 1}, priority: 50}\n"
      "  - {use: boost, with: {where: 'is_new', add: 0.1}}\n");
  const std::string page = "page: 10";
  return text.replace(text.find(page), page.size(), "page: " + std::to_string(10 + number % 20));
}

std::size_t page_of(Caller& caller, const Feed& feed) {
  const host::Result result = caller.rerank(feed);
  return result.answer() == host::Answer::Error ? 0 : result.slate().size();
}

TEST_CASE("a reload for which there is no memory changes nothing, at any allocation", "[inject]") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", text_of(0));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(40);
  std::uint32_t number = 0;
  std::uint32_t refused = 0;
  bool is_reached = true;
  // The first hundred one by one, then in longer steps: a reload makes some ten thousand.
  for (std::uint64_t nth = 1; is_reached && nth < 1'000'000; nth += 1 + nth / 60) {
    CAPTURE(nth);
    const std::size_t before = page_of(caller, feed);
    bundle.write("policies/home.yaml", text_of(++number));
    bool is_live = true;
    arm_memory(nth);
    try {
      engine.reload();
    } catch (const std::exception&) {
      is_live = false;
    }
    is_reached = disarm_memory();
    refused += is_live ? 0 : 1;
    CHECK(page_of(caller, feed) == (is_live ? 10 + number % 20 : before));
    engine.reload();
    CHECK(page_of(caller, feed) == 10 + number % 20);
  }
  CHECK_FALSE(is_reached);
  CHECK(refused > 100);
}

TEST_CASE("a request for which there is no memory is answered, at any allocation", "[inject]") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", text_of(0));
  bool is_reached = true;
  for (std::uint64_t nth = 1; is_reached && nth < 10'000; ++nth) {
    CAPTURE(nth);
    host::Engine engine(quiet_options(bundle.root()));
    Caller caller(engine);
    const Feed feed(300);
    caller.prepare(feed);
    arm_memory(nth);
    bool is_answered = true;
    try {
      const host::Result result = caller.rerank();
      CHECK(result.slate().size() <= 10);
    } catch (const std::exception&) {
      is_answered = false;  // a status: the C interface lets no exception out
    }
    is_reached = disarm_memory();
    CHECK((is_answered || is_reached));
    CHECK(page_of(caller, feed) == 10);
  }
  CHECK_FALSE(is_reached);
}

TEST_CASE("a configuration for which there is no memory is refused, at any allocation",
          "[inject]") {
  const lineup_host_config& service = *config_service();
  const std::string text =
      R"({"a": [1, {"b": [[], {"c": "a text that is no short one"}]}], "d": {}})";
  bool is_reached = true;
  std::uint64_t refused = 0;
  for (std::uint64_t nth = 1; is_reached; ++nth) {
    CAPTURE(nth);
    lineup_config* config = nullptr;
    arm_memory(nth);
    const lineup_status status = service.open({text.data(), text.size()}, nullptr, &config);
    std::uint64_t count = 0;
    if (status == LINEUP_OK) {
      static_cast<void>(service.count(config, "/a", &count));
      service.close(config);
    }
    is_reached = disarm_memory();
    refused += status == LINEUP_OK ? 0 : 1;
    if (!is_reached) CHECK(count == 2);
  }
  CHECK(refused > 10);
}

TEST_CASE("metadata for which there is no memory is given up, at any allocation", "[inject]") {
  const std::string text =
      R"({"nodes": [{"name": "a", "kind": "generator", "configuration": {"type": "object",)"
      R"( "properties": {"b": {"type": "array", "items": {"enum": ["one", "two", ["three"]]}}}}}]})";
  bool is_reached = true;
  std::uint64_t given_up = 0;
  for (std::uint64_t nth = 1; is_reached; ++nth) {
    CAPTURE(nth);
    arm_memory(nth);
    try {
      static_cast<void>(parse_metadata(text));
    } catch (const std::bad_alloc&) {
      ++given_up;
    }
    is_reached = disarm_memory();
  }
  CHECK(given_up > 10);
}

std::string with_plugin(std::uint32_t number) {
  return policy("", "graph:\n  - {id: page, generate: mmr, with: {theta: {value: " +
                        std::to_string(0.5 + 0.0001 * number) +
                        ", live: {min: 0, max: 1}}, categories: [{column: category}]}}\n");
}

TEST_CASE("a plugin is not made for want of memory, at any allocation, and what served serves",
          "[inject]") {
  TestBundle bundle;
  bundle.write("policies/home.yaml", with_plugin(0));
  host::Engine engine(quiet_options(bundle.root()));
  Caller caller(engine);
  const Feed feed(40);
  std::uint32_t number = 0;
  std::uint32_t refused = 0;
  bool is_reached = true;
  for (std::uint64_t nth = 1; is_reached && nth < 1'000'000; nth += 1 + nth / 60) {
    CAPTURE(nth);
    bundle.write("policies/home.yaml", with_plugin(++number));
    arm_memory(nth);
    try {
      engine.reload();
    } catch (const std::exception&) {
      ++refused;
    }
    is_reached = disarm_memory();
    CHECK(page_of(caller, feed) == 10);
  }
  CHECK_FALSE(is_reached);
  CHECK(refused > 100);
  engine.reload();
}

}  // namespace
}  // namespace lineup
