// SPDX-License-Identifier: Apache-2.0
//
// Recording is on the request path: after warm-up it allocates nothing.
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>

#include "requests.hpp"

namespace {
std::atomic<std::uint64_t> allocations{0};
}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace lineup {

TEST_CASE("requests that fit their slots are recorded without an allocation from the first on") {
  RecorderOptions options;
  options.whole_count = 8;
  options.kept_count = 4;
  Recorder recorder(options);
  Sample sample(7, 50'000);
  const RecordInput input = sample.input();
  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    sample.record.answer = i % 2 == 0 ? LINEUP_ANSWER_OK : LINEUP_ANSWER_RELAXED;
    if (recorder.wants_whole(sample.record)) recorder.record(sample.record, input);
  }
  CHECK(allocations == before);
  CHECK(recorder.counts().whole == 100);
}

TEST_CASE("larger requests stop allocating once each slot has grown") {
  RecorderOptions options;
  options.whole_count = 8;
  options.slot_bytes = 1024;
  Recorder recorder(options);
  const Sample small(1, 30'000);
  const Sample large(2, 32'000);  // the same power of two
  for (int i = 0; i < 8; ++i) recorder.record(small.record, small.input());
  const std::uint64_t before = allocations;
  for (int i = 0; i < 100; ++i) recorder.record(large.record, large.input());
  CHECK(allocations == before);
}

}  // namespace lineup
