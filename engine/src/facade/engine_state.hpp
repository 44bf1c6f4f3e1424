// SPDX-License-Identifier: Apache-2.0
//
// What an open engine is made of. Internal to the facade.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "audit/audit_log.hpp"
#include "base/log.hpp"
#include "facade/live_weights.hpp"
#include "facade/request/request_times.hpp"
#include "facade/revision.hpp"
#include "facade/rollout/trust_gate.hpp"
#include "facade/state/controls.hpp"
#include "facade/state/decision_log.hpp"
#include "facade/state/emergency_keeper.hpp"
#include "facade/state/housekeeper.hpp"
#include "facade/state/plugin_log.hpp"
#include "facade/state/weights_desk.hpp"
#include "facade/symbols.hpp"
#include "lineup/engine.h"
#include "plan/beside.hpp"
#include "plan/execute.hpp"
#include "record/recorder.hpp"
#include "reload/published.hpp"
#include "reload/reloader.hpp"
#include "reload/session_pool.hpp"
#include "reload/watcher.hpp"

namespace lineup {

class RolloutControl;

// One answer, where the host reads it; `result` comes first, so that the pointer to it finds the
// rest.
struct ResultBox {
  lineup_result result{};
  std::uint32_t session = 0;
};

// What one session keeps. One request at a time, from lineup_rerank until lineup_release.
struct ServingSession {
  explicit ServingSession(std::uint32_t index) : session(index) {
    box.session = index;
    // It changes places with the recorder's buffers, which are as large.
    packed_request.reserve(RecorderOptions{}.slot_bytes);
  }
  Session session;
  std::unique_ptr<Beside> beside;  // what session.beside points at; null without worker threads
  Arena input;                     // the request with names resolved
  ResultBox box;
  std::vector<std::byte> packed_request;   // of the record
  std::vector<std::byte> packed_response;  // of the record
  Arena unpacked;                          // a packed request, read
  std::vector<std::byte> answer;           // to a packed request
  std::atomic<const void*> lent{nullptr};  // the answer while the host has it
  std::string fault;
  RequestTimes times;
};

// What hosts told of what was shown and done. The same feedback counts once.
class FeedbackLog {
 public:
  struct Counts {
    std::uint64_t feedbacks = 0;
    std::uint64_t repeated = 0;  // told before: not counted again
    std::uint64_t exposed = 0;   // items that were shown
    std::uint64_t events = 0;
  };

  // Counts one feedback that was read; false: it was told before. [any]
  bool take(std::string_view request_id, std::string_view events_json, const Told& told);
  [[nodiscard]] Counts counts() const;

 private:
  // LIMIT: feedbacks that are remembered to know a repetition; one later than that counts again.
  static constexpr std::size_t kRememberedMax = 65'536;
  mutable std::mutex mutex_;
  std::unordered_set<std::uint64_t> seen_;
  std::vector<std::uint64_t> ring_;
  std::size_t next_ = 0;
  Counts counts_;
};

struct EngineOptions {
  BundleSources sources;
  std::string state_directory;
  std::string staging_directory;
  bool owns_staging = false;
  std::string probe;
  std::uint32_t sessions = 16;
  bool watch = false;
  std::uint32_t quiet_ms = 100;
  std::uint32_t poll_ms = 5000;
  RecorderOptions records;
  std::string trust_file;
  DecisionOptions decisions;
  std::uint32_t metrics_ms = 5000;
  std::uint32_t workers = 0;  // threads that help those that call
};

}  // namespace lineup

// The engine. Members are destroyed in reverse: what notices changes first, what serves last.
struct lineup_engine {
  explicit lineup_engine(lineup::EngineOptions the_options);
  ~lineup_engine();

  lineup::EngineOptions options;
  lineup::Log log;
  lineup::PluginLog plugin_log{log};
  lineup::Symbols symbols;
  lineup::LiveWeights weights;
  lineup::Counters counters;
  lineup::FeedbackLog feedback;
  lineup::Controls controls;
  lineup::Evidence evidence;
  lineup::Recorder recorder;
  std::unique_ptr<lineup::Crew> crew;  // null without worker threads
  std::vector<std::unique_ptr<lineup::ServingSession>> sessions;
  lineup::SessionPool pool;
  lineup::Published<lineup::Revision> published;
  lineup::RevisionMaker maker;
  lineup::TrustGate gate;
  lineup::AuditLog audit;
  lineup::EmergencyKeeper emergency;
  lineup::DecisionLog decisions;
  lineup::FaultNote metrics_fault;  // of the file
  lineup::Housekeeper housekeeper;
  // Users in 10 000 that get the revision on trial, and what decides who they are.
  std::atomic<std::uint32_t> canary_share{0};
  std::atomic<std::uint64_t> canary_salt{0};
  std::unique_ptr<lineup::RolloutControl> rollout;  // null without a state directory
  std::unique_ptr<lineup::Reloader> reloader;
  std::unique_ptr<lineup::Watcher> watcher;
  std::unique_ptr<lineup::WeightsDesk> desk;  // null without a state directory
};

namespace lineup {

// options.cpp ----------------------------------------------------------------------------------

[[nodiscard]] EngineOptions options_of(const lineup_options& given);
[[nodiscard]] std::vector<OverlayFile> overlay_of(const lineup_overlay_file* files,
                                                  std::uint64_t count);

// open.cpp -------------------------------------------------------------------------------------

// Starts the worker threads that the options ask for, and gives every session a place among them.
// Before anything is compiled. Code: crew/thread. [control]
[[nodiscard]] Result<void> start_workers(lineup_engine& engine);
// Makes something serve, and begins to watch what the options say. Code: engine/bundle, its message
// is all findings.
[[nodiscard]] Result<void> start_engine(lineup_engine& engine);
// All steps from a bundle to a revision. [reload thread]
[[nodiscard]] Result<std::shared_ptr<const void>> build_revision(
    lineup_engine& engine, const std::shared_ptr<const Bundle>& bundle, BuildReport& build);
// Those of them that a kept revision goes too: verify and compile. [reload thread]
[[nodiscard]] Result<std::shared_ptr<const void>> make_revision(lineup_engine& engine,
                                                                const Bundle& bundle,
                                                                bool from_store,
                                                                Diagnostics& found);

// serve.cpp ------------------------------------------------------------------------------------

// Serves one request on a session that the caller holds; the revision stays pinned until release().
// What is asked of the trace of a request to be explained. [request]
struct Explaining {
  std::int32_t row = -1;  // whose place is explained too; -1: none
  bool is_brief = false;  // only what each rule did
};
void serve(lineup_engine& engine, ServingSession& session, const lineup_input& input,
           Explaining explaining = {});
// The answer of a revision that need not serve. Nothing is counted or recorded. The caller keeps
// the revision alive. [control]
void evaluate(lineup_engine& engine, ServingSession& session, const lineup_input& input,
              const Revision& revision);
void audit_page(lineup_engine& engine, ServingSession& session, const lineup_input& input,
                std::span<const std::uint32_t> slate);
// Whether the request is in the segment of that name; no when its scene has none such.
[[nodiscard]] bool is_in_segment(lineup_engine& engine, ServingSession& session,
                                 const lineup_input& input, std::string_view segment);

// status.cpp -----------------------------------------------------------------------------------

[[nodiscard]] std::string status_json(lineup_engine& engine);
[[nodiscard]] nlohmann::ordered_json record_json(const Record& record);
// telling.cpp: remembers that a bundle serves, and says when whatever is saved goes live. [control]
void tell_trust(lineup_engine& engine, const Bundle& bundle);
// What came of an attempt, for the audit log. [control]
void audit_attempt(lineup_engine& engine, const Attempt& attempt);
// A change of a live value; `value` NaN: it was taken back. [control]
void audit_weight(lineup_engine& engine, std::string_view scene, std::string_view name,
                  double value, std::string_view who, std::string_view why,
                  const Result<void>& done);
// Where an overlay may lie: the state directory's counts before the bundle's. [control]
[[nodiscard]] std::vector<EmergencyKeeper::Place> emergency_places(const EngineOptions& options);
void audit_emergency(lineup_engine& engine, const EmergencyEvent& event);
// What was shown of a request, for controllers; what they have to say goes to the log. [any]
void tell_controllers(lineup_engine& engine, std::string_view request_id, const Told& told);
// Begins to follow the emergency overlay, to write metrics and decisions. After the first revision
// serves. [control]
void keep_house(lineup_engine& engine);
// metrics.cpp: counters in the text format of Prometheus. [any]
[[nodiscard]] std::string metrics_text(lineup_engine& engine);
// The same, to metrics.prom in the state directory. Code: metrics/not-kept. [control]
[[nodiscard]] Result<void> write_metrics(lineup_engine& engine);
[[nodiscard]] Result<std::string> records_json(lineup_engine& engine, std::string_view query);
// Plays a whole record again on its revision, on a session that the caller holds.
[[nodiscard]] Result<std::string> replay_json(lineup_engine& engine, ServingSession& serving,
                                              std::string_view request_id);
// All findings of an attempt as text for people, with carets.
[[nodiscard]] std::string describe(const Attempt& attempt);

// A struct of the interface as this build knows it: what the caller's version lacks is zero.
template <typename T>
T known(const T* given) {
  T out{};
  if (given == nullptr) return out;
  const std::size_t size = std::min<std::size_t>(given->struct_size, sizeof(T));
  std::memcpy(&out, given, size);
  out.struct_size = sizeof(T);
  return out;
}

inline std::string_view view(lineup_text text) {
  return text.data == nullptr ? std::string_view{}
                              : std::string_view(text.data, static_cast<std::size_t>(text.size));
}
inline lineup_text text_of(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace lineup
