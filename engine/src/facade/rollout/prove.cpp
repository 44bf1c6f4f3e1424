// SPDX-License-Identifier: Apache-2.0
//
// The prover's side of a proof. It is an engine that never serves: what it does to compile, test
// and replay is what the engine itself would do.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "facade/engine_state.hpp"
#include "facade/facade.hpp"
#include "facade/request/outcome.hpp"
#include "facade/request/packed.hpp"
#include "facade/rollout/proof.hpp"
#include "rollout/trial.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

// What the answer will say.
struct Findings {
  Diagnostics diagnostics;
  std::string stage = "compiled";
  std::string code;
  std::string message;
  std::string hint;
};

class Prover {
 public:
  Prover(const std::vector<std::string>& arguments, int descriptor)
      : hash_(arguments[0]),
        bundle_(arguments[1]),
        records_(arguments[4]),
        runs_cases_(arguments[7] == "cases"),
        descriptor_(descriptor) {
    options_.sources.directory = bundle_;
    if (!arguments[2].empty()) options_.sources.rule_directories = {arguments[2]};
    if (!arguments[3].empty()) options_.sources.plugin_directories = {arguments[3]};
    options_.probe = arguments[5];
    options_.staging_directory = arguments[6];
    options_.sessions = 1;
    options_.records.whole_count = options_.records.kept_count = 1;
  }

  int run() {
    const bool is_good = try_all();
    Json found = Json::array();
    for (const Diagnostic& each : findings_.diagnostics.all()) {
      found.push_back({{"severity", each.severity == Severity::Error ? "error" : "warning"},
                       {"code", each.code},
                       {"message", each.message},
                       {"hint", each.hint},
                       {"file", shown(each.span.file)},
                       {"line", each.span.line},
                       {"column", each.span.column},
                       {"end", each.span.end_column}});
    }
    const Json answer = {{"ok", is_good},          {"stage", findings_.stage},
                         {"code", findings_.code}, {"message", findings_.message},
                         {"hint", findings_.hint}, {"diagnostics", found}};
    say(answer.dump(-1, ' ', false, Json::error_handler_t::replace));
    return 0;
  }

 private:
  void say(const std::string& line) const {
    const std::string text = line + "\n";
    std::size_t written = 0;
    while (written < text.size()) {
      const ssize_t now = ::write(descriptor_, text.data() + written, text.size() - written);
      if (now <= 0) return;
      written += static_cast<std::size_t>(now);
    }
  }

  // Messages speak of the operator's files, not of copies of them.
  [[nodiscard]] std::string shown(const std::string& file) const {
    return file.starts_with(bundle_ + "/") ? file.substr(bundle_.size() + 1) : file;
  }

  bool refuse(const char* stage, std::string code, std::string message, std::string hint = {}) {
    findings_.stage = stage;
    findings_.code = std::move(code);
    findings_.message = std::move(message);
    findings_.hint = std::move(hint);
    return false;
  }

  bool try_all() {
    say("at read");
    const auto bundle = read_bundle(options_.sources);
    if (!bundle) return refuse("compiled", bundle.error().code, bundle.error().message);
    if (bundle->hash != hash_) {
      return refuse("compiled", "rollout/damaged", "the staged copy is not what was staged");
    }
    lineup_engine engine(options_);
    engine.log.set_sink([](LogLevel, std::string_view) {});
    say("at compile");
    const auto revision = engine.maker.make(*bundle, findings_.diagnostics);
    findings_.diagnostics.sort();
    if (revision == nullptr || findings_.diagnostics.has_errors()) {
      return refuse("compiled", "reload/rejected", "the bundle has errors");
    }
    if (runs_cases_ && !try_cases()) return false;
    return records_.empty() || replay(engine, *revision);
  }

  bool try_cases() {
    say("at cases");
    Places places;
    places.bundle = bundle_;
    places.rule_directories = {};
    places.plugin_directories = options_.sources.plugin_directories;
    std::size_t count = 0;
    CaseChoice choice;
    choice.is_bundle_only = true;
    const auto results = run_cases(places, choice, [&](const CaseResult& result) {
      ++count;
      if (!result.passed) {
        Span span;
        span.file = result.file;
        span.line = result.line;
        span.column = 1;
        findings_.diagnostics.error(
            span, "rollout/case-failed",
            fmt::format("case `{}` failed: {}", result.name, result.message),
            "run `lineup test` to see it alone");
      }
      say(fmt::format("at case `{}`", result.name));
    });
    const auto failed = std::count_if(results.begin(), results.end(),
                                      [](const CaseResult& result) { return !result.passed; });
    if (failed == 0) return true;
    return refuse("tested", "rollout/cases", fmt::format("{} of {} cases failed", failed, count),
                  "run `lineup test --bundle DIR`");
  }

  bool replay(lineup_engine& engine, const Revision& revision) {
    say("at replay");
    std::ifstream in(records_, std::ios::binary);
    bytes_.assign((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    Tally before;
    Tally candidate;
    const std::uint64_t count = number();
    for (std::uint64_t i = 0; i < count && at_ < bytes_.size(); ++i) {
      RequestOutcome then;
      const std::uint64_t answer = number();
      then.is_error = answer == LINEUP_ANSWER_ERROR;
      then.is_fallback = answer == LINEUP_ANSWER_FALLBACK;
      then.is_late = number() == LINEUP_SEARCH_DEADLINE;
      before.violations += number();
      before.add(then);
      std::vector<std::uint32_t> slate(std::min<std::uint64_t>(number(), bytes_.size()));
      for (std::uint32_t& row : slate) row = static_cast<std::uint32_t>(number());
      const std::uint64_t size = std::min<std::uint64_t>(number(), bytes_.size() - at_);
      answer_one(engine, revision, bytes_.substr(at_, size), slate, candidate);
      at_ += size;
    }
    const ReplayPlan plan = revision.rollout.replay.value_or(ReplayPlan());
    const TrialJudgement judged = judge_replay(candidate, before, plan);
    // Nothing recorded proves nothing, and is no fault.
    if (judged.verdict != TrialVerdict::Failed) return true;
    return refuse("tested", "rollout/replay", judged.why,
                  "compare with `lineup diff`, or allow more under `replay` in bundle.yaml");
  }

  void answer_one(lineup_engine& engine, const Revision& revision, const std::string& request,
                  const std::vector<std::uint32_t>& slate, Tally& candidate) {
    ServingSession& session = *engine.sessions.front();
    const Compared compared = answer_recorded(
        engine, session, revision, std::as_bytes(std::span(request.data(), request.size())));
    candidate.add(compared.outcome);
    candidate.violations += compared.violations;
    candidate.changed += compared.slate == slate ? 0U : 1U;
  }

  std::uint64_t number() {
    std::uint64_t out = 0;
    if (bytes_.size() - at_ < 8) {
      at_ = bytes_.size();
      return 0;
    }
    for (int i = 0; i < 8; ++i) {
      out |= std::uint64_t{static_cast<unsigned char>(bytes_[at_ + static_cast<std::size_t>(i)])}
             << (8 * i);
    }
    at_ += 8;
    return out;
  }

  std::string hash_;
  std::string bundle_;
  std::string records_;
  bool runs_cases_;
  int descriptor_;
  EngineOptions options_;
  Findings findings_;
  std::string bytes_;
  std::size_t at_ = 0;
};

}  // namespace

int prove(const std::vector<std::string>& arguments, int descriptor) {
  if (arguments.size() != 8) return 2;
  return Prover(arguments, descriptor).run();
}

}  // namespace lineup
