// SPDX-License-Identifier: Apache-2.0
//
// The engine in C++20, header-only over engine.h. Link lineup::lineup.
//
//   lineup::host::Engine engine({.bundle = "bundle", .watch = true});
//   const auto score = engine.column("score");     // once
//   const auto scene = engine.scene("home_feed");
//   ...
//   rows.clear(count);                             // per request; keep `rows` and `request`
//   rows.ids(ids);
//   rows.column(score, scores);
//   request.clear();
//   request.scene(scene);
//   request.candidates(rows);
//   const lineup::host::Result result = engine.rerank(request);
//   for (std::uint32_t row : result.slate()) ...
//
// What cannot be done is thrown as Error; an answer is never thrown: see Result::answer().
#ifndef LINEUP_ENGINE_HPP
#define LINEUP_ENGINE_HPP

#include <cstdint>
#include <functional>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lineup/cpp/request.hpp"
#include "lineup/cpp/rows.hpp"
#include "lineup/cpp/text.hpp"
#include "lineup/engine.h"

namespace lineup::host {

// A status that is not ok, with what the engine said: for a bundle all its diagnostics.
class Error : public std::runtime_error {
 public:
  Error(lineup_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  [[nodiscard]] lineup_status status() const noexcept { return status_; }

 private:
  lineup_status status_;
};

// A draft that stands over a file of the bundle, or in place of it takes the file away.
struct OverlayFile {
  std::string path{};  // inside the bundle: "rules/pin.lua"
  std::string contents{};
  bool removed = false;
};

enum class Level : std::int32_t { Debug = 0, Info = 1, Warning = 2, Error = 3 };
using Log = std::function<void(Level level, std::string_view line)>;

// How an engine is opened; a zero or an empty text stands for the default of lineup_options.
struct Options {
  std::string bundle{};
  bool watch = false;  // follow changes of the bundle's files
  std::vector<std::string> rule_directories{};
  std::vector<std::string> plugin_directories{};
  std::vector<OverlayFile> overlay{};
  std::string state_directory{};
  std::string staging_directory{};
  std::string probe{};
  std::uint32_t sessions = 0;
  std::uint32_t quiet_ms = 0;
  std::uint32_t poll_ms = 0;
  std::uint32_t record_count = 0;
  bool record_mask_user = false;
  std::string trust_file{};
  std::uint64_t decision_file_bytes = 0;
  std::uint32_t decision_every = 0;
  std::uint32_t metrics_ms = 0;
  std::uint32_t workers = 0;
  Log log{};  // calls do not overlap; what it throws is dropped
};

namespace detail {

// Keeps what the engine says when something fails.
class Errors : public lineup_error_sink {
 public:
  Errors() : lineup_error_sink{sizeof(lineup_error_sink), 0, nullptr, keep} {}
  void require(lineup_status status, const char* doing) const {
    if (status == LINEUP_OK) return;
    throw Error(status, message_.empty()
                            ? std::string(doing) + " failed with status " + std::to_string(status)
                            : message_);
  }

 private:
  static void keep(lineup_error_sink* sink, lineup_status, lineup_text message) noexcept {
    try {
      static_cast<Errors*>(sink)->message_ = abi::view(message);
    } catch (...) {
      // No memory for the sentence: the status still tells.
    }
  }
  std::string message_;
};

// Collects a text that comes in pieces.
class Collected : public lineup_text_sink {
 public:
  Collected() : lineup_text_sink{sizeof(lineup_text_sink), 0, this, append} {}
  [[nodiscard]] std::string take() {
    if (out_of_memory_) throw std::bad_alloc();
    return std::move(text_);
  }

 private:
  static void append(void* context, lineup_text piece) noexcept {
    auto& self = *static_cast<Collected*>(context);
    try {
      self.text_ += abi::view(piece);
    } catch (...) {
      self.out_of_memory_ = true;
    }
  }
  std::string text_;
  bool out_of_memory_ = false;
};

inline std::vector<lineup_text> texts(const std::vector<std::string>& strings) {
  std::vector<lineup_text> made;
  for (const std::string& string : strings) made.push_back(abi::text(string));
  return made;
}

inline std::vector<lineup_overlay_file> overlay(const std::vector<OverlayFile>& files) {
  std::vector<lineup_overlay_file> made;
  for (const OverlayFile& file : files) {
    made.push_back({sizeof(lineup_overlay_file), file.removed ? LINEUP_OVERLAY_REMOVED : 0,
                    abi::text(file.path), abi::text(file.contents)});
  }
  return made;
}

}  // namespace detail

// An open bundle. Any number of threads may use one engine; each needs its own Request and Rows.
class Engine {
 public:
  // Checks, compiles and warms everything. Throws Error with every diagnostic.
  explicit Engine(const Options& options) : log_(std::make_unique<Log>(options.log)) {
    const auto rules = detail::texts(options.rule_directories);
    const auto plugins = detail::texts(options.plugin_directories);
    const auto files = detail::overlay(options.overlay);
    lineup_options raw{};
    raw.struct_size = sizeof(raw);
    raw.watch = options.watch ? 1 : 0;
    raw.bundle = abi::text(options.bundle);
    raw.rule_directories = rules.data();
    raw.rule_directory_count = rules.size();
    raw.plugin_directories = plugins.data();
    raw.plugin_directory_count = plugins.size();
    raw.overlay = files.data();
    raw.overlay_count = files.size();
    raw.state_directory = abi::text(options.state_directory);
    raw.staging_directory = abi::text(options.staging_directory);
    raw.probe = abi::text(options.probe);
    raw.sessions = options.sessions;
    raw.quiet_ms = options.quiet_ms;
    raw.poll_ms = options.poll_ms;
    raw.record_count = options.record_count;
    raw.record_mask_user = options.record_mask_user ? 1 : 0;
    raw.trust_file = abi::text(options.trust_file);
    raw.decision_file_bytes = options.decision_file_bytes;
    raw.decision_every = options.decision_every;
    raw.metrics_ms = options.metrics_ms;
    raw.workers = options.workers;
    if (*log_) {
      raw.log = write_log;
      raw.log_context = log_.get();
    }
    detail::Errors errors;
    errors.require(lineup_open(&raw, &errors, &engine_), "open");
  }
  Engine(Engine&& other) noexcept
      : log_(std::move(other.log_)), engine_(std::exchange(other.engine_, nullptr)) {}
  Engine& operator=(Engine&& other) noexcept {
    std::swap(log_, other.log_);
    std::swap(engine_, other.engine_);
    return *this;
  }
  // Waits for requests that run and for results that are not given back.
  ~Engine() { lineup_close(engine_); }

  // Names, resolved once: handles hold for the life of the engine, across reloads. [any]
  [[nodiscard]] lineup_handle column(std::string_view name) {
    return bind(lineup_bind_column, name);
  }
  [[nodiscard]] lineup_handle context(std::string_view path) {
    return bind(lineup_bind_context, path);
  }
  [[nodiscard]] lineup_handle scene(std::string_view name) { return bind(lineup_bind_scene, name); }
  [[nodiscard]] lineup_handle objective(std::string_view name) {
    return bind(lineup_bind_objective, name);
  }
  [[nodiscard]] lineup_handle parameter(std::string_view path) {
    return bind(lineup_bind_parameter, path);
  }

  // [request]
  [[nodiscard]] Result rerank(const Request& request) {
    const lineup_result* result = nullptr;
    require(lineup_rerank(engine_, request.view(), &result), "rerank");
    return {engine_, result};
  }
  // Audits any page: rows of the request's candidates. [request]
  [[nodiscard]] Result verify(const Request& request, std::span<const std::uint32_t> slate) {
    const lineup_result* result = nullptr;
    require(lineup_verify(engine_, request.view(), slate.data(),
                          static_cast<std::uint32_t>(slate.size()), &result),
            "verify");
    return {engine_, result};
  }

  // What was really shown and done. False: no record of that request; it still counts. [any]
  bool feedback(std::string_view request_id, std::string_view events_json) {
    detail::Errors errors;
    const lineup_status status =
        lineup_feedback(engine_, abi::text(request_id), abi::text(events_json), &errors);
    if (status == LINEUP_E_NOT_FOUND) return false;
    errors.require(status, "feedback");
    return true;
  }

  // Live values of weights and parameters. [any]
  void set_weight(std::string_view scene, std::string_view name, double value, std::int64_t ttl_ms,
                  std::string_view who, std::string_view why) {
    detail::Errors errors;
    errors.require(lineup_set_weight(engine_, abi::text(scene), abi::text(name), value, ttl_ms,
                                     abi::text(who), abi::text(why), &errors),
                   "set_weight");
  }
  void clear_weight(std::string_view scene, std::string_view name, std::string_view who,
                    std::string_view why) {
    detail::Errors errors;
    errors.require(lineup_clear_weight(engine_, abi::text(scene), abi::text(name), abi::text(who),
                                       abi::text(why), &errors),
                   "clear_weight");
  }

  // Publishes the bundle as it is now. On Error what served keeps serving. [any]
  void reload() {
    detail::Errors errors;
    errors.require(lineup_reload(engine_, &errors), "reload");
  }
  // The same with another overlay; an empty one takes it away.
  void reload(const std::vector<OverlayFile>& overlay) {
    const auto files = detail::overlay(overlay);
    detail::Errors errors;
    errors.require(lineup_reload_overlay(engine_, files.data(), files.size(), &errors), "reload");
  }

  // [any]
  [[nodiscard]] std::string status_json() {
    detail::Collected text;
    require(lineup_status_json(engine_, &text), "status");
    return text.take();
  }
  // Counters and latencies in the text format of Prometheus.
  [[nodiscard]] std::string metrics_text() {
    detail::Collected text;
    require(lineup_metrics_text(engine_, &text), "metrics");
    return text.take();
  }
  [[nodiscard]] std::string records_json(std::string_view query_json = {}) {
    detail::Collected text;
    require(lineup_records_json(engine_, abi::text(query_json), &text), "records");
    return text.take();
  }
  [[nodiscard]] std::string replay(std::string_view request_id) {
    detail::Collected text;
    detail::Errors errors;
    errors.require(lineup_replay(engine_, abi::text(request_id), &text, &errors), "replay");
    return text.take();
  }

  [[nodiscard]] lineup_engine* raw() const noexcept { return engine_; }

 private:
  using Binding = lineup_status (*)(lineup_engine*, lineup_text, lineup_handle*);

  lineup_handle bind(Binding binding, std::string_view name) {
    lineup_handle handle = 0;
    require(binding(engine_, abi::text(name), &handle), "bind");
    return handle;
  }
  static void require(lineup_status status, const char* doing) {
    detail::Errors().require(status, doing);
  }
  static void write_log(void* context, std::int32_t level, lineup_text line) noexcept {
    try {
      (*static_cast<Log*>(context))(static_cast<Level>(level), abi::view(line));
    } catch (...) {
      // A line that cannot be written must not end the request it is about.
    }
  }

  std::unique_ptr<Log> log_;  // where the engine's pointer to it stays valid when this moves
  lineup_engine* engine_ = nullptr;
};

}  // namespace lineup::host

#endif
