// SPDX-License-Identifier: Apache-2.0
//
// What pages were to the controllers, until feedback says which of their rows were seen. A fixed
// number of pages is remembered, spread evenly over the time that feedback may take: under more
// traffic than fits, a sample of it. Requests write without waiting; a page that is being read or
// written by somebody else is left out.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "control/controller.hpp"

namespace lineup {

// LIMIT: slots of a page that are remembered. Users see the first ones.
inline constexpr std::size_t kRememberedSlots = 64;
// LIMIT: controllers of one scene; the policy's schema says so too.
inline constexpr std::size_t kControllersMax = 4;

// A page, as request and feedback know it.
struct PageNote {
  std::uint64_t request = 0;  // hash of its id
  std::int64_t now_ms = 0;
  std::span<const std::uint64_t> items;      // keys, in slot order
  std::span<Controller* const> controllers;  // at most kControllersMax
  std::span<const std::uint64_t> events;     // [controllers] hash of the type; 0: rows count
  std::span<const double> outputs;           // [controllers]
  std::span<const std::uint8_t> followed;    // [controllers]
  std::span<const float> values;             // [controllers * items]
};

// Feedback of one request, read.
struct Told {
  struct Event {
    std::uint64_t item = 0;
    std::uint64_t type = 0;
    double value = 1.0;
  };
  std::vector<std::uint64_t> exposed;  // item keys
  std::vector<Event> events;
};

class ExposureMemory {
 public:
  // Remembers `pages` for `keep_ms`. Memory is taken with the first call of reserve().
  ExposureMemory(std::uint32_t pages, std::int64_t keep_ms) : pages_(pages), keep_ms_(keep_ms) {}

  // Before the first page is noted. [control]
  void reserve();
  // [request]
  void note(const PageNote& page) noexcept;
  // Tells the controllers of that page what of it was seen; a row counts once, however often it is
  // told. Answers who was told: nobody when the page is not remembered. [any]
  std::vector<Controller*> hear(std::uint64_t request, const Told& told);
  // The clock of the newest request of a scene with controllers; INT64_MIN: there was none.
  [[nodiscard]] std::int64_t latest_ms() const { return latest_ms_.load(); }

 private:
  static constexpr std::size_t kWays = 8;
  struct Page {
    std::atomic_flag busy = ATOMIC_FLAG_INIT;
    std::uint64_t request = 0;
    std::int64_t now_ms = INT64_MIN;
    std::uint32_t items = 0;
    std::uint32_t controllers = 0;
    std::uint64_t seen = 0;  // bits of slots that were told as exposed
    std::array<Controller*, kControllersMax> who{};
    std::array<std::uint64_t, kControllersMax> event{};
    std::array<double, kControllersMax> output{};
    std::array<std::uint8_t, kControllersMax> followed{};
    std::array<std::uint64_t, kRememberedSlots> item{};
    std::array<float, kControllersMax * kRememberedSlots> value{};
  };
  [[nodiscard]] bool admits(std::uint64_t request, std::int64_t now_ms) noexcept;
  static void fill(Page& page, const PageNote& note) noexcept;
  static void add_up(Page& page, const Told& told, std::span<ControlSample> samples);

  std::uint32_t pages_;
  std::int64_t keep_ms_;
  std::size_t buckets_ = 0;
  std::unique_ptr<Page[]> memory_;
  std::atomic<bool> is_ready_{false};
  std::atomic<std::int64_t> interval_{INT64_MIN / 2};
  std::atomic<std::uint32_t> arrived_{0};  // pages of the interval
  std::atomic<double> share_{1.0};         // of pages that are let in
  std::atomic<std::int64_t> latest_ms_{INT64_MIN};
};

}  // namespace lineup
