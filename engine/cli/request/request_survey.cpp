// SPDX-License-Identifier: Apache-2.0
//
// Each thread has an asker and a survey of its own; they are added up at the end. The whole
// explanation of a request, which searches many pages, is asked for once per rule that is given up.
#include "cli/request/request_survey.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <thread>

#include "cli/explain/explanation.hpp"
#include "cli/interrupt.hpp"
#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

class Surveyor {
 public:
  Surveyor(lineup_engine* engine, At at) : asker_(engine), at_(at) {
    asker_.lift_deadline();
    for (const SceneDescription& scene : describe_scenes(*engine)) {
      segments_.emplace(scene.scene, scene.segments);
      for (const std::string& rule : scene.rules) survey_.rules[{scene.scene, rule}];
      for (const std::string& segment : scene.segments) {
        survey_.segments[{scene.scene, segment}] = 0;
      }
    }
  }

  void work(LineSource& source) {
    NumberedLine line;
    while (source.take(line)) {
      ++survey_.requests;
      if (const auto done = ask(line); !done) fail(line, done.error().message);
    }
  }

  [[nodiscard]] const RequestSurvey& survey() const { return survey_; }

 private:
  Result<void> ask(const NumberedLine& line) {
    if (line.is_too_long) return failure("request/size", "the line is too long");
    auto read = reader_.read(line.text, request_);
    if (!read) return read;
    if (at_) request_.now_ms = *at_;
    request_.revision.clear();
    Trace trace;
    {
      const auto answer = asker_.trace_deeds(request_);
      if (!answer) return tl::unexpected(answer.error());
      if ((*answer)->answer == LINEUP_ANSWER_ERROR) {
        return failure("request/error", std::string(view((*answer)->error)));
      }
      auto got = read_trace(view((*answer)->trace_json));
      if (!got) return tl::unexpected(got.error());
      trace = *std::move(got);
    }
    ++survey_.scenes[request_.scene];
    for (const TracedRule& rule : trace.rules) count(rule);
    for (const std::string& segment : segments_[request_.scene]) {
      if (asker_.is_in_segment(request_, segment)) ++survey_.segments[{request_.scene, segment}];
    }
    return {};
  }

  void count(const TracedRule& rule) {
    SurveyedRule& seen = survey_.rules[{request_.scene, rule.rule}];
    ++seen.requests;
    if (rule.status != "active") {
      ++seen.idle[rule.status];
      return;
    }
    ++seen.active;
    if (rule.acted > 0) ++seen.acted;
    if (rule.violations == 0 || rule.strength == "soft") return;
    if (seen.given_up++ > 0) return;
    seen.example = request_.has_id ? request_.id : std::string();
    if (auto whole = explain(asker_, request_, "")) {
      seen.conflicts = std::move(whole->trace.conflicts);
    }
  }

  void fail(const NumberedLine& line, const std::string& why) {
    if (survey_.failed++ == 0) survey_.first_failure = fmt::format("line {}: {}", line.number, why);
  }

  Asker asker_;
  At at_;
  RequestReader reader_;
  RequestLine request_;
  RequestSurvey survey_;
  std::map<std::string, std::vector<std::string>> segments_;
};

void add(const SurveyedRule& from, SurveyedRule& to) {
  to.requests += from.requests;
  to.active += from.active;
  to.acted += from.acted;
  to.given_up += from.given_up;
  for (const auto& [why, requests] : from.idle) to.idle[why] += requests;
  if (to.conflicts.empty() && from.given_up > 0) {
    to.example = from.example;
    to.conflicts = from.conflicts;
  }
}

void add(const RequestSurvey& from, RequestSurvey& to) {
  to.requests += from.requests;
  to.failed += from.failed;
  if (to.first_failure.empty()) to.first_failure = from.first_failure;
  for (const auto& [scene, requests] : from.scenes) to.scenes[scene] += requests;
  for (const auto& [name, rule] : from.rules) add(rule, to.rules[name]);
  for (const auto& [name, requests] : from.segments) to.segments[name] += requests;
}

std::string all_of(std::uint64_t requests) {
  return requests == 1 ? std::string("the only request") : fmt::format("all {} requests", requests);
}

std::string why_idle(const SurveyedRule& rule) {
  std::string out;
  for (const auto& [status, requests] : rule.idle) {
    const std::string why = status == "when"         ? "its `when` did not hold"
                            : status == "pin absent" ? "what it pins was not there, or filtered"
                                                     : status;
    out += fmt::format("{}{} on {}", out.empty() ? "" : "; ", why, requests);
  }
  return out;
}

// Why it was given up, by the first request on which it was.
std::string conflict_text(const std::string& name, const SurveyedRule& rule) {
  for (const TracedConflict& conflict : rule.conflicts) {
    const bool has_it =
        std::any_of(conflict.rules.begin(), conflict.rules.end(),
                    [&name](const TracedConflict::Rule& each) { return each.rule == name; });
    if (!has_it) continue;
    std::string out;
    for (const TracedConflict::Rule& each : conflict.rules) {
      out += fmt::format("{}`{}`: {}", out.empty() ? "" : "; ", each.rule, each.because);
    }
    const std::string where =
        rule.example.empty() ? std::string() : fmt::format(" on request `{}`", rule.example);
    return fmt::format("{}{}", out, where);
  }
  return {};
}

class Findings {
 public:
  Findings(const RequestSurvey& survey, CheckReport& report) : survey_(survey), report_(report) {}

  void add() {
    for (const auto& [name, rule] : survey_.rules) add_rule(name, rule);
    for (const auto& [name, requests] : survey_.segments) {
      const auto scene = survey_.scenes.find(name.first);
      if (requests > 0 || scene == survey_.scenes.end()) continue;
      warn(
          report_.segments, name, "requests/nobody",
          fmt::format("segment `{}` holds on none of {} requests", name.second, scene->second),
          "compare its condition with what requests carry: `lineup explain` lists what is missing");
    }
    for (const std::string& scene : report_.scenes) {
      if (survey_.scenes.count(scene) > 0) continue;
      report_.diagnostics.warning(Span{}, "requests/no-scene",
                                  fmt::format("no request is of scene `{}`", scene),
                                  "its rules were not looked at");
    }
    if (survey_.failed > 0) {
      report_.diagnostics.warning(
          Span{}, "requests/failed",
          fmt::format("{} of {} requests could not be answered; {}", survey_.failed,
                      survey_.requests, survey_.first_failure));
    }
  }

 private:
  void warn(const std::map<SceneName, Span>& places, const SceneName& name, const char* code,
            std::string message, std::string hint) {
    const auto at = places.find(name);
    report_.diagnostics
        .warning(at == places.end() ? Span{} : at->second, code, std::move(message),
                 std::move(hint))
        .arguments = {{"scene", name.first}, {"rule", name.second}};
  }

  void add_rule(const SceneName& name, const SurveyedRule& rule) {
    if (rule.requests == 0 || rule.idle.count("disabled") > 0) return;
    if (rule.active == 0) {
      warn(report_.rules, name, "requests/never-applied",
           fmt::format("`{}` applied on none of {} requests: {}", name.second, rule.requests,
                       why_idle(rule)),
           "is its condition right, and are its dates?");
    } else if (rule.given_up == rule.active) {
      const std::string why = conflict_text(name.second, rule);
      warn(report_.rules, name, "requests/always-relaxed",
           fmt::format("`{}` was given up on {} on which it applied", name.second,
                       all_of(rule.active)),
           why.empty() ? std::string("`lineup explain` says why for one request") : why);
    } else if (rule.acted == 0) {
      warn(report_.rules, name, "requests/never-acted",
           fmt::format("`{}` changed nothing on {} on which it applied", name.second,
                       all_of(rule.active)),
           "is it still needed?");
    }
  }

  const RequestSurvey& survey_;
  CheckReport& report_;
};

}  // namespace

Result<RequestSurvey> survey_requests(const EngineHandle& engine, const std::string& path, At at) {
  auto source = LineSource::open(path);
  if (!source) return tl::unexpected(source.error());
  const std::size_t count = std::max(1U, std::thread::hardware_concurrency());
  std::deque<Surveyor> surveyors;
  for (std::size_t i = 0; i < count; ++i) surveyors.emplace_back(engine.get(), at);
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < count; ++i) {
    threads.emplace_back([&, i] { surveyors[i].work(*source); });
  }
  surveyors.front().work(*source);
  for (std::thread& thread : threads) thread.join();
  if (!source->fault().empty()) return failure("io/read", source->fault());
  RequestSurvey out;
  for (const Surveyor& surveyor : surveyors) add(surveyor.survey(), out);
  return out;
}

void add_survey_findings(const RequestSurvey& survey, CheckReport& report) {
  Findings(survey, report).add();
}

}  // namespace lineup::cli
