// SPDX-License-Identifier: Apache-2.0
//
// An open engine, and what the verbs ask of it: answers to request lines.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/request/request_json.hpp"
#include "cli/verbs.hpp"
#include "facade/facade.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

[[nodiscard]] Places places_of(const BundleOptions& options);

struct OpenOptions {
  bool watch = false;
  std::uint32_t sessions = 0;  // 0: the engine's default
  std::uint32_t workers = 0;   // threads that help
  std::int32_t log_level = 2;  // lines from here on go to standard error; 4: none
  std::vector<std::pair<std::string, std::string>> overlay = {};  // path in the bundle -> contents
};

// Closes the engine when the last one lets go.
using EngineHandle = std::shared_ptr<lineup_engine>;

// Errors: the engine's diagnostics as text. Warnings of the engine's log go to standard error.
[[nodiscard]] Result<EngineHandle> open_engine(const BundleOptions& options,
                                               const OpenOptions& open = {});

// A result that is given back when it goes out of scope.
class Answer {
 public:
  Answer() = default;
  Answer(lineup_engine* engine, const lineup_result* result) : engine_(engine), result_(result) {}
  Answer(Answer&& other) noexcept
      : engine_(other.engine_), result_(std::exchange(other.result_, nullptr)) {}
  Answer& operator=(Answer&& other) noexcept {
    std::swap(engine_, other.engine_);
    std::swap(result_, other.result_);
    return *this;
  }
  ~Answer() { lineup_release(engine_, result_); }

  const lineup_result* operator->() const { return result_; }
  const lineup_result& operator*() const { return *result_; }

 private:
  lineup_engine* engine_ = nullptr;
  const lineup_result* result_ = nullptr;
};

// Turns requests into what the engine takes, and asks it. One per thread: it keeps the memory and
// remembers the handles of names.
class Asker {
 public:
  explicit Asker(lineup_engine* engine) : engine_(engine) {}

  // `flags` are added to what the request asks for.
  [[nodiscard]] Result<Answer> rerank(RequestLine& request, std::uint32_t flags = 0);
  // With the trace, which also says why `row` is where it is; -1: none.
  [[nodiscard]] Result<Answer> explain(RequestLine& request, std::int32_t row = -1);
  // With a trace of what each rule did.
  [[nodiscard]] Result<Answer> trace_deeds(RequestLine& request);
  [[nodiscard]] Result<Answer> verify(RequestLine& request,
                                      const std::vector<std::uint32_t>& slate);
  // Whether the request is in that segment of its scene.
  [[nodiscard]] bool is_in_segment(RequestLine& request, std::string_view segment);
  // From now on no request has a deadline: only counts bound the search.
  void lift_deadline() { has_deadline_ = false; }
  // The rows of these ids, also those of pools. Of an id that occurs twice the first is meant.
  // Errors slate/unknown, slate/twice: the
  // slot and the id.
  [[nodiscard]] Result<std::vector<std::uint32_t>> find_rows(RequestLine& request,
                                                             const std::vector<std::string>& ids);

 private:
  using Bind = lineup_status (*)(lineup_engine*, lineup_text, lineup_handle*);
  using Handles = std::unordered_map<std::string, lineup_handle>;
  lineup_handle bind(Bind function, Handles& known, const std::string& name);
  const lineup_input& prepare(RequestLine& request, std::uint32_t flags);
  void prepare_settings(const RequestLine& request);
  // Makes the ids of pools known to the request, so that slates can be read.
  static void note_pools(RequestLine& request, const lineup_result& result);

  lineup_engine* engine_;
  bool has_deadline_ = true;
  Handles scenes_, columns_, paths_, objectives_, parameters_;
  RowsView candidates_, history_;
  std::vector<lineup_handle> context_handles_;
  std::vector<lineup_value> values_;
  std::vector<const lineup_value*> value_pointers_;
  std::vector<lineup_setting> weights_, overrides_;
  std::vector<lineup_text> experiments_;
  lineup_input input_{};
};

// From a line of a file to a line of an answer. One per thread.
class LineServer {
 public:
  explicit LineServer(lineup_engine* engine) : asker_(engine) {}

  struct Served {
    std::string response;
    std::string revision;      // that answered
    bool is_error = false;     // status `error`
    bool has_request = false;  // the line could be read: `request` is what it said
  };
  // Always answers. `line_number` is for messages about lines without an id.
  [[nodiscard]] Served serve(std::string_view line, std::uint64_t line_number,
                             std::uint32_t flags = 0);
  // The answer to a line that could not even be taken in: nothing is known of its request.
  [[nodiscard]] Served refuse(std::string_view message);
  // A clock for requests that bring none; LINEUP_NO_TIME: the engine's.
  void set_now_ms(std::int64_t now_ms) { now_ms_ = now_ms; }
  // A clock for all requests, also for those that bring one: a simulation.
  void simulate_at(At at) { at_ = at; }
  [[nodiscard]] const RequestLine& request() const { return request_; }

 private:
  [[nodiscard]] Served failed(std::string_view message, bool has_request) const;

  Asker asker_;
  RequestReader reader_;
  RequestLine request_;
  std::int64_t now_ms_ = LINEUP_NO_TIME;
  At at_;
};

}  // namespace lineup::cli
