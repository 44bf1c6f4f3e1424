// SPDX-License-Identifier: Apache-2.0
//
// What the engine tells of itself, as JSON: status, records, replays; and feedback, which is told
// to it as JSON.
#include <fmt/format.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "facade/engine_state.hpp"
#include "facade/request/packed.hpp"
#include "facade/rollout/rollout_control.hpp"
#include "facade/state/resilience.hpp"
#include "native/library.hpp"

namespace lineup {

namespace {

using Json = nlohmann::ordered_json;

// The one finding that turned it down: where on its way, where in which file, what, what to do.
Json report_of(const Attempt& attempt) {
  const auto stage = static_cast<ReloadState>(
      std::min(static_cast<int>(attempt.reached) + 1, static_cast<int>(ReloadState::Shadow)));
  Json out{{"stage", name_of(stage)},
           {"code", attempt.error.code},
           {"file", ""},
           {"line", 0},
           {"column", 0},
           {"message", attempt.error.message},
           {"hint", attempt.hint}};
  for (const Diagnostic& finding : attempt.diagnostics.all()) {
    if (finding.severity != Severity::Error) continue;
    // Of cases and replays the sum says more than the first finding.
    const bool is_sum = attempt.error.code.starts_with("rollout/");
    if (!is_sum) out["code"] = finding.code;
    if (!is_sum) out["message"] = finding.message;
    if (!is_sum) out["hint"] = finding.hint;
    out["file"] = finding.span.file;
    out["line"] = finding.span.line;
    out["column"] = finding.span.column;
    break;
  }
  return out;
}

Json json_of(const Attempt& attempt) {
  Json out{{"number", attempt.number},
           {"revision", attempt.revision},
           {"state", name_of(attempt.state)},
           {"reached", name_of(attempt.reached)},
           {"started", format_time(attempt.started_ms)},
           {"elapsed_ms", static_cast<double>(attempt.elapsed_ns) / 1e6}};
  if (!attempt.error.code.empty()) {
    out["error"] = {{"code", attempt.error.code}, {"message", attempt.error.message}};
    out["report"] = report_of(attempt);
  }
  if (!attempt.hint.empty()) out["hint"] = attempt.hint;
  Json findings = Json::array();
  for (const Diagnostic& finding : attempt.diagnostics.all()) {
    findings.push_back({{"severity", finding.severity == Severity::Error ? "error" : "warning"},
                        {"code", finding.code},
                        {"message", finding.message},
                        {"hint", finding.hint},
                        {"file", finding.span.file},
                        {"line", finding.span.line},
                        {"column", finding.span.column}});
  }
  out["diagnostics"] = std::move(findings);
  return out;
}

Json live_json(const LiveWeights& weights) {
  Json out = Json::array();
  for (const LiveChange& value : weights.current(wall_ms())) {
    Json entry{{"scene", value.scene}, {"name", value.name}, {"value", value.after}};
    if (value.expires_ms != INT64_MAX) entry["expires"] = format_time(value.expires_ms);
    out.push_back(std::move(entry));
  }
  return out;
}

Json emergency_json(const EmergencyStatus& emergency) {
  Json out{{"state", emergency.state}};
  if (emergency.state != "none") {
    out["file"] = emergency.path;
    out["who"] = emergency.who;
    out["why"] = emergency.why;
    out["until"] = format_time(emergency.until_ms);
    out["requests"] = emergency.requests;
    out["rows_removed"] = emergency.rows;
    out["requests_left_out"] = emergency.left_out;
  }
  if (!emergency.refusal.empty()) out["refused"] = emergency.refusal;
  return out;
}

Json logs_json(const lineup_engine& engine) {
  const auto decisions = engine.decisions.counts();
  const auto audit = engine.audit.counts();
  return {{"decisions",
           {{"written", decisions.written},
            {"passed_over", decisions.passed_over},
            {"dropped", decisions.dropped},
            {"fault", engine.decisions.fault()}}},
          {"audit",
           {{"written", audit.written},
            {"waiting", audit.waiting},
            {"lost", audit.lost},
            {"fault", engine.audit.fault()}}},
          {"metrics", {{"fault", engine.metrics_fault.text()}}}};
}

// Whose bundle serves.
Json trust_json(const Verified& serving) {
  Json out{{"mode", name_of(serving.mode)}};
  if (serving.mode == TrustMode::Development) return out;
  out["revision"] = serving.manifest.revision;
  out["parent"] = serving.manifest.parent;
  out["author"] = serving.manifest.author;
  out["reason"] = serving.manifest.reason;
  out["signed_by"] = serving.signers;
  return out;
}

Json history_json(const LiveWeights& weights) {
  Json out = Json::array();
  for (const LiveChange& change : weights.history()) {
    Json entry{{"at", format_time(change.at_ms)}, {"scene", change.scene}, {"name", change.name},
               {"before", change.before},         {"who", change.who},     {"why", change.why}};
    entry["after"] = std::isnan(change.after) ? Json(nullptr) : Json(change.after);
    if (!change.refusal.empty()) entry["refused"] = change.refusal;
    out.push_back(std::move(entry));
  }
  return out;
}

// Calls of code rules in the revision that serves, and those that were answered from memory.
Json code_json(const Revision* revision) {
  CallCounts sum;
  if (revision != nullptr) {
    for (const Scene& scene : revision->scenes) {
      for (const auto& worker : scene.plan->workers) {
        sum.calls += worker->calls().calls;
        sum.remembered += worker->calls().remembered;
      }
    }
  }
  return {{"calls", sum.calls}, {"remembered", sum.remembered}};
}

// Bytes of the address space that each file below `directory` takes.
std::map<std::string, std::uint64_t> mapped_files(const std::string& directory) {
  std::map<std::string, std::uint64_t> out;
  if (directory.empty()) return out;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t at = line.find(directory + "/");
    if (at == std::string::npos) continue;
    // Copies that no revision needs are removed, and stay mapped as long as their code does.
    constexpr std::string_view kRemoved = " (deleted)";
    if (line.ends_with(kRemoved)) line.resize(line.size() - kRemoved.size());
    char* end = nullptr;
    const std::uint64_t from = std::strtoull(line.c_str(), &end, 16);
    out[line.substr(at)] += std::strtoull(end + 1, nullptr, 16) - from;
  }
  return out;
}

// Plugin libraries, and what those of this engine occupy in the address space, one by one.
Json libraries_json(const lineup_engine& engine) {
  const auto counters = Library::counters();
  const auto files = mapped_files(engine.options.staging_directory);
  std::uint64_t mapped = 0;
  std::uint64_t retired = 0;
  for (const auto& [path, bytes] : files) mapped += bytes;
  Json versions = Json::array();
  for (const Library::Version& each : Library::versions()) {
    const auto at = files.find(each.path);
    if (at == files.end()) continue;  // of another engine in this process
    if (each.is_retired) retired += at->second;
    versions.push_back({{"plugin", each.name},
                        {"version", each.version},
                        {"content", each.content_hash.substr(0, 12)},
                        {"state", each.is_retired ? "retired" : "in use"},
                        {"mapped_kib", at->second / 1024}});
  }
  return {{"loaded", counters.loaded},      {"retired", counters.retired},
          {"retired_most", kRetiredMax},    {"mapped_files", files.size()},
          {"mapped_kib", mapped / 1024},    {"retired_kib", retired / 1024},
          {"versions", std::move(versions)}};
}

std::string_view word_for_answer(std::uint32_t answer) {
  constexpr std::array<std::string_view, 4> kWords = {"ok", "relaxed", "fallback", "error"};
  return answer < kWords.size() ? kWords[answer] : "error";
}

Json evidence_json(const Evidence& evidence) {
  Json out = Json::array();
  for (const Evidence::Status& each : evidence.status()) {
    out.push_back({{"counts", each.event.empty() ? "exposed" : "event"},
                   {"event", each.event.empty() ? Json(nullptr) : Json(each.event)},
                   {"half_life_ms", each.half_life_ms},
                   {"places", each.counts.places},
                   {"items", each.counts.items},
                   {"forgotten", each.counts.forgotten}});
  }
  return out;
}

}  // namespace

nlohmann::ordered_json record_json(const Record& record) {
  return Json{{"request", record.request_id.view()},
              {"scene", record.scene.view()},
              {"revision", record.revision.view()},
              {"at", format_time(record.wall_ms)},
              {"status", word_for_answer(record.answer)},
              {"rows", record.row_count},
              {"slots", record.slate_count},
              {"relaxed", record.relaxed_count},
              {"elapsed_us", static_cast<double>(record.elapsed_ns) / 1000.0},
              {"work", record.work},
              {"propensity", record.propensity},
              {"seed", record.seed},
              {"inputs", fmt::format("{:016x}", record.input_hash)},
              {"weights", fmt::format("{:016x}", record.weights_hash)},
              {"slate", fmt::format("{:016x}", record.slate_hash)},
              {"whole", record.whole}};
}

std::string status_json(lineup_engine& engine) {
  const ReloadStatus reload = engine.reloader->status();
  const auto counts = engine.published.counts();
  const auto records = engine.recorder.counts();
  const auto feedback = engine.feedback.counts();
  const Counters& counters = engine.counters;
  Json scenes = Json::array();
  const auto revision = engine.published.current();
  if (revision != nullptr) {
    for (const Scene& scene : revision->scenes) scenes.push_back(scene.plan->scene);
  }
  const Json out{
      {"version", lineup_version()},
      {"revision", reload.revision},
      {"since", format_time(reload.since_ms)},
      {"scenes", std::move(scenes)},
      {"bundle", trust_json(engine.gate.serving())},
      {"last_attempt", json_of(reload.last)},
      {"last_rejected",
       reload.last_rejected.number == 0 ? Json(nullptr) : json_of(reload.last_rejected)},
      {"stale_ms", reload.stale_ms},
      {"revisions",
       {{"published", counts.published},
        {"destroyed", counts.destroyed},
        {"retained", counts.retained},
        {"retired", counts.retired}}},
      {"libraries", libraries_json(engine)},
      {"rollout", engine.rollout ? Json::parse(engine.rollout->status()) : Json(nullptr)},
      {"requests",
       {{"all", counters.requests.load()},
        {"relaxed", counters.relaxed.load()},
        {"fallbacks", counters.fallbacks.load()},
        {"errors", counters.errors.load()},
        {"certificates_refused", counters.certificates_refused.load()},
        {"discarded", counters.discarded.load()},
        {"rules_broken", counters.rules_broken.load()}}},
      {"records",
       {{"all", records.recorded},
        {"whole", records.whole},
        {"kept", records.kept},
        {"dropped", records.dropped}}},
      {"feedback",
       {{"all", feedback.feedbacks},
        {"repeated", feedback.repeated},
        {"exposed", feedback.exposed},
        {"events", feedback.events}}},
      {"workers",
       {{"threads", engine.options.workers},
        {"nodes", engine.crew == nullptr ? 0 : engine.crew->helped()}}},
      {"logs", logs_json(engine)},
      {"emergency", emergency_json(engine.emergency.status())},
      {"code_rules", code_json(revision.get())},
      {"breakers", Json::parse(breakers_json(revision.get()))},
      {"switched_off", Json::parse(switches_json(revision.get()))},
      {"live", live_json(engine.weights)},
      {"controllers", engine.controls.json()},
      {"evidence", evidence_json(engine.evidence)},
      {"live_history", history_json(engine.weights)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

Result<std::string> records_json(lineup_engine& engine, std::string_view query) {
  RecordQuery wanted;
  bool whole = false;
  try {
    const auto json = query.empty() ? Json::object() : Json::parse(query);
    wanted.request_id = json.value("request", "");
    wanted.user = json.value("user", "");
    wanted.item = json.value("item", "");
    wanted.scene = json.value("scene", "");
    wanted.most = json.value("most", std::size_t{100});
    whole = json.value("whole", false);
  } catch (const Json::exception& fault) {
    return failure("record/query", fault.what());
  }
  std::string out;
  if (!whole && wanted.item.empty()) {
    for (const Record& record : engine.recorder.find(wanted)) {
      out += record_json(record).dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    }
    return out;
  }
  for (const WholeRecord& record : engine.recorder.find_whole(wanted)) {
    Json line = record_json(record.record);
    line["user"] = record.user;
    line["slate_rows"] = record.slate;
    out += line.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
  }
  return out;
}

Result<std::string> replay_json(lineup_engine& engine, ServingSession& serving,
                                std::string_view request_id) {
  const auto record = engine.recorder.whole(request_id);
  if (!record) {
    return failure("record/none",
                   fmt::format("there is no whole record of request `{}`", request_id));
  }
  std::vector<std::uint64_t> aligned((record->request.size() + 7) / 8);
  std::memcpy(aligned.data(), record->request.data(), record->request.size());
  auto input =
      unpack_request({reinterpret_cast<const std::byte*>(aligned.data()), record->request.size()},
                     engine.symbols, serving.unpacked);
  if (!input) return tl::unexpected(input.error());
  input->revision = text_of(record->revision);
  serve(engine, serving, *input);
  const lineup_result& result = serving.box.result;
  if (view(result.revision).empty()) {
    return failure("record/revision",
                   fmt::format("revision `{}` of request `{}` is not kept any more",
                               record->revision, request_id));
  }
  const bool same = result.slate_count == record->slate.size() &&
                    std::equal(record->slate.begin(), record->slate.end(), result.slate);
  const Json out{
      {"request", request_id},
      {"revision", record->revision},
      {"same", same},
      {"recorded", record->slate},
      {"replayed", std::vector<std::uint32_t>(result.slate, result.slate + result.slate_count)},
      {"status", word_for_answer(result.answer)},
      {"error", view(result.error)}};
  serving.unpacked.reset();
  return out.dump();
}

std::string describe(const Attempt& attempt) {
  std::string out;
  for (const Diagnostic& finding : attempt.diagnostics.all()) {
    std::string_view source;
    if (attempt.bundle != nullptr) {
      for (const BundleFile& file : attempt.bundle->files) {
        if (shown_path(file) == finding.span.file) source = *file.contents;
      }
    }
    out += render(finding, source);
  }
  if (out.empty() && !attempt.error.message.empty()) {
    out = fmt::format("error[{}]: {}\n", attempt.error.code, attempt.error.message);
  }
  if (!attempt.hint.empty()) out += attempt.hint + '\n';
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

bool FeedbackLog::take(std::string_view request_id, std::string_view events_json,
                       const Told& told) {
  const std::uint64_t key = hash64(events_json, hash64(request_id));
  const std::lock_guard lock(mutex_);
  if (!seen_.insert(key).second) {
    ++counts_.repeated;
    return false;
  }
  if (ring_.size() < kRememberedMax) {
    ring_.push_back(key);
  } else {
    seen_.erase(ring_[next_]);
    ring_[next_] = key;
    next_ = (next_ + 1) % kRememberedMax;
  }
  ++counts_.feedbacks;
  counts_.exposed += told.exposed.size();
  counts_.events += told.events.size();
  return true;
}

FeedbackLog::Counts FeedbackLog::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

}  // namespace lineup
