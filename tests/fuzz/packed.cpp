// SPDX-License-Identifier: Apache-2.0
//
// Packed requests: an engine that serves gets any buffer and answers or refuses it; it reads
// nothing outside of it, and a good request afterwards is answered as before.
#include "engine/packed_request.hpp"
#include "fuzz.hpp"

using namespace lineup;

namespace {

std::string good_request() {
  PackedRequest out;
  const Feed feed(12);
  const lineup_packed_rows candidates = pack_rows(out, feed);
  const lineup_packed_rows history = pack_rows(out, Feed(3));
  const lineup_packed_text scene = out.put_text("home");
  const lineup_packed_text user = out.put_text("u1");
  out.header().scene = scene;
  out.header().user = user;
  out.header().candidates = candidates;
  out.header().history = history;
  const auto bytes = out.finish();
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One engine for all inputs; its bundle is removed with the program.
struct Serving {
  TestBundle bundle;
  std::unique_ptr<host::Engine> engine;
  lineup_engine* raw = nullptr;

  Serving() {
    bundle.write("policies/home.yaml",
                 policy("  - {use: category_scatter, with: {by: category, window: 3, max: 1}, "
                        "priority: 50}\n"));
    engine = std::make_unique<host::Engine>(quiet_options(bundle.root()));
    raw = engine->raw();
  }
  lineup_status ask(std::string_view request) const {
    // Aligned, as the contract wants it, and of its own size.
    std::vector<std::uint64_t> memory((request.size() + 7) / 8 + 1);
    if (!request.empty()) std::memcpy(memory.data(), request.data(), request.size());
    const void* answer = nullptr;
    std::uint64_t size = 0;
    const lineup_status status =
        lineup_rerank_packed(raw, memory.data(), request.size(), &answer, &size);
    if (status == LINEUP_OK) lineup_release_packed(raw, answer);
    return status;
  }
};

}  // namespace

std::vector<std::string> fuzz::made_seeds() { return {good_request()}; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Serving serving;
  static const std::string good = good_request();
  static_cast<void>(serving.ask(fuzz::text_of(data, size)));
  static std::uint64_t asked = 0;
  if (++asked % 64 == 1)
    fuzz::require(serving.ask(good) == LINEUP_OK, "a good request is answered");
  return 0;
}
