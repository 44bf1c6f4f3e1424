// SPDX-License-Identifier: Apache-2.0
//
// The flat call gives what the column call gives, and believes nothing that a buffer says.
#include <catch2/catch.hpp>
#include <limits>
#include <random>

#include "packed_request.hpp"

namespace lineup {

namespace {

constexpr std::string_view kRules =
    "  - {use: category_scatter, with: {by: category, window: 3, max: 1}, priority: 50}\n"
    "  - {use: author_cap, with: {by: author, max: 1}, priority: 40}\n"
    "  - {use: boost, with: {where: 'is_new and context.new_first', add: 0.3}}\n"
    "  - {use: ad_spacing, with: {where: 'type == \"ad\"', gap: 3, first_slot: 2}, priority: 60}\n";

struct Packed {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  Feed feed{40};

  Packed() {
    bundle.write(
        "policies/home.yaml",
        policy(std::string(kRules), std::string(kGraph) + "limits: {deadline_ms: 60000}\n"));
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
  }

  // A request with something in every field.
  PackedRequest request() {
    PackedRequest out;
    const lineup_packed_rows candidates = pack_rows(out, feed);
    const lineup_packed_rows history = pack_rows(out, Feed(3));
    lineup_packed_value context{};
    context.path = out.put_text("new_first");
    context.kind = LINEUP_VALUE_BOOL;
    context.integer = 1;
    const std::uint32_t values = out.put(std::vector{context});
    const std::uint32_t weights =
        out.put(std::vector{lineup_packed_setting{out.put_text("relevance"), 2.0}});
    const std::uint32_t experiments =
        out.put(std::vector{lineup_packed_pair{out.put_text("layout"), out.put_text("b")}});
    const lineup_packed_text scene = out.put_text("home");
    const lineup_packed_text id = out.put_text("r1");
    const lineup_packed_text user = out.put_text("u1");
    lineup_packed_request& header = out.header();
    header.scene = scene;
    header.request_id = id;
    header.user = user;
    header.now_ms = 1'700'000'000'000;
    header.seed = 7;
    header.page = 12;
    header.candidates = candidates;
    header.history = history;
    header.context_count = 1;
    header.context = values;
    header.weight_count = 1;
    header.weights = weights;
    header.experiment_count = 1;
    header.experiments = experiments;
    return out;
  }

  // Every buffer is answered, whatever it holds; what the answer says must be readable.
  PackedAnswer send(std::span<const std::byte> bytes) {
    const void* response = nullptr;
    std::uint64_t size = 0;
    REQUIRE(lineup_rerank_packed(engine->raw(), bytes.data(), bytes.size(), &response, &size) ==
            LINEUP_OK);
    PackedAnswer answer = read_answer({static_cast<const std::byte*>(response), size});
    lineup_release_packed(engine->raw(), response);
    return answer;
  }
};

}  // namespace

TEST_CASE("a packed request gets the answer of the column call") {
  Packed packed;
  PackedRequest request = packed.request();
  const PackedAnswer answer = packed.send(request.finish());

  Caller caller(*packed.engine);
  caller.prepare(packed.feed);
  caller.request.context(packed.engine->context("new_first"), true);
  caller.request.weight(packed.engine->objective("relevance"), 2.0);
  caller.request.now_ms(1'700'000'000'000);
  caller.request.seed(7);
  caller.request.page(12);
  const host::Result result = caller.rerank();

  CHECK(answer.error == "");
  CHECK(answer.request_id == "r1");
  CHECK(answer.revision == result.revision());
  CHECK(answer.slate == slate_of(result));
  CHECK(answer.slate.size() == 12);
  CHECK(answer.header.answer == result.raw()->answer);
  CHECK(answer.header.search == result.raw()->search);
  CHECK(answer.header.value == result.value());
  CHECK(answer.header.work == result.work());
  REQUIRE(answer.relaxed.size() == result.relaxed().size());
  REQUIRE(answer.relaxed.size() == 1);  // 7 authors, 12 slots
  CHECK(answer.relaxed[0] == "author_cap " + std::to_string(result.relaxed()[0].violations));
}

TEST_CASE("a budget of any length is time enough, and a negative one is the policy's") {
  Packed packed;
  PackedRequest request = packed.request();
  const auto whole = request.finish();
  std::vector<std::byte> bytes(whole.begin(), whole.end());
  const PackedAnswer before = packed.send(bytes);
  auto& header = *reinterpret_cast<lineup_packed_request*>(bytes.data());
  header.budget_ns = GENERATE(std::numeric_limits<std::int64_t>::max(),
                              std::numeric_limits<std::int64_t>::min(), 10'000'000'000);
  const PackedAnswer answer = packed.send(bytes);
  CHECK(answer.error == "");
  CHECK(answer.slate == before.slate);
  CHECK(answer.header.answer == before.header.answer);
}

TEST_CASE("a buffer that is no request is answered with the reason") {
  Packed packed;
  PackedRequest request = packed.request();
  const auto whole = request.finish();
  std::vector<std::byte> bytes(whole.begin(), whole.end());
  auto& header = *reinterpret_cast<lineup_packed_request*>(bytes.data());
  SECTION("magic") {
    header.magic = 1;
    CHECK(packed.send(bytes).error == "this is no packed request");
  }
  SECTION("version") {
    header.version = 2;
    CHECK(packed.send(bytes).error == "packed version 2 is not known, 1 is");
  }
  SECTION("cut short") {
    bytes.resize(bytes.size() - 1);
    CHECK(packed.send(bytes).error.find("the buffer has " + std::to_string(bytes.size())) !=
          std::string::npos);
  }
  SECTION("shorter than the header") {
    bytes.resize(8);
    CHECK(packed.send(bytes).error != "");
  }
  SECTION("an offset outside") {
    header.candidates.columns = 0x7ffffff0;
    CHECK(packed.send(bytes).error == "an offset of the request points outside its buffer");
  }
  SECTION("an unknown scene") {
    header.scene.size = 2;
    CHECK(packed.send(bytes).error == "unknown scene `ho`");
  }
}

TEST_CASE("mutated buffers are answered and harm nobody") {
  Packed packed;
  PackedRequest request = packed.request();
  const auto whole = request.finish();
  const PackedAnswer before = packed.send(whole);
  std::mt19937 random(20261122);
  const auto below = [&](std::size_t limit) {
    return static_cast<std::size_t>(random() % static_cast<std::uint32_t>(limit));
  };
  int accepted = 0;
  for (int round = 0; round < 5000; ++round) {
    std::vector<std::byte> bytes(whole.begin(), whole.end());
    // Half of the changes meet the header and the descriptors, where they do most.
    for (std::size_t change = 0; change <= below(4); ++change) {
      const std::size_t at =
          below(2) == 0 ? below(sizeof(lineup_packed_request)) : below(bytes.size());
      switch (below(3)) {
        case 0:
          bytes[at] = static_cast<std::byte>(random());
          break;
        case 1:
          bytes[at] ^= static_cast<std::byte>(1U << below(8));
          break;
        default:
          bytes[at] = below(2) == 0 ? std::byte{0} : std::byte{0xff};
      }
    }
    if (below(8) == 0) {
      bytes.resize(below(bytes.size()));
      // The size is made to agree, so that what lies behind it is reached.
      if (bytes.size() >= sizeof(lineup_packed_request)) {
        reinterpret_cast<lineup_packed_request*>(bytes.data())->total_size = bytes.size();
      }
    }
    if (bytes.empty()) continue;
    accepted += packed.send(bytes).header.answer != LINEUP_ANSWER_ERROR ? 1 : 0;
  }
  CHECK(accepted > 100);  // the changes are not all refused at the door
  CHECK(packed.send(whole).slate == before.slate);
}

}  // namespace lineup
