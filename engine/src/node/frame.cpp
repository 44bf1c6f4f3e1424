// SPDX-License-Identifier: Apache-2.0
//
// Views are made anew for every call: scorers replace columns between calls, and a view is a few
// words. Dictionaries are the one thing that costs (a copy of the texts), so they are made once per
// request and column, and only for columns that some plugin bound.
#include "node/frame.hpp"

#include <limits>
#include <new>

#include "base/clock.hpp"
#include "node/plugin_text.hpp"

namespace lineup {

namespace {

// LIMIT: units between two looks at the clock: some tens of microseconds of work.
constexpr std::uint64_t kClockEveryUnits = 2048;

void* give_memory(const lineup_call* call, std::uint64_t size) {
  auto& frame = *static_cast<CallFrame*>(const_cast<lineup_call*>(call));
  if (size > kCallMemoryMaxBytes - frame.bytes) return nullptr;
  try {
    void* memory = frame.arena->allocate_bytes(static_cast<std::size_t>(size), 16);
    frame.bytes += size;
    return memory;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

std::int32_t spend(const lineup_call* call, std::uint64_t units) {
  return static_cast<CallFrame*>(const_cast<lineup_call*>(call))->spend_units(units) ? 0 : 1;
}

void take_report(lineup_error_sink* sink, lineup_status, lineup_text message) {
  const std::string_view text(message.data, message.data == nullptr ? 0 : message.size);
  static_cast<CallFrame::Sink*>(sink)->frame->report(text);
}

// Offsets and bytes of the texts behind the codes; null when they do not fit 32-bit offsets.
const lineup_dictionary* make_dictionary(const Vocabulary& vocabulary, Arena& arena) {
  std::uint64_t size = 0;
  for (std::uint32_t code = 0; code < vocabulary.size(); ++code) {
    size += vocabulary.texts[code].size();
  }
  if (size > std::numeric_limits<std::uint32_t>::max()) return nullptr;
  const auto offsets = arena.allocate<std::uint32_t>(vocabulary.texts.size() + 1);
  const auto bytes = arena.allocate<char>(static_cast<std::size_t>(size));
  std::uint32_t end = 0;
  offsets[0] = 0;
  for (std::size_t code = 0; code < vocabulary.texts.size(); ++code) {
    const std::string_view text = vocabulary.texts[code];
    if (!text.empty()) std::memcpy(bytes.data() + end, text.data(), text.size());
    end += static_cast<std::uint32_t>(text.size());
    offsets[code + 1] = end;
  }
  auto* dictionary = arena.allocate<lineup_dictionary>(1).data();
  *dictionary = {sizeof(lineup_dictionary), vocabulary.size(), offsets.data(), bytes.data(), 0};
  return dictionary;
}

const lineup_dictionary* dictionary_of(const NodeRequest& request, std::uint32_t column) {
  const auto& vocabularies = request.batch->vocabularies;
  if (column >= vocabularies.size()) return nullptr;
  if (column >= request.dictionaries.size()) {
    return make_dictionary(vocabularies[column], *request.arena);
  }
  const lineup_dictionary*& known = request.dictionaries[column];
  if (known == nullptr) known = make_dictionary(vocabularies[column], *request.arena);
  return known;
}

lineup_column view_of(const Column& column) {
  lineup_column view{};
  view.struct_size = sizeof(lineup_column);
  view.validity = column.valid;
  switch (column.type) {
    case ColumnType::Float:
      view.type = LINEUP_TYPE_F64;
      view.data = column.floats;
      break;
    case ColumnType::Integer:
      view.type = LINEUP_TYPE_I64;
      view.data = column.integers;
      break;
    case ColumnType::Time:
      view.type = LINEUP_TYPE_TIME_MS;
      view.data = column.integers;
      break;
    case ColumnType::Bool:
      view.type = LINEUP_TYPE_BOOL;
      view.data = column.bools;
      break;
    case ColumnType::Category:
      view.type = LINEUP_TYPE_CODE;
      view.data = column.codes;
      break;
    case ColumnType::Categories:
      view.type = LINEUP_TYPE_CODE_LIST;
      view.data = column.codes;
      view.list_offsets = column.offsets;
      break;
    case ColumnType::Embedding:
      view.type = LINEUP_TYPE_VECTOR;
      view.data = column.vectors;
      view.dimension = column.dimension;
      break;
  }
  return view;
}

// The bound columns of one table; null where the request does not carry one.
const lineup_column* const* make_views(const NodeInstance& instance, const NodeRequest& request,
                                       const Table& table) {
  const auto bound = instance.columns();
  const auto views = request.arena->allocate<lineup_column>(bound.size());
  const auto pointers = request.arena->allocate<const lineup_column*>(bound.size());
  for (std::size_t i = 0; i < bound.size(); ++i) {
    pointers[i] = nullptr;
    const auto index = static_cast<std::uint32_t>(bound[i]);
    if (bound[i] < 0 || index >= table.columns.size() || !table.columns[index].present) continue;
    const Column& column = table.columns[index];
    views[i] = view_of(column);
    if (column.codes != nullptr) views[i].dictionary = dictionary_of(request, index);
    pointers[i] = &views[i];
  }
  return pointers.data();
}

lineup_value value_of(const Scalar& scalar) {
  lineup_value value{};
  value.struct_size = sizeof(lineup_value);
  switch (scalar.kind) {
    case Scalar::Kind::Missing:
      value.kind = LINEUP_VALUE_MISSING;
      break;
    case Scalar::Kind::Bool:
      value.kind = LINEUP_VALUE_BOOL;
      value.integer = scalar.boolean ? 1 : 0;
      break;
    case Scalar::Kind::Integer:
      value.kind = LINEUP_VALUE_INTEGER;
      value.integer = scalar.integer;
      value.number = scalar.number;
      break;
    case Scalar::Kind::Float:
      value.kind = LINEUP_VALUE_NUMBER;
      value.number = scalar.number;
      break;
    case Scalar::Kind::Text:
      value.kind = LINEUP_VALUE_TEXT;
      value.text = scalar.text.data();
      value.text_size = scalar.text.size();
      break;
  }
  return value;
}

// The bound values of the context; null where the request has none.
const lineup_value* const* make_context(const NodeInstance& instance, const NodeRequest& request) {
  const auto slots = instance.context_slots();
  const auto values = request.arena->allocate<lineup_value>(slots.size());
  const auto pointers = request.arena->allocate<const lineup_value*>(slots.size());
  const auto& context = request.context.context;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    pointers[i] = nullptr;
    if (slots[i] >= context.size() || context[slots[i]].is_missing()) continue;
    values[i] = value_of(context[slots[i]]);
    pointers[i] = &values[i];
  }
  return pointers.data();
}

lineup_ids ids_of(const Ids& ids) {
  return {sizeof(lineup_ids), 0, ids.numbers, ids.offsets, ids.bytes};
}

const double* make_live(const NodeInstance& instance, const NodeRequest& request) {
  const auto numbers = instance.live();
  if (numbers.empty()) return nullptr;
  const auto values = request.arena->allocate<double>(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::int32_t dial = i < request.live_dials.size() ? request.live_dials[i] : -1;
    values[i] = dial < 0 ? numbers[i].value : request.dials[static_cast<std::size_t>(dial)];
  }
  return values.data();
}

}  // namespace

bool CallFrame::spend_units(std::uint64_t units) {
  work = units > std::numeric_limits<std::uint64_t>::max() - work
             ? std::numeric_limits<std::uint64_t>::max()
             : work + units;
  if (deadline_ns != INT64_MAX && work - work_at_clock >= kClockEveryUnits) {
    work_at_clock = work;
    is_late = is_late || monotonic_ns() >= deadline_ns;
  }
  return !is_exhausted();
}

void CallFrame::report(std::string_view text) {
  try {
    if (message == nullptr) message = arena->allocate<char>(kMessageMaxBytes).data();
    message_size = copy_clean({text.data(), text.size()}, message, kMessageMaxBytes);
  } catch (const std::bad_alloc&) {
    // No memory for a message about a failure: the status is enough.
  }
}

RunReport CallFrame::finish(lineup_status status) {
  if (status == LINEUP_OK) return {LINEUP_OK, {}, work, -1};
  // The plugin cannot tell which of the two made spend() say no.
  if (status == LINEUP_E_BUDGET && is_late) status = LINEUP_E_DEADLINE;
  if (message_size == 0) return {status, describe(status), work, -1};
  return {status, {message, message_size}, work, -1};
}

std::string_view refusal(const NodeInstance& instance, const NodeRequest& request) {
  const NodeInstance::Limits& limits = instance.limits();
  if (request.batch->rows.row_count > limits.rows_max) return "more rows than it was made for";
  if (request.batch->history.row_count > limits.history_max) {
    return "a longer history than it was made for";
  }
  if (request.slot_count > limits.slots_max) return "a longer page than it was made for";
  if (request.weights.size() < limits.objective_count) return "too few weights";
  if (request.discounts.size() < request.slot_count) return "too few discounts";
  if (request.candidates.size() < word_count(request.batch->rows.row_count)) {
    return "too few words of candidates";
  }
  return {};
}

CallFrame* make_frame(const NodeInstance& instance, const NodeRequest& request) {
  void* memory = request.arena->allocate_bytes(sizeof(CallFrame), alignof(CallFrame));
  auto* frame = new (memory) CallFrame();
  const Batch& batch = *request.batch;
  frame->struct_size = sizeof(lineup_call);
  frame->row_count = batch.rows.row_count;
  frame->history_count = batch.history.row_count;
  frame->slot_count = request.slot_count;
  frame->objective_count = instance.limits().objective_count;
  frame->live = make_live(instance, request);
  frame->columns = make_views(instance, request, batch.rows);
  frame->history = make_views(instance, request, batch.history);
  frame->row_ids = ids_of(batch.rows.ids);
  frame->past_ids = ids_of(batch.history.ids);
  frame->ids = &frame->row_ids;
  frame->history_ids = &frame->past_ids;
  frame->context = make_context(instance, request);
  frame->weights = request.weights.data();
  frame->discounts = request.discounts.data();
  frame->candidates = request.candidates.data();
  frame->seed = request.seed;
  frame->now_ms = request.now_ms;
  frame->deadline_ns = request.deadline_ns;
  frame->work_limit = request.work_limit;
  frame->allocate = give_memory;
  frame->spend = spend;
  frame->errors = &frame->sink;
  frame->arena = request.arena;
  static_cast<lineup_error_sink&>(frame->sink) = {sizeof(lineup_error_sink), 0, frame, take_report};
  frame->sink.frame = frame;
  return frame;
}

}  // namespace lineup
