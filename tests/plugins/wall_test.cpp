// SPDX-License-Identifier: Apache-2.0
//
// The wall of the C++ layer: whatever a node type throws, the host gets a status and a sentence.
#include <catch2/catch.hpp>
#include <new>
#include <stdexcept>
#include <string>

#include "fake_host.hpp"
#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

// Throws what the configuration says, where the configuration says.
class Thrower : public sdk::Evaluator {
 public:
  static constexpr const char* kName = "thrower";
  static constexpr const char* kId = "test.thrower/1";

  explicit Thrower(const sdk::Config& config)
      : where_(config.text("/where", "")), what_(config.text("/what", "")) {
    throw_in("create");
  }
  void activate(const sdk::Binder&) { throw_in("activate"); }
  void deactivate() { throw_in("deactivate"); }
  sdk::Status evaluate(const sdk::Call& call, const sdk::Slates&, std::span<double>) {
    throw_in("evaluate");
    return call.fail(LINEUP_E_INVALID_INPUT, "nothing was thrown");
  }

 private:
  void throw_in(const char* here) const {
    if (where_ != here) return;
    if (what_ == "failure") throw sdk::Failure(LINEUP_E_NOT_FOUND, "no such model");
    if (what_ == "exception") throw std::out_of_range("index 7");
    if (what_ == "memory") throw std::bad_alloc();
    throw 42;
  }
  std::string where_;
  std::string what_;
};

struct Answer {
  lineup_status status = LINEUP_OK;
  std::string message;
};

class Sink : public lineup_error_sink {
 public:
  Sink() : lineup_error_sink{sizeof(lineup_error_sink), 0, nullptr, keep} {}
  Answer answer;

 private:
  static void keep(lineup_error_sink* sink, lineup_status status, lineup_text message) {
    static_cast<Sink*>(sink)->answer = {status, {message.data, message.size}};
  }
};

// Runs the whole life of an instance; the first status that is not ok ends it.
Answer live(const std::string& config) {
  const lineup::testing::FakeHost host;
  const lineup_node_type& type = sdk::detail::kType<Thrower>;
  Sink sink;
  lineup_instance* instance = nullptr;
  lineup_status status = type.create(&host, {config.data(), config.size()}, &sink, &instance);
  if (status == LINEUP_OK) {
    const lineup::testing::FakeRequest request(0, 0);
    lineup::testing::FakeNames names;
    const lineup::testing::FakeBinder binder(request, names);
    status = type.activate(instance, &binder, &sink);
    if (status == LINEUP_OK) {
      lineup::testing::FakeCall call(request, names);
      static_cast<lineup_call&>(call).errors = &sink;
      const auto* table =
          static_cast<const lineup_evaluator*>(type.extension(LINEUP_EXT_EVALUATOR));
      const lineup_slates none{sizeof(lineup_slates), 0, 0, 0, nullptr, nullptr};
      status = table->evaluate(instance, &call, &none, nullptr);
      type.deactivate(instance);
    }
    type.destroy(instance);
  }
  CHECK(status == sink.answer.status);
  return sink.answer;
}

}  // namespace

TEST_CASE("what is thrown anywhere becomes a status and a sentence", "[wall]") {
  const std::string where = GENERATE("create", "activate", "evaluate");
  struct Case {
    const char* what;
    lineup_status status;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"failure", LINEUP_E_NOT_FOUND, "no such model"},
      {"exception", LINEUP_E_INTERNAL, "index 7"},
      {"memory", LINEUP_E_BUDGET, "out of memory"},
      {"number", LINEUP_E_INTERNAL, "something that is not a std::exception was thrown"},
  }));
  CAPTURE(where, c.what);
  const Answer answer = live(R"({"where": ")" + where + R"(", "what": ")" + c.what + R"("})");
  CHECK(answer.status == c.status);
  CHECK(answer.message == c.message);
}

TEST_CASE("what deactivate throws ends there", "[wall]") {
  CHECK(live(R"({"where": "deactivate", "what": "exception"})").message == "nothing was thrown");
}

TEST_CASE("a node type answers for the table of its kind alone", "[wall]") {
  const lineup_node_type& type = sdk::detail::kType<Thrower>;
  CHECK(type.kind == LINEUP_KIND_EVALUATOR);
  CHECK(type.extension(LINEUP_EXT_EVALUATOR) != nullptr);
  CHECK(type.extension(LINEUP_EXT_GENERATOR) == nullptr);
}
