// SPDX-License-Identifier: Apache-2.0
//
// Copies are plain memory copies of arrays whose lengths the model tells. A field that is added to
// Constraint and forgotten here would point into the service's memory: the worker dies of it, and
// the test that compares both ways says so.
#include "isolate/pack.hpp"

#include <cstring>

#include "constraint/closeness.hpp"

namespace lineup {

template <typename T>
T* Packer::allocate(std::size_t count) {
  constexpr std::size_t kAlignment = alignof(T) < 16 ? 16 : alignof(T);
  auto address = reinterpret_cast<std::uintptr_t>(at_);
  address = (address + kAlignment - 1) & ~(kAlignment - 1);
  const auto left = reinterpret_cast<std::uintptr_t>(end_) - address;
  if (is_full_ || count > left / sizeof(T)) {
    is_full_ = true;
    return nullptr;
  }
  at_ = reinterpret_cast<std::byte*>(address + count * sizeof(T));
  return reinterpret_cast<T*>(address);
}

template <typename T>
const T* Packer::copy(const T* from, std::size_t count) {
  if (from == nullptr) return nullptr;
  for (std::size_t i = 0; i < known_count_; ++i) {
    const Known& known = known_[i];
    if (known.from == from && known.size == count * sizeof(T)) {
      return static_cast<const T*>(known.to);
    }
  }
  T* to = allocate<T>(count);
  if (to == nullptr) return nullptr;
  if (count > 0) std::memcpy(static_cast<void*>(to), from, count * sizeof(T));
  if (count > 0 && known_count_ < kKnownMax) known_[known_count_++] = {from, to, count * sizeof(T)};
  return to;
}

template <typename T>
std::span<const T> Packer::copy(std::span<const T> from) {
  const T* to = copy(from.data(), from.size());
  return {to, to == nullptr ? 0 : from.size()};
}

Column Packer::copy(const Column& column, std::uint32_t rows) {
  Column out = column;
  out.valid = copy(column.valid, word_count(rows));
  out.floats = copy(column.floats, rows);
  out.integers = copy(column.integers, rows);
  out.bools = copy(column.bools, rows);
  out.offsets = copy(column.offsets, std::size_t{rows} + 1);
  const std::size_t codes = column.offsets != nullptr ? column.offsets[rows] : rows;
  out.codes = copy(column.codes, codes);
  out.vectors = copy(column.vectors, std::size_t{rows} * column.dimension);
  return out;
}

Table Packer::copy(const Table& table, const NodeInstance& instance) {
  Table out;
  out.row_count = table.row_count;
  Column* columns = allocate<Column>(table.columns.size());
  if (columns == nullptr) return out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    columns[i] = Column{};
    columns[i].type = table.columns[i].type;
  }
  const auto take = [&](std::size_t index) {
    if (index < table.columns.size() && table.columns[index].present && !columns[index].present) {
      columns[index] = copy(table.columns[index], table.row_count);
    }
  };
  for (const std::int32_t index : instance.columns()) {
    if (index >= 0) take(static_cast<std::size_t>(index));
  }
  out.columns = {columns, table.columns.size()};
  const std::uint32_t rows = table.row_count;
  out.ids.numbers = copy(table.ids.numbers, rows);
  out.ids.offsets = copy(table.ids.offsets, std::size_t{rows} + 1);
  if (table.ids.offsets != nullptr) {
    out.ids.bytes = copy(table.ids.bytes, table.ids.offsets[rows]);
  }
  return out;
}

void Packer::copy_vocabularies(const NodeInstance& instance, const NodeRequest& request,
                               SharedCall& out) {
  const auto from = request.batch->vocabularies;
  auto* vocabularies = allocate<Vocabulary>(from.size());
  if (vocabularies == nullptr) return;
  for (std::size_t i = 0; i < from.size(); ++i) vocabularies[i] = Vocabulary{};
  for (const std::int32_t bound : instance.columns()) {
    if (bound < 0 || static_cast<std::size_t>(bound) >= from.size()) continue;
    const VocabularyTexts& texts = from[static_cast<std::size_t>(bound)].texts;
    std::size_t size = 0;
    for (std::uint32_t code = 0; code < texts.size(); ++code) size += texts[code].size();
    auto* offsets = allocate<std::uint32_t>(std::size_t{texts.size()} + 1);
    auto* bytes = allocate<char>(size + 1);
    if (offsets == nullptr || bytes == nullptr || size > UINT32_MAX) {
      is_full_ = true;
      return;
    }
    std::uint32_t end = 0;
    offsets[0] = 0;
    for (std::uint32_t code = 0; code < texts.size(); ++code) {
      const std::string_view text = texts[code];
      if (!text.empty()) std::memcpy(bytes + end, text.data(), text.size());
      end += static_cast<std::uint32_t>(text.size());
      offsets[code + 1] = end;
    }
    vocabularies[bound].texts = VocabularyTexts(offsets, bytes, texts.size());
  }
  out.batch.vocabularies = {vocabularies, from.size()};
}

bool Packer::pack(const NodeInstance& instance, const NodeRequest& request, SharedCall& out) {
  out.request = request;
  out.request.schema = nullptr;
  out.request.arena = nullptr;
  out.request.dictionaries = {};
  out.request.valuer = nullptr;  // evaluators are asked in the service alone
  out.request.context.segments = nullptr;
  out.batch = {};
  out.batch.rows = copy(request.batch->rows, instance);
  out.batch.history = copy(request.batch->history, instance);
  copy_vocabularies(instance, request, out);
  out.request.batch = nullptr;  // the worker's: &out.batch
  const auto context = request.context.context;
  auto* scalars = allocate<Scalar>(context.size());
  for (std::size_t i = 0; scalars != nullptr && i < context.size(); ++i) {
    scalars[i] = context[i];
    const char* text = copy(context[i].text.data(), context[i].text.size());
    scalars[i].text = {text, text == nullptr ? 0 : context[i].text.size()};
  }
  out.request.context.context = {scalars, scalars == nullptr ? 0 : context.size()};
  // Live numbers cross with the call: what the service was told last counts there as well.
  out.request.dials = copy(request.dials);
  out.request.live_dials = copy(request.live_dials);
  out.request.weights = copy(request.weights);
  out.request.discounts = copy(request.discounts);
  out.request.candidates = copy(request.candidates);
  out.request.score = copy(request.score);
  return !is_full_;
}

Groups Packer::copy(const Groups& groups, std::uint32_t rows) {
  Groups out = groups;
  out.single = copy(groups.single, rows);
  out.offsets = copy(groups.offsets, std::size_t{rows} + 1);
  if (groups.offsets != nullptr) out.values = copy(groups.values, groups.offsets[rows]);
  return out;
}

Constraint Packer::copy(const Constraint& constraint, const Problem& problem) {
  const std::uint32_t rows = problem.row_count;
  const std::size_t words = word_count(rows);
  Constraint out = constraint;
  out.where = copy(constraint.where, words);
  out.slots = copy(constraint.slots, word_count(problem.slot_count));
  out.groups = copy(constraint.groups, rows);
  out.past.matches = copy(constraint.past.matches, constraint.past.count);
  out.past.groups = copy(constraint.past.groups, constraint.past.count);
  out.past.ranks = copy(constraint.past.ranks, constraint.past.count);
  out.pin_rows = copy(constraint.pin_rows, constraint.pin_count);
  out.pin_slots = copy(constraint.pin_slots, constraint.pin_count);
  out.mins = copy(constraint.mins, constraint.groups.count);
  out.right = copy(constraint.right, words);
  out.ranks = copy(constraint.ranks, rows);
  out.plan = copy(constraint.plan, problem.slot_count);
  if (constraint.sums != nullptr) {
    auto* sums = allocate<Sums>(1);
    if (sums == nullptr) return out;
    *sums = *constraint.sums;
    sums->amounts = copy(constraint.sums->amounts, rows);
    out.sums = sums;
  }
  if (constraint.closeness != nullptr) {
    auto* closeness = allocate<Closeness>(1);
    if (closeness == nullptr) return out;
    new (closeness) Closeness(*constraint.closeness, [this](auto span) {
      using Value = typename decltype(span)::element_type;
      const auto* to = copy(const_cast<const Value*>(span.data()), span.size());
      return std::span<Value>(const_cast<Value*>(to), to == nullptr ? 0 : span.size());
    });
    out.closeness = closeness;
  }
  return out;
}

bool Packer::pack(const Problem& problem, SharedCall& out) {
  out.problem = problem;
  auto* constraints = allocate<Constraint>(problem.constraints.size());
  if (constraints == nullptr) return false;
  for (std::size_t i = 0; i < problem.constraints.size(); ++i) {
    constraints[i] = copy(problem.constraints[i], problem);
  }
  out.problem.constraints = {constraints, problem.constraints.size()};
  out.problem.candidates = copy(problem.candidates, word_count(problem.row_count));
  out.problem.utility = copy(problem.utility);
  out.problem.discount = copy(problem.discount);
  return !is_full_;
}

bool Packer::pack(const SlateSet& from, SharedCall& out) {
  SlateSet& to = out.slates;
  to = from;
  const auto take = [&](auto& target, const auto& source, std::size_t used) {
    using Value = typename std::remove_reference_t<decltype(source)>::element_type;
    Value* memory = allocate<Value>(source.size());
    if (memory == nullptr) return;
    if (used > 0) std::memcpy(static_cast<void*>(memory), source.data(), used * sizeof(Value));
    target = {memory, source.size()};
  };
  take(to.rows, from.rows, std::size_t{from.count} * from.slots_max);
  take(to.lengths, from.lengths, from.count);
  take(to.violations, from.violations, std::size_t{from.count} * from.use_count);
  take(to.soft_violations, from.soft_violations, std::size_t{from.count} * from.use_count);
  take(to.certificates, from.certificates, from.count);
  take(to.hashes, from.hashes, from.count);
  return !is_full_;
}

bool Packer::pack(std::span<const std::span<double>> outputs, std::span<const double*> places,
                  SharedCall& out) {
  auto* spans = allocate<std::span<double>>(outputs.size());
  if (spans == nullptr) return false;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    double* place = allocate<double>(outputs[i].size());
    places[i] = place;
    spans[i] = {place, outputs[i].size()};
  }
  out.outputs = {spans, outputs.size()};
  return !is_full_;
}

bool Packer::pack_values(std::size_t count, SharedCall& out) {
  auto* values = allocate<double>(count);
  if (values == nullptr) return false;
  std::memset(values, 0, count * sizeof(double));
  out.values = {values, count};
  return true;
}

}  // namespace lineup
