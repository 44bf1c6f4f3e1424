// SPDX-License-Identifier: Apache-2.0
//
// Feedback finds its page, counts every row once, and finds nothing where nothing is remembered.
#include "control/exposure_memory.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <vector>

namespace lineup {
namespace {

struct Memory {
  ExposureMemory memory;
  Controller controller;
  explicit Memory(std::uint32_t pages = 1024) : memory(pages, 3'600'000) {
    memory.reserve();
    ControllerSpec spec;
    spec.max = 1.0;
    spec.every_ms = 0;  // every page is a step: what is measured is what the page counted
    spec.exposures = spec.warm_up = 1;
    controller.configure(spec);
  }
  void note(std::uint64_t request, std::int64_t now_ms, std::uint64_t event = 0) {
    const std::array<std::uint64_t, 3> items = {11, 12, 13};
    const std::array<float, 3> values = {1.0F, 0.0F, 1.0F};
    const std::array<Controller*, 1> who = {&controller};
    const std::array<std::uint64_t, 1> events = {event};
    const std::array<double, 1> outputs = {0.5};
    const std::array<std::uint8_t, 1> followed = {1};
    memory.note({request, now_ms, items, who, events, outputs, followed, values});
  }
  [[nodiscard]] std::uint64_t heard() const { return controller.status().exposures; }
};

}  // namespace

TEST_CASE("feedback reaches the controllers of its page") {
  Memory memory;
  memory.note(7, 1000);
  CHECK(memory.memory.hear(7, {{11, 12}, {}}).size() == 1);
  CHECK(memory.heard() == 2);
  CHECK(memory.controller.status().measured == 0.5);
  CHECK(memory.memory.latest_ms() == 1000);
}

TEST_CASE("a row that is told twice counts once") {
  Memory memory;
  memory.note(7, 1000);
  static_cast<void>(memory.memory.hear(7, {{11}, {}}));
  static_cast<void>(memory.memory.hear(7, {{11, 12, 12, 99}, {}}));
  CHECK(memory.heard() == 2);
}

TEST_CASE("nobody is told of a page that nobody remembers") {
  Memory memory;
  memory.note(7, 1000);
  CHECK(memory.memory.hear(8, {{11}, {}}).empty());
  CHECK(memory.heard() == 0);
}

TEST_CASE("more pages than fit leave a sample from all of the time") {
  Memory memory(64);
  for (std::uint64_t request = 1; request <= 3600; ++request) {
    memory.note(request, static_cast<std::int64_t>(request) * 1000);
  }
  std::size_t early = 0;
  std::size_t late = 0;
  for (std::uint64_t request = 1; request <= 3600; ++request) {
    const bool is_there = !memory.memory.hear(request, {{11}, {}}).empty();
    (request <= 1800 ? early : late) += is_there ? 1 : 0;
  }
  CHECK(early + late <= 64);
  CHECK(early >= 8);
  CHECK(late >= 8);
}

// Three pages of a visit come at one moment; each is to be remembered as often as the others.
TEST_CASE("of pages that come together the sample does not prefer the first") {
  Memory memory(1024);
  for (std::uint64_t visit = 0; visit < 36'000; ++visit) {
    for (std::uint64_t page = 0; page < 3; ++page) {
      memory.note(1 + visit * 3 + page, static_cast<std::int64_t>(visit) * 100);
    }
  }
  std::array<int, 3> remembered{};
  for (std::uint64_t visit = 0; visit < 36'000; ++visit) {
    for (std::uint64_t page = 0; page < 3; ++page) {
      remembered[page] += memory.memory.hear(1 + visit * 3 + page, {{11}, {}}).empty() ? 0 : 1;
    }
  }
  const int all = remembered[0] + remembered[1] + remembered[2];
  CHECK(all > 400);
  CHECK(all <= 1024);
  for (const int each : remembered) CHECK(each == Approx(all / 3.0).epsilon(0.25));
}

TEST_CASE("events of the type that counts count, of rows that the page shows and counts") {
  Memory memory;
  memory.note(7, 1000, 5);
  static_cast<void>(
      memory.memory.hear(7, {{11, 12, 13}, {{11, 5, 2.0}, {12, 5, 3.0}, {13, 6, 4.0}}}));
  CHECK(memory.heard() == 3);
  CHECK(memory.controller.status().measured == Approx(2.0 / 3.0));
}

}  // namespace lineup
