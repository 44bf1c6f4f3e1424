// SPDX-License-Identifier: Apache-2.0
//
// An engine with a state directory, opened and closed as often as a test wants, and what its status
// says.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "../engine/host.hpp"
#include "facade/facade.hpp"

namespace lineup {

using Json = nlohmann::json;

// The first item of the page is the revision's name: which one answered is plain to see.
inline std::string opener(int item) {
  return "return rule {\n  name = \"opener\", about = \"Opens the page.\",\n"
         "  parameters = { item = id { default = \"v" +
         std::to_string(item) +
         "\", about = \"The first item.\" } },\n"
         "  constraints = function(p) return place { id = p.item, slots = 1 } end,\n}\n";
}

class Kept {
 public:
  Kept() {
    bundle.write("policies/home.yaml",
                 policy("  - {use: opener, priority: 100}\n",
                        std::string(kGraph) + "limits: {deadline_ms: 60000}\n"));
    open_with(1);
  }
  void open_with(int item) { bundle.write("rules/opener.lua", opener(item)); }
  void rollout(const std::string& block) { bundle.write("bundle.yaml", "rollout:\n" + block); }

  void open() {
    engine.reset();
    host::Options options = quiet_options(bundle.root(), &log);
    options.state_directory = state.root();
    engine = std::make_unique<host::Engine>(options);
  }
  // Whether the engine took the files, or put them on trial.
  bool reload() {
    try {
      engine->reload();
      return true;
    } catch (const host::Error& error) {
      refusal = error.what();
      return false;
    }
  }

  // The first row of the page; -1: no page.
  int first(const std::string& user = {}) {
    Caller caller(*engine);
    const Feed feed(60);
    host::Request& request = caller.prepare(feed);
    if (!user.empty()) request.user(user);
    const host::Result result = caller.rerank();
    if (result.answer() == host::Answer::Error || result.slate().empty()) return -1;
    return static_cast<int>(result.slate()[0]);
  }
  void ask(int times) {
    for (int i = 0; i < times; ++i) (void)first("u" + std::to_string(i));
  }

  [[nodiscard]] Json status() const { return Json::parse(engine->status_json()); }
  [[nodiscard]] Json rollout_status() const { return status()["rollout"]; }
  template <typename Claim>
  bool soon(Claim claim, int most_ms = 20'000) {
    for (int waited = 0; waited < most_ms; waited += 10) {
      if (claim()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  bool is_kept(int revisions = 1) {
    return soon(
        [&] { return rollout_status()["good"].size() >= static_cast<std::size_t>(revisions); });
  }

  // Gives a command as `lineup rollout` does.
  DeskAnswer tell(const std::string& verb) {
    DeskCommand command;
    command.verb = verb;
    command.who = "ann";
    command.why = "a test";
    const auto reply = tell_rollout(state.root(), command, 20'000);
    return reply ? reply->answer : DeskAnswer{false, reply.error().message, {}};
  }

  TestBundle bundle;
  TestBundle state;
  std::string log;
  std::string refusal;
  std::unique_ptr<host::Engine> engine;
};

}  // namespace lineup
