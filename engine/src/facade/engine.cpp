// SPDX-License-Identifier: Apache-2.0
//
// lineup/engine.h: each function checks what it was given, hands over, and lets nothing be thrown
// at the host.
#include "lineup/engine.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <cstring>
#include <filesystem>
#include <new>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"
#include "facade/facade.hpp"
#include "facade/guarded.hpp"
#include "facade/request/packed.hpp"
#include "facade/rollout/rollout_control.hpp"
#include "node/host.hpp"

using lineup::guarded;
using lineup::known;
using lineup::report;
using lineup::ServingSession;
using lineup::text_of;
using lineup::view;

namespace {

// A private directory of this engine's, removed when it is closed.
std::string private_directory() {
  const char* temporary = ::getenv("TMPDIR");
  std::string path =
      std::string(temporary != nullptr && *temporary != 0 ? temporary : "/tmp") + "/lineup-XXXXXX";
  return ::mkdtemp(path.data()) == nullptr ? std::string() : path;
}

lineup_status refuse_attempt(const lineup::Attempt& attempt, lineup_error_sink* errors) {
  report(errors, LINEUP_E_INVALID_CONFIG, lineup::describe(attempt));
  return LINEUP_E_INVALID_CONFIG;
}

bool is_sound(const lineup_input& input) {
  const auto rows_fine = [](const lineup_rows* rows) {
    if (rows == nullptr) return true;
    if (rows->column_count > 0 && (rows->handles == nullptr || rows->columns == nullptr))
      return false;
    for (std::uint32_t i = 0; i < rows->column_count; ++i) {
      if (rows->columns[i] == nullptr) return false;
    }
    return true;
  };
  return rows_fine(input.candidates) && rows_fine(input.history) &&
         (input.context_count == 0 ||
          (input.context_handles != nullptr && input.context_values != nullptr)) &&
         (input.weight_count == 0 || input.weights != nullptr) &&
         (input.override_count == 0 || input.overrides != nullptr) &&
         (input.experiment_count == 0 || input.experiments != nullptr);
}

// LIMIT: how long a request without a deadline waits for a session. A host that holds as many
// results as there are sessions waits for itself.
constexpr std::int64_t kSessionWaitNs = 10'000'000'000;

// Takes a session; the caller gives it back through give_back().
lineup_status take(lineup_engine* engine, std::int64_t deadline_ns, std::uint32_t& session) {
  const std::int64_t until =
      deadline_ns > 0 ? deadline_ns : lineup::monotonic_ns() + kSessionWaitNs;
  switch (engine->pool.acquire(session, until)) {
    case lineup::SessionPool::Outcome::Ok:
      return LINEUP_OK;
    case lineup::SessionPool::Outcome::Timeout:
      return LINEUP_E_DEADLINE;
    case lineup::SessionPool::Outcome::Closed:
      return LINEUP_E_CLOSED;
  }
  return LINEUP_E_INTERNAL;
}

void give_back(lineup_engine* engine, std::uint32_t session) {
  engine->published.unpin(session);
  engine->pool.release(session);
}

// Answers one request on a session; the host gives the result back.
template <typename Serve>
lineup_status answer_on_session(lineup_engine* engine, const lineup_input* given,
                                const lineup_result** out, Serve&& serve) {
  return guarded(nullptr, [&]() -> lineup_status {
    if (engine == nullptr || given == nullptr || out == nullptr) return LINEUP_E_INVALID_INPUT;
    const lineup_input input = known(given);
    if (!is_sound(input)) return LINEUP_E_INVALID_INPUT;
    std::uint32_t session = 0;
    if (const lineup_status status = take(engine, input.deadline_ns, session); status != LINEUP_OK)
      return status;
    ServingSession& serving = *engine->sessions[session];
    try {
      serve(serving, input);
    } catch (...) {
      give_back(engine, session);
      throw;
    }
    *out = &serving.box.result;
    return LINEUP_OK;
  });
}

// The rollout evaluates on a session of its own, the last.
std::uint32_t plan_sessions(const lineup::EngineOptions& options) {
  return options.sessions + (options.state_directory.empty() ? 0 : 1);
}

void write_all(const lineup_text_sink* sink, std::string_view text) {
  sink->write(sink->context, text_of(text));
}

}  // namespace

lineup_engine::lineup_engine(lineup::EngineOptions the_options)
    : options(std::move(the_options)),
      weights(options.state_directory),
      recorder(options.records),
      pool(options.sessions),
      published(options.sessions),
      maker({plan_sessions(options),
             options.staging_directory,
             options.probe,
             {},
             {},
             options.owns_staging,
             {},
             [this](std::string_view scene, std::string_view name) {
               return controls.controller(scene, name);
             },
             options.workers,
             [this](const lineup::PolicyEvidence& what) { return evidence.counts(what); }},
            symbols, weights),
      gate({options.trust_file, options.sources.directory, options.state_directory}),
      audit(options.state_directory),
      emergency(lineup::emergency_places(options), options.sessions, gate,
                [this](const lineup::EmergencyEvent& event) { audit_emergency(*this, event); }),
      decisions(options.decisions) {
  for (std::uint32_t i = 0; i < plan_sessions(options); ++i) {
    sessions.push_back(std::make_unique<ServingSession>(i));
  }
}

lineup_engine::~lineup_engine() {
  housekeeper.stop();
  desk.reset();
  watcher.reset();
  if (rollout) rollout->end();
  pool.close();
  reloader.reset();
  if (options.owns_staging) {
    std::error_code ignored;  // what cannot be removed is left to the system's cleaning
    std::filesystem::remove_all(options.staging_directory, ignored);
  }
}

extern "C" {

lineup_status lineup_open(const lineup_options* given, lineup_error_sink* errors,
                          lineup_engine** out) {
  return guarded(errors, [&]() -> lineup_status {
    if (given == nullptr || out == nullptr || given->struct_size < sizeof(std::uint32_t)) {
      return LINEUP_E_INVALID_INPUT;
    }
    const lineup_options known_options = known(given);
    if (known_options.workers > LINEUP_WORKERS_MAX) {
      report(errors, LINEUP_E_INVALID_INPUT,
             fmt::format("{} worker threads are too many: at most {} may help",
                         known_options.workers, LINEUP_WORKERS_MAX));
      return LINEUP_E_INVALID_INPUT;
    }
    lineup::EngineOptions options = lineup::options_of(known_options);
    if (options.staging_directory.empty()) {
      options.staging_directory = private_directory();
      options.owns_staging = !options.staging_directory.empty();
    }
    auto engine = std::make_unique<lineup_engine>(std::move(options));
    if (known_options.log != nullptr) {
      engine->log.set_sink([log = known_options.log, context = known_options.log_context](
                               lineup::LogLevel level, std::string_view line) {
        log(context, static_cast<int32_t>(level), text_of(line));
      });
    }
    if (!engine->weights.load_fault().empty()) {
      engine->log.write(lineup::LogLevel::Warning, engine->weights.load_fault());
    }
    if (const auto started = lineup::start_workers(*engine); !started) {
      report(errors, LINEUP_E_INTERNAL, started.error().message);
      return LINEUP_E_INTERNAL;
    }
    if (const auto started = lineup::start_engine(*engine); !started) {
      report(errors, LINEUP_E_INVALID_CONFIG, started.error().message);
      return LINEUP_E_INVALID_CONFIG;
    }
    *out = engine.release();
    return LINEUP_OK;
  });
}

void lineup_close(lineup_engine* engine) { delete engine; }

lineup_status lineup_bind_column(lineup_engine* engine, lineup_text name, lineup_handle* out) {
  return guarded(nullptr, [&] {
    *out = engine->symbols.columns.intern(view(name));
    return LINEUP_OK;
  });
}
lineup_status lineup_bind_context(lineup_engine* engine, lineup_text path, lineup_handle* out) {
  return guarded(nullptr, [&] {
    *out = engine->symbols.context.intern(view(path));
    return LINEUP_OK;
  });
}
lineup_status lineup_bind_scene(lineup_engine* engine, lineup_text scene, lineup_handle* out) {
  return guarded(nullptr, [&] {
    *out = engine->symbols.scenes.intern(view(scene));
    return LINEUP_OK;
  });
}
lineup_status lineup_bind_objective(lineup_engine* engine, lineup_text name, lineup_handle* out) {
  return guarded(nullptr, [&] {
    *out = engine->symbols.objectives.intern(view(name));
    return LINEUP_OK;
  });
}
lineup_status lineup_bind_parameter(lineup_engine* engine, lineup_text path, lineup_handle* out) {
  return guarded(nullptr, [&] {
    *out = engine->symbols.parameters.intern(view(path));
    return LINEUP_OK;
  });
}

lineup_status lineup_rerank(lineup_engine* engine, const lineup_input* given,
                            const lineup_result** out) {
  return answer_on_session(engine, given, out, [&](auto& serving, const lineup_input& input) {
    lineup::serve(*engine, serving, input);
  });
}

void lineup_release(lineup_engine* engine, const lineup_result* result) {
  if (engine == nullptr || result == nullptr) return;
  give_back(engine, reinterpret_cast<const lineup::ResultBox*>(result)->session);
}

lineup_status lineup_rerank_packed(lineup_engine* engine, const void* request,
                                   uint64_t request_size, const void** response,
                                   uint64_t* response_size) {
  return guarded(nullptr, [&]() -> lineup_status {
    if (engine == nullptr || request == nullptr || response == nullptr ||
        response_size == nullptr) {
      return LINEUP_E_INVALID_INPUT;
    }
    std::uint32_t session = 0;
    if (const lineup_status status = take(engine, 0, session); status != LINEUP_OK) return status;
    ServingSession& serving = *engine->sessions[session];
    try {
      const auto input =
          lineup::unpack_request({static_cast<const std::byte*>(request), request_size},
                                 engine->symbols, serving.unpacked);
      std::string_view id;
      std::uint32_t candidates = 0;
      if (input) {
        lineup::serve(*engine, serving, *input);
        id = view(input->request_id);
        if (input->candidates != nullptr) candidates = input->candidates->row_count;
      } else {
        serving.box.result = lineup_result{};
        serving.box.result.answer = LINEUP_ANSWER_ERROR;
        serving.fault = input.error().message;
        serving.box.result.error = text_of(serving.fault);
      }
      lineup::pack_response(serving.box.result, candidates, id, serving.answer);
      serving.unpacked.reset();
    } catch (...) {
      give_back(engine, session);
      throw;
    }
    serving.lent.store(serving.answer.data());
    *response = serving.answer.data();
    *response_size = serving.answer.size();
    return LINEUP_OK;
  });
}

void lineup_release_packed(lineup_engine* engine, const void* response) {
  if (engine == nullptr || response == nullptr) return;
  for (const auto& serving : engine->sessions) {
    const void* wanted = response;
    if (serving->lent.compare_exchange_strong(wanted, nullptr)) {
      give_back(engine, serving->box.session);
      return;
    }
  }
}

lineup_status lineup_verify(lineup_engine* engine, const lineup_input* given, const uint32_t* slate,
                            uint32_t slate_count, const lineup_result** out) {
  if (slate == nullptr && slate_count > 0) return LINEUP_E_INVALID_INPUT;
  return answer_on_session(engine, given, out, [&](auto& serving, const lineup_input& input) {
    lineup::audit_page(*engine, serving, input, {slate, slate_count});
  });
}

lineup_status lineup_feedback(lineup_engine* engine, lineup_text request_id,
                              lineup_text events_json, lineup_error_sink* errors) {
  return guarded(errors, [&]() -> lineup_status {
    if (engine == nullptr) return LINEUP_E_INVALID_INPUT;
    const auto told = lineup::read_feedback(view(events_json));
    if (!told) {
      report(errors, LINEUP_E_INVALID_INPUT, told.error().message);
      return LINEUP_E_INVALID_INPUT;
    }
    if (engine->feedback.take(view(request_id), view(events_json), *told)) {
      lineup::tell_controllers(*engine, view(request_id), *told);
      engine->evidence.hear(view(request_id), *told);
    }
    lineup::RecordQuery query;
    query.request_id = view(request_id);
    query.most = 1;
    if (!engine->recorder.find(query).empty()) return LINEUP_OK;
    report(errors, LINEUP_E_NOT_FOUND,
           fmt::format("there is no record of request `{}` any more", view(request_id)));
    return LINEUP_E_NOT_FOUND;
  });
}

lineup_status lineup_reload(lineup_engine* engine, lineup_error_sink* errors) {
  return guarded(errors, [&]() -> lineup_status {
    if (engine == nullptr) return LINEUP_E_INVALID_INPUT;
    const lineup::Attempt attempt = engine->reloader->reload();
    return attempt.ok() ? LINEUP_OK : refuse_attempt(attempt, errors);
  });
}

lineup_status lineup_reload_overlay(lineup_engine* engine, const lineup_overlay_file* overlay,
                                    uint64_t overlay_count, lineup_error_sink* errors) {
  return guarded(errors, [&]() -> lineup_status {
    if (engine == nullptr || (overlay == nullptr && overlay_count > 0))
      return LINEUP_E_INVALID_INPUT;
    const lineup::Attempt attempt =
        engine->reloader->reload(lineup::overlay_of(overlay, overlay_count));
    return attempt.ok() ? LINEUP_OK : refuse_attempt(attempt, errors);
  });
}

lineup_status lineup_status_json(lineup_engine* engine, const lineup_text_sink* sink) {
  return guarded(nullptr, [&]() -> lineup_status {
    if (engine == nullptr || sink == nullptr) return LINEUP_E_INVALID_INPUT;
    write_all(sink, lineup::status_json(*engine));
    return LINEUP_OK;
  });
}

lineup_status lineup_records_json(lineup_engine* engine, lineup_text query,
                                  const lineup_text_sink* sink) {
  return guarded(nullptr, [&]() -> lineup_status {
    if (engine == nullptr || sink == nullptr) return LINEUP_E_INVALID_INPUT;
    const auto records = lineup::records_json(*engine, view(query));
    if (!records) return LINEUP_E_INVALID_INPUT;
    write_all(sink, *records);
    return LINEUP_OK;
  });
}

lineup_status lineup_replay(lineup_engine* engine, lineup_text request_id,
                            const lineup_text_sink* sink, lineup_error_sink* errors) {
  return guarded(errors, [&]() -> lineup_status {
    if (engine == nullptr || sink == nullptr) return LINEUP_E_INVALID_INPUT;
    std::uint32_t session = 0;
    if (const lineup_status status = take(engine, 0, session); status != LINEUP_OK) return status;
    lineup::Result<std::string> played = lineup::failure("", "");
    try {
      played = lineup::replay_json(*engine, *engine->sessions[session], view(request_id));
    } catch (...) {
      give_back(engine, session);
      throw;
    }
    give_back(engine, session);
    if (!played) {
      report(errors, LINEUP_E_NOT_FOUND, played.error().message);
      return LINEUP_E_NOT_FOUND;
    }
    write_all(sink, *played);
    return LINEUP_OK;
  });
}

}  // extern "C"

namespace lineup {

lineup_status explain_request(lineup_engine* engine, const lineup_input* given, std::int32_t row,
                              const lineup_result** out) {
  return answer_on_session(engine, given, out, [&](auto& serving, lineup_input input) {
    input.flags |= LINEUP_EXPLAIN;
    serve(*engine, serving, input, {row, false});
  });
}

lineup_status trace_deeds(lineup_engine* engine, const lineup_input* given,
                          const lineup_result** out) {
  return answer_on_session(engine, given, out, [&](auto& serving, lineup_input input) {
    input.flags |= LINEUP_EXPLAIN;
    serve(*engine, serving, input, {-1, true});
  });
}

}  // namespace lineup
