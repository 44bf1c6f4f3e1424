// SPDX-License-Identifier: Apache-2.0
//
// The request path of the facade: handles become indexes, the plan runs, the answer is laid out for
// the host, a record is left. Memory is the session's; nothing is looked up by name.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "facade/engine_state.hpp"
#include "facade/request/evidence.hpp"
#include "facade/request/outcome.hpp"
#include "facade/request/packed.hpp"

namespace lineup {

namespace {

Scalar scalar_of(const lineup_value* value) {
  if (value == nullptr) return {};
  switch (value->kind) {
    case LINEUP_VALUE_BOOL:
      return Scalar::of(value->integer != 0);
    case LINEUP_VALUE_INTEGER:
      return Scalar::of(value->integer);
    case LINEUP_VALUE_NUMBER:
      return Scalar::of(value->number);
    case LINEUP_VALUE_TEXT:
      return Scalar::of(std::string_view(value->text, value->text_size));
    default:
      return {};
  }
}

TableInput table_of(const lineup_rows* rows, const Scene& scene, Arena& arena) {
  TableInput table;
  if (rows == nullptr) return table;
  auto columns = arena.filled<const lineup_column*>(scene.plan->schema.size(), nullptr);
  for (std::uint32_t i = 0; i < rows->column_count; ++i) {
    const std::int32_t index = scene.columns[rows->handles[i]];
    if (index >= 0) columns[static_cast<std::size_t>(index)] = rows->columns[i];
  }
  table.row_count = rows->row_count;
  table.ids = rows->ids;
  table.columns = columns;
  return table;
}

std::span<const double> settings_of(const lineup_setting* settings, std::uint32_t count,
                                    const SymbolMap& map, std::size_t size, Arena& arena) {
  auto values = arena.filled<double>(size, std::numeric_limits<double>::quiet_NaN());
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::int32_t index = map[settings[i].handle];
    if (index >= 0) values[static_cast<std::size_t>(index)] = settings[i].value;
  }
  return values;
}

Request request_of(const lineup_input& input, const Scene& scene, Arena& arena) {
  const Plan& plan = *scene.plan;
  Request request;
  request.id = view(input.request_id);
  request.user = view(input.user);
  request.rows = table_of(input.candidates, scene, arena);
  request.history = table_of(input.history, scene, arena);
  auto context = arena.filled<Scalar>(plan.context.paths().size(), Scalar{});
  for (std::uint32_t i = 0; i < input.context_count; ++i) {
    const std::int32_t slot = scene.context[input.context_handles[i]];
    if (slot >= 0) context[static_cast<std::size_t>(slot)] = scalar_of(input.context_values[i]);
  }
  for (std::uint32_t i = 0; i < input.experiment_count; ++i) {
    for (const auto& [name, slot] : scene.experiments) {
      if (view(input.experiments[2 * i]) != name) continue;
      context[slot] = Scalar::of(view(input.experiments[2 * i + 1]));
    }
  }
  request.context = context;
  request.weights =
      settings_of(input.weights, input.weight_count, scene.objectives, plan.weights.size(), arena);
  request.overrides = settings_of(input.overrides, input.override_count, scene.parameters,
                                  plan.parameters.size(), arena);
  request.page = input.page;
  request.explain = (input.flags & LINEUP_EXPLAIN) != 0;
  request.seed = input.seed;
  request.now_ms = input.now_ms == LINEUP_NO_TIME ? wall_ms() : input.now_ms;
  request.deadline_ns = input.deadline_ns;
  return request;
}

std::string_view word_for(GivenUp reason) {
  switch (reason) {
    case GivenUp::Conflict:
      return "conflict";
    case GivenUp::Budget:
      return "budget";
    case GivenUp::Soft:
      return "soft";
  }
  return "conflict";
}

std::span<const lineup_named_value> named(const std::vector<Dial>& dials,
                                          std::span<const double> values, Arena& arena) {
  auto out = arena.allocate<lineup_named_value>(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) out[i] = {text_of(dials[i].name), values[i]};
  return out;
}

// What the host passed, then what the engine drew.
void lay_out_experiments(const Response& response, const lineup_input& input, Arena& arena,
                         lineup_result& result) {
  const std::size_t passed = std::size_t{2} * input.experiment_count;
  auto texts = arena.allocate<lineup_text>(passed + 2 * response.assigned.size());
  for (std::size_t i = 0; i < passed; ++i) texts[i] = input.experiments[i];
  for (std::size_t i = 0; i < response.assigned.size(); ++i) {
    texts[passed + 2 * i] = text_of(response.assigned[i].experiment);
    texts[passed + 2 * i + 1] = text_of(response.assigned[i].variant);
  }
  result.experiments = texts.data();
  result.experiment_count = static_cast<std::uint32_t>(texts.size() / 2);
}

void lay_out(const Response& response, const lineup_input& input, const Revision& revision,
             const Plan& plan, Arena& arena, lineup_result& result) {
  lay_out_experiments(response, input, arena, result);
  result.answer = static_cast<std::uint32_t>(response.answer);
  result.search = static_cast<std::uint32_t>(response.search);
  result.slate = response.slate.data();
  result.slate_count = static_cast<std::uint32_t>(response.slate.size());
  auto relaxed = arena.allocate<lineup_relaxed>(response.relaxed.size());
  for (std::size_t i = 0; i < relaxed.size(); ++i) {
    const RelaxedRule& rule = response.relaxed[i];
    relaxed[i] = {text_of(plan.uses[rule.use].name), text_of(word_for(rule.reason)),
                  rule.violations, 0};
  }
  result.relaxed = relaxed.data();
  result.relaxed_count = static_cast<std::uint32_t>(relaxed.size());
  auto warnings = arena.allocate<lineup_text>(response.warnings.size());
  for (std::size_t i = 0; i < warnings.size(); ++i) warnings[i] = text_of(response.warnings[i]);
  result.warnings = warnings.data();
  result.warning_count = static_cast<std::uint32_t>(warnings.size());
  const auto weights = named(plan.weights, response.weights, arena);
  result.weights = weights.data();
  result.weight_count = static_cast<std::uint32_t>(weights.size());
  const auto parameters = named(plan.parameters, response.parameters, arena);
  result.parameters = parameters.data();
  result.parameter_count = static_cast<std::uint32_t>(parameters.size());
  result.error = text_of(response.error);
  result.revision = text_of(revision.id);
  result.work = response.work;
  result.value = response.value;
  result.propensity = response.propensity;
  result.trace_json = text_of(response.trace);
  if (plan.pools == nullptr) return;
  const auto& inserted = plan.pools->rows();
  auto rows = arena.allocate<lineup_pool_row>(inserted.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {text_of(inserted[i].id), text_of(inserted[i].pool)};
  }
  result.pool_rows = rows.data();
  result.pool_row_count = static_cast<std::uint32_t>(rows.size());
}

void refuse(lineup_result& result, std::string_view why) {
  result.answer = LINEUP_ANSWER_ERROR;
  result.error = text_of(why);
}

// Bytes of the values of a column, for the record's hash of inputs.
std::uint64_t hash_column(const lineup_column& column, std::uint32_t rows, std::uint64_t seed) {
  const auto bytes = stored_values(column, rows);
  return hash64({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, seed);
}

std::uint64_t hash_inputs(const lineup_input& input) {
  std::uint64_t hash = mix64(input.seed + input.page);
  for (const lineup_rows* rows : {input.candidates, input.history}) {
    if (rows == nullptr) continue;
    hash = mix64(hash + rows->row_count);
    for (std::uint32_t i = 0; i < rows->column_count; ++i) {
      hash = hash_column(*rows->columns[i], rows->row_count, hash + rows->handles[i]);
    }
  }
  return hash;
}

void note_nodes(const Response& response, Record& record) {
  record.candidate_count = response.candidates;
  record.node_count = static_cast<std::uint32_t>(response.nodes.size());
  for (std::size_t i = 0; i < std::min(response.nodes.size(), kNodeNotes); ++i) {
    const NodeCount& node = response.nodes[i];
    record.nodes[i] = {
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(node.elapsed_ns / 1000, 0, UINT32_MAX)),
        static_cast<std::uint16_t>(std::min<std::uint32_t>(node.slates, UINT16_MAX)),
        static_cast<std::int8_t>(std::clamp<std::int32_t>(node.status, INT8_MIN, INT8_MAX)),
        node.has_run};
  }
}

// Keys of the rows of the slate, by which records and feedback know them.
std::span<const std::uint64_t> items_of(ServingSession& serving, const lineup_input& input) {
  const lineup_result& result = serving.box.result;
  const std::uint32_t rows = input.candidates == nullptr ? 0 : input.candidates->row_count;
  auto items = serving.input.allocate<std::uint64_t>(result.slate_count);
  for (std::uint32_t i = 0; i < result.slate_count; ++i) {
    const std::uint32_t row = result.slate[i];
    items[i] = row < rows ? item_of(input.candidates->ids, row)
                          : item_key(view(result.pool_rows[row - rows].id));
  }
  return items;
}

void leave_record(lineup_engine& engine, ServingSession& serving, const lineup_input& input,
                  const Scene& scene, std::int64_t now_ms, const Response& response) {
  const lineup_result& result = serving.box.result;
  Record record;
  record.wall_ms = now_ms;
  record.elapsed_ns = result.elapsed_ns;
  record.now_ms = now_ms;
  record.seed = input.seed;
  record.work = result.work;
  record.propensity = result.propensity;
  record.answer = static_cast<std::uint8_t>(result.answer);
  record.search = static_cast<std::uint8_t>(result.search);
  record.relaxed_count = result.relaxed_count;
  for (std::uint32_t i = 0; i < std::min<std::uint32_t>(result.relaxed_count, kRelaxedNotes); ++i) {
    record.relaxed[i].rule.assign(view(result.relaxed[i].rule));
    record.relaxed[i].violations = result.relaxed[i].violations;
  }
  record.violation_count = violations_of(result);
  record.row_count = input.candidates == nullptr ? 0 : input.candidates->row_count;
  record.slate_count = static_cast<std::uint16_t>(result.slate_count);
  note_nodes(response, record);
  record.keep = (input.flags & LINEUP_KEEP) != 0;
  record.slate_hash = hash64(
      {reinterpret_cast<const char*>(result.slate), result.slate_count * sizeof(std::uint32_t)});
  for (std::uint32_t i = 0; i < result.weight_count; ++i) {
    record.weights_hash =
        hash64({reinterpret_cast<const char*>(&result.weights[i].value), sizeof(double)},
               record.weights_hash);
  }
  record.input_hash = hash_inputs(input);
  RecordInput what;
  what.request_id = view(input.request_id);
  what.user = view(input.user);
  what.scene = scene.plan->scene;
  what.revision = view(result.revision);
  what.slate = {result.slate, result.slate_count};
  if (engine.recorder.wants_whole(record)) {
    const std::string_view user = view(input.user);
    const auto masked = engine.recorder.masked(user);
    // Variants were drawn by the user as he came; a replay may know him by another name.
    lineup_input drawn = input;
    drawn.experiments = result.experiments;
    drawn.experiment_count = result.experiment_count;
    pack_request(drawn, engine.symbols, scene.plan->scene,
                 masked.view().empty() ? user : masked.view(), now_ms, serving.packed_request);
    pack_response(result, record.row_count, view(input.request_id), serving.packed_response);
    what.request = serving.packed_request;
    what.request_buffer = &serving.packed_request;
    what.response = serving.packed_response;
    what.items = items_of(serving, input);
  }
  engine.recorder.record(record, what);
}

// Which scene is unknown, and what was probably meant. Not for the usual request: it may allocate.
std::string_view describe_unknown(const lineup_engine& engine, ServingSession& serving,
                                  const Revision& revision, std::uint32_t handle) {
  std::vector<std::string> scenes;
  for (const Scene& scene : revision.scenes) scenes.push_back(scene.plan->scene);
  const std::string name(engine.symbols.scenes.name(handle));
  const std::string near = nearest(name, scenes);
  serving.fault = "unknown scene `" + name + "`";
  if (!near.empty()) serving.fault += "; did you mean `" + near + "`?";
  return serving.fault;
}

// Whether a user is among those that a revision on trial is tried on: the same users all the while.
bool gets_candidate(const lineup_engine& engine, std::string_view user) {
  const std::uint32_t share = engine.canary_share.load(std::memory_order_relaxed);
  if (share == 0 || user.empty()) return false;
  return hash64(user, engine.canary_salt.load(std::memory_order_relaxed)) % 10'000 < share;
}

// The scene of a request on the revision it wants; null: the result says why not.
const Scene* find_scene(lineup_engine& engine, ServingSession& serving, const lineup_input& input,
                        const Revision*& revision) {
  lineup_result& result = serving.box.result;
  result = lineup_result{};
  result.struct_size = sizeof(lineup_result);
  const std::uint32_t session = serving.session.index;
  const std::string_view wanted = view(input.revision);
  revision = nullptr;
  if (!wanted.empty()) {
    revision = engine.published.pin(session, wanted);
  } else if (gets_candidate(engine, view(input.user))) {
    revision = engine.published.pin_candidate(session);
  }
  if (revision == nullptr && wanted.empty()) revision = engine.published.pin(session);
  if (revision == nullptr) {
    refuse(result,
           wanted.empty() ? "no revision serves yet" : "that revision is not kept any more");
    return nullptr;
  }
  result.revision = text_of(revision->id);
  const std::int32_t index = revision->is_pass_through ? 0 : revision->scene_of[input.scene];
  if (index < 0) {
    refuse(result, describe_unknown(engine, serving, *revision, input.scene));
    return nullptr;
  }
  return &revision->scenes[static_cast<std::size_t>(index)];
}

// With what feedback told of its rows, where the scene wants that.
const lineup_input& know_items(lineup_engine& engine, ServingSession& serving,
                               const lineup_input& input, const Scene& scene) {
  if (scene.evidence.empty()) return input;
  const std::int64_t now_ms = input.now_ms == LINEUP_NO_TIME ? wall_ms() : input.now_ms;
  engine.evidence.note(now_ms);
  return with_evidence(input, scene, now_ms, serving.input);
}

}  // namespace

void serve(lineup_engine& engine, ServingSession& serving, const lineup_input& given,
           Explaining explaining) {
  const std::int64_t began_ns = monotonic_ns();
  const Revision* revision = nullptr;
  serving.input.reset();
  const Scene* scene = find_scene(engine, serving, given, revision);
  lineup_result& result = serving.box.result;
  if (scene == nullptr) {
    engine.counters.requests.fetch_add(1, std::memory_order_relaxed);
    engine.counters.errors.fetch_add(1, std::memory_order_relaxed);
    result.elapsed_ns = monotonic_ns() - began_ns;
    if (revision != nullptr) revision->traffic->add(serving.session.index, outcome_of(result, 0));
    return;
  }
  const lineup_input& input = know_items(engine, serving, given, *scene);
  Request request = request_of(input, *scene, serving.input);
  request.explain_row = explaining.row;
  request.explain_brief = explaining.is_brief;
  request.emergency = engine.emergency.pin(serving.session.index, scene->plan.get());
  const Response response = execute(*scene->plan, request, serving.session, engine.counters);
  if (request.emergency != nullptr) engine.emergency.unpin(serving.session.index);
  lay_out(response, input, *revision, *scene->plan, serving.input, result);
  result.elapsed_ns = monotonic_ns() - began_ns - response.trace_ns;
  serving.times.add(result.elapsed_ns, result.search == LINEUP_SEARCH_DEADLINE);
  revision->traffic->add(serving.session.index, outcome_of(result, request.rows.row_count));
  if (!scene->plan->controllers.empty()) {
    engine.controls.note(*scene->plan, request, response, items_of(serving, input));
  }
  leave_record(engine, serving, input, *scene, request.now_ms, response);
}

void evaluate(lineup_engine& engine, ServingSession& serving, const lineup_input& input,
              const Revision& revision) {
  const std::int64_t began_ns = monotonic_ns();
  serving.input.reset();
  lineup_result& result = serving.box.result;
  result = lineup_result{};
  result.struct_size = sizeof(lineup_result);
  const std::int32_t index = revision.is_pass_through ? 0 : revision.scene_of[input.scene];
  if (index < 0) {
    refuse(result, describe_unknown(engine, serving, revision, input.scene));
    return;
  }
  const Scene& scene = revision.scenes[static_cast<std::size_t>(index)];
  const Request request = request_of(input, scene, serving.input);
  Counters uncounted;
  const Response response = execute(*scene.plan, request, serving.session, uncounted);
  lay_out(response, input, revision, *scene.plan, serving.input, result);
  result.elapsed_ns = monotonic_ns() - began_ns;
}

void audit_page(lineup_engine& engine, ServingSession& serving, const lineup_input& given,
                std::span<const std::uint32_t> slate) {
  const std::int64_t began_ns = monotonic_ns();
  const Revision* revision = nullptr;
  serving.input.reset();
  const Scene* scene = find_scene(engine, serving, given, revision);
  if (scene == nullptr) return;
  const lineup_input& input = know_items(engine, serving, given, *scene);
  const Request request = request_of(input, *scene, serving.input);
  const Response response = audit(*scene->plan, request, slate, serving.session);
  lay_out(response, input, *revision, *scene->plan, serving.input, serving.box.result);
  serving.box.result.elapsed_ns = monotonic_ns() - began_ns;
}

bool is_in_segment(lineup_engine& engine, ServingSession& serving, const lineup_input& input,
                   std::string_view segment) {
  const Revision* revision = nullptr;
  serving.input.reset();
  const Scene* scene = find_scene(engine, serving, input, revision);
  if (scene == nullptr) return false;
  const auto& names = scene->plan->segment_names;
  const auto found = std::find(names.begin(), names.end(), segment);
  if (found == names.end()) return false;
  return is_in_segment(*scene->plan, request_of(input, *scene, serving.input),
                       static_cast<std::size_t>(found - names.begin()), serving.session);
}

}  // namespace lineup
