// SPDX-License-Identifier: Apache-2.0
//
// Handles of names are asked for once per thread: they hold for the life of the engine.
#include "cli/engine_handle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>

#include "base/clock.hpp"
#include "cli/print/response_json.hpp"
#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

// Where the engine's log goes. While the engine opens nothing is shown: what is wrong then is
// reported once, by the verb. Lives as long as the engine.
struct LogGate {
  std::atomic<bool> is_open{false};
  std::int32_t level = 2;
};

void log_line(void* context, std::int32_t level, lineup_text line) {
  const auto* gate = static_cast<const LogGate*>(context);
  if (gate->is_open && level >= gate->level) fmt::print(stderr, "lineup: {}\n", view(line));
}

// Collects what a failing call reports.
struct Reports {
  lineup_error_sink sink{};
  std::string text;

  Reports() {
    sink.struct_size = sizeof(sink);
    sink.context = this;
    sink.report = [](lineup_error_sink* self, lineup_status, lineup_text message) {
      static_cast<Reports*>(self->context)->text = view(message);
    };
  }
};

std::vector<lineup_text> borrow_all(const std::vector<std::string>& texts) {
  std::vector<lineup_text> out;
  for (const std::string& text : texts) out.push_back(borrow(text));
  return out;
}

std::string_view name_of_status(lineup_status status) {
  switch (status) {
    case LINEUP_E_INVALID_CONFIG:
      return "the configuration is wrong";
    case LINEUP_E_INVALID_INPUT:
      return "the request makes no sense";
    case LINEUP_E_NOT_FOUND:
      return "it is not there";
    case LINEUP_E_UNSUPPORTED:
      return "this version cannot do that";
    case LINEUP_E_CLOSED:
      return "the engine is being closed";
    default:
      return "the engine failed";
  }
}

}  // namespace

Places places_of(const BundleOptions& options) {
  return {options.bundle, options.rule_directories, options.plugin_directories};
}

Result<EngineHandle> open_engine(const BundleOptions& options, const OpenOptions& open) {
  const auto rules = borrow_all(options.rule_directories);
  const auto plugins = borrow_all(options.plugin_directories);
  std::vector<lineup_overlay_file> overlay;
  for (const auto& [path, contents] : open.overlay) {
    overlay.push_back({sizeof(lineup_overlay_file), 0, borrow(path), borrow(contents)});
  }
  lineup_options request{};
  request.struct_size = sizeof(request);
  request.watch = open.watch ? 1 : 0;
  request.bundle = borrow(options.bundle);
  request.rule_directories = rules.data();
  request.rule_directory_count = rules.size();
  request.plugin_directories = plugins.data();
  request.plugin_directory_count = plugins.size();
  request.overlay = overlay.data();
  request.overlay_count = overlay.size();
  request.sessions = open.sessions;
  request.workers = open.workers;
  request.trust_file = borrow(options.trust);
  request.state_directory = borrow(options.state);
  auto gate = std::make_shared<LogGate>();
  gate->level = open.log_level;
  request.log = log_line;
  request.log_context = gate.get();
  Reports reports;
  lineup_engine* engine = nullptr;
  const lineup_status status = lineup_open(&request, &reports.sink, &engine);
  if (status == LINEUP_OK) {
    gate->is_open = true;
    return EngineHandle(engine, [gate](lineup_engine* open_engine) { lineup_close(open_engine); });
  }
  return failure("engine/open", reports.text.empty() ? std::string(name_of_status(status))
                                                     : std::move(reports.text));
}

lineup_handle Asker::bind(Bind function, Handles& known, const std::string& name) {
  const auto found = known.find(name);
  if (found != known.end()) return found->second;
  // LIMIT: names remembered. Requests may invent names without end; policies know few.
  constexpr std::size_t kNamesMax = 4096;
  if (known.size() >= kNamesMax) known.clear();
  lineup_handle handle = 0;
  if (function(engine_, borrow(name), &handle) != LINEUP_OK) return handle;
  known.emplace(name, handle);
  return handle;
}

void Asker::prepare_settings(const RequestLine& request) {
  weights_.clear();
  for (const auto& [name, value] : request.weights) {
    weights_.push_back({bind(lineup_bind_objective, objectives_, name), 0, value});
  }
  overrides_.clear();
  for (const auto& [path, value] : request.overrides) {
    overrides_.push_back({bind(lineup_bind_parameter, parameters_, path), 0, value});
  }
  experiments_.clear();
  for (const auto& [name, variant] : request.experiments) {
    experiments_.push_back(borrow(name));
    experiments_.push_back(borrow(variant));
  }
  context_handles_.clear();
  values_.clear();
  for (const ContextValue& value : request.context) {
    context_handles_.push_back(bind(lineup_bind_context, paths_, value.path));
    values_.push_back({sizeof(lineup_value), value.kind, value.integer, value.number,
                       value.text.data(), value.text.size()});
  }
  value_pointers_.clear();
  for (const lineup_value& value : values_) value_pointers_.push_back(&value);
}

const lineup_input& Asker::prepare(RequestLine& request, std::uint32_t flags) {
  prepare_settings(request);
  const auto column = [this](const std::string& name) {
    return bind(lineup_bind_column, columns_, name);
  };
  input_ = {};
  input_.struct_size = sizeof(input_);
  input_.scene = bind(lineup_bind_scene, scenes_, request.scene);
  input_.request_id = borrow(request.id);
  input_.user = borrow(request.user);
  input_.candidates = candidates_.fill(request.candidates, column);
  if (request.history.row_count() > 0) input_.history = history_.fill(request.history, column);
  input_.context_handles = context_handles_.data();
  input_.context_values = value_pointers_.data();
  input_.context_count = static_cast<std::uint32_t>(values_.size());
  input_.weights = weights_.data();
  input_.weight_count = static_cast<std::uint32_t>(weights_.size());
  input_.overrides = overrides_.data();
  input_.override_count = static_cast<std::uint32_t>(overrides_.size());
  input_.experiments = experiments_.data();
  input_.experiment_count = static_cast<std::uint32_t>(experiments_.size() / 2);
  input_.page = request.page;
  input_.flags = flags | (request.explain ? LINEUP_EXPLAIN : 0U);
  input_.seed = request.seed;
  input_.now_ms = request.now_ms;
  if (!has_deadline_) {
    input_.deadline_ns = LINEUP_NO_DEADLINE;
  } else if (request.deadline_ms > 0) {
    input_.deadline_ns = monotonic_ns() + request.deadline_ms * 1'000'000;
  }
  input_.revision = borrow(request.revision);
  return input_;
}

void Asker::note_pools(RequestLine& request, const lineup_result& result) {
  OwnedIds& ids = request.candidates.ids();
  ids.clear_inserted();
  for (std::uint32_t i = 0; i < result.pool_row_count; ++i) {
    ids.insert(view(result.pool_rows[i].id));
  }
}

Result<std::vector<std::uint32_t>> Asker::find_rows(RequestLine& request,
                                                    const std::vector<std::string>& ids) {
  const OwnedIds& known = request.candidates.ids();
  std::unordered_map<std::string, std::uint32_t> rows;
  for (std::uint32_t row = 0; row < known.count(); ++row) rows.emplace(known.text(row), row);
  const auto is_known = [&](const std::string& id) { return rows.contains(id); };
  if (!std::all_of(ids.begin(), ids.end(), is_known)) {
    // The answer to an empty page names the rows of the pools.
    const auto answer = verify(request, {});
    if (!answer) return tl::unexpected(answer.error());
    for (std::uint32_t i = 0; i < known.inserted_count(); ++i) {
      rows.emplace(known.text(known.count() + i), known.count() + i);
    }
  }
  std::unordered_map<std::uint32_t, std::size_t> slots;
  std::vector<std::uint32_t> out;
  for (std::size_t slot = 0; slot < ids.size(); ++slot) {
    const auto found = rows.find(ids[slot]);
    if (found == rows.end()) {
      return failure("slate/unknown",
                     fmt::format("slot {}: `{}` is not among the candidates", slot + 1, ids[slot]));
    }
    const auto [first, is_new] = slots.emplace(found->second, slot + 1);
    if (!is_new) {
      return failure("slate/twice", fmt::format("`{}` stands on slots {} and {}", ids[slot],
                                                first->second, slot + 1));
    }
    out.push_back(found->second);
  }
  return out;
}

Result<Answer> Asker::rerank(RequestLine& request, std::uint32_t flags) {
  const lineup_result* result = nullptr;
  const lineup_status status = lineup_rerank(engine_, &prepare(request, flags), &result);
  if (status == LINEUP_OK) {
    note_pools(request, *result);
    return Answer(engine_, result);
  }
  return failure("engine/rerank", std::string(name_of_status(status)));
}

Result<Answer> Asker::explain(RequestLine& request, std::int32_t row) {
  const lineup_result* result = nullptr;
  const lineup_status status = explain_request(engine_, &prepare(request, 0), row, &result);
  if (status == LINEUP_OK) {
    note_pools(request, *result);
    return Answer(engine_, result);
  }
  return failure("engine/explain", std::string(name_of_status(status)));
}

Result<Answer> Asker::trace_deeds(RequestLine& request) {
  const lineup_result* result = nullptr;
  const lineup_status status = lineup::trace_deeds(engine_, &prepare(request, 0), &result);
  if (status == LINEUP_OK) return Answer(engine_, result);
  return failure("engine/explain", std::string(name_of_status(status)));
}

Result<Answer> Asker::verify(RequestLine& request, const std::vector<std::uint32_t>& slate) {
  const lineup_result* result = nullptr;
  const lineup_status status = lineup_verify(engine_, &prepare(request, 0), slate.data(),
                                             static_cast<std::uint32_t>(slate.size()), &result);
  if (status == LINEUP_OK) {
    note_pools(request, *result);
    return Answer(engine_, result);
  }
  return failure("engine/verify", std::string(name_of_status(status)));
}

bool Asker::is_in_segment(RequestLine& request, std::string_view segment) {
  return lineup::is_in_segment(*engine_, prepare(request, 0), segment);
}

LineServer::Served LineServer::serve(std::string_view line, std::uint64_t line_number,
                                     std::uint32_t flags) {
  const auto read = reader_.read(line, request_);
  if (!read) {
    const std::string& why = read.error().message;
    return failed(request_.has_id ? why : fmt::format("line {}: {}", line_number, why), false);
  }
  if (request_.now_ms == LINEUP_NO_TIME) request_.now_ms = now_ms_;
  if (at_) request_.now_ms = *at_;
  const auto answer = asker_.rerank(request_, flags);
  if (!answer) return failed(answer.error().message, true);
  return {response_json(request_, **answer), std::string(view((*answer)->revision)),
          (*answer)->answer == LINEUP_ANSWER_ERROR, true};
}

LineServer::Served LineServer::refuse(std::string_view message) {
  request_.reset();
  return failed(message, false);
}

LineServer::Served LineServer::failed(std::string_view message, bool has_request) const {
  return {error_json(request_, message), {}, true, has_request};
}

}  // namespace lineup::cli
