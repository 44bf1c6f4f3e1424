// SPDX-License-Identifier: Apache-2.0
#include "reload/debouncer.hpp"

#include <catch2/catch.hpp>

namespace lineup {
namespace {

TEST_CASE("a debouncer acts a quiet time after the last change") {
  Debouncer debouncer(100, 1000);
  CHECK_FALSE(debouncer.due_ns());
  CHECK_FALSE(debouncer.is_due(1'000'000));
  debouncer.change(10);
  debouncer.change(60);
  CHECK(debouncer.due_ns() == 160);
  CHECK_FALSE(debouncer.is_due(159));
  CHECK(debouncer.is_due(160));
  debouncer.done();
  CHECK_FALSE(debouncer.due_ns());
}

TEST_CASE("100 changes a second without an end are acted upon once in the longest wait") {
  Debouncer debouncer(100, 1000);
  int acted = 0;
  for (std::int64_t now = 0; now < 10'000; now += 10) {
    debouncer.change(now);
    if (!debouncer.is_due(now)) continue;
    CHECK(debouncer.is_overdue(now));
    ++acted;
    debouncer.done();
  }
  CHECK(acted == 9);  // 1000, 2010, 3020, ...
}

TEST_CASE("the longest wait counts from the first change of a burst") {
  Debouncer debouncer(100, 250);
  debouncer.change(0);
  debouncer.change(90);
  debouncer.change(180);
  CHECK(debouncer.due_ns() == 250);
  debouncer.done();
  debouncer.change(300);
  CHECK(debouncer.due_ns() == 400);
}

}  // namespace
}  // namespace lineup
