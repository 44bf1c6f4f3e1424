// SPDX-License-Identifier: Apache-2.0
//
// Frames, leases and slate builders are the engine's own; only the call itself stands alone, so
// that what a plugin did is seen before the engine mends it (it clears infinities, ends exceptions,
// drops repeated slates).
#include "conformance/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/clock.hpp"
#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"
#include "node/builder_service.hpp"
#include "node/frame.hpp"

namespace lineup {

namespace {

AllocationCount allocation_count = nullptr;

constexpr std::uint32_t kSlates = 5;
constexpr std::uint32_t kSlatesMax = 256;
constexpr std::uint32_t kPages = 3;

std::uint64_t allocations_now() { return allocation_count == nullptr ? 0 : allocation_count(); }

void append(std::string& bytes, const void* data, std::size_t size) {
  bytes.append(static_cast<const char*>(data), size);
}

class Call {
 public:
  Call(NodeInstance& instance, const MadeRequest& feed, Arena& arena)
      : instance_(instance), feed_(feed), request_(feed.request(arena)) {}

  CallAnswer run() {
    if (const std::string_view why = refusal(instance_, request_); !why.empty()) {
      answer_.faults.emplace_back(why);
      return std::move(answer_);
    }
    frame_ = make_frame(instance_, request_);
    switch (instance_.type().kind) {
      case LINEUP_KIND_SCORER:
        score();
        break;
      case LINEUP_KIND_GENERATOR:
        generate();
        break;
      case LINEUP_KIND_EVALUATOR:
        evaluate();
        break;
      default:
        constrain();
    }
    if (answer_.status != LINEUP_OK) answer_.message = frame_->finish(answer_.status).message;
    return std::move(answer_);
  }

 private:
  template <typename Table>
  const Table& table() const {
    return *static_cast<const Table*>(instance_.kind_table());
  }

  // The plugin's turn: nothing but it runs in between.
  template <typename Body>
  lineup_status enter(Body&& body) {
    lineup_status status = LINEUP_E_INTERNAL;
    const std::int64_t began_ns = monotonic_ns();
    const std::uint64_t before = allocations_now();
    try {
      status = body();
      answer_.allocations += allocations_now() - before;
    } catch (...) {
      fault("let an exception out of the call: it must come back as a status");
    }
    answer_.elapsed_ns += monotonic_ns() - began_ns;
    if (status > LINEUP_OK || status < LINEUP_E_REFUSED) {
      fault(fmt::format("returned {}, which is no status of the interface", status));
    }
    if (answer_.status == LINEUP_OK) answer_.status = status;
    append(answer_.bytes, &status, sizeof status);
    return status;
  }

  void fault(std::string text) {
    if (std::find(answer_.faults.begin(), answer_.faults.end(), text) == answer_.faults.end()) {
      answer_.faults.push_back(std::move(text));
    }
  }
  void doubt(std::string text) {
    if (std::find(answer_.doubts.begin(), answer_.doubts.end(), text) == answer_.doubts.end()) {
      answer_.doubts.push_back(std::move(text));
    }
  }
  void check_output(std::span<const double> output) {
    for (const double value : output) {
      if (std::isinf(value)) fault("wrote a score that is infinite");
      if (std::isnan(value)) doubt("wrote NaN, which means missing: such rows come last");
    }
  }

  void score() {
    GuardedMemory memory;
    std::vector<std::span<double>> outputs;
    const auto pointers = memory.allocate<double*>(instance_.outputs().size());
    for (std::size_t i = 0; i < pointers.size(); ++i) {
      outputs.push_back(memory.allocate<double>(frame_->row_count));
      start_output(instance_.outputs()[i], outputs.back());
      pointers[i] = outputs.back().data();
    }
    const NodeInstance::Lease lease = instance_.lease();
    const lineup_status status = enter(
        [&] { return table<lineup_scorer>().score(lease.instance, frame_, pointers.data()); });
    if (status != LINEUP_OK) return;
    for (const auto& output : outputs) {
      if (feed_.shape().values == Values::Ordinary) check_output(output);
      append(answer_.bytes, output.data(), output.size_bytes());
    }
  }

  void start_output(std::uint32_t index, std::span<double> output) const {
    const Table& rows = request_.batch->rows;
    const Column* column = index < rows.columns.size() ? &rows.columns[index] : nullptr;
    for (std::uint32_t row = 0; row < output.size(); ++row) {
      const bool is_there = column != nullptr && column->present && column->floats != nullptr &&
                            !column->is_missing(row);
      output[row] = is_there ? column->floats[row] : std::numeric_limits<double>::quiet_NaN();
    }
  }

  void generate() {
    const Problem problem = feed_.problem();
    SlateSet set =
        SlateSet::make(kSlatesMax, problem.slot_count, problem.use_count, *request_.arena);
    BuilderCall builders(*frame_, request_, problem, set);
    const NodeInstance::Lease lease = instance_.lease();
    const lineup_status status = enter([&] {
      return table<lineup_generator>().generate(lease.instance, frame_, builders.root());
    });
    if (status == LINEUP_OK && builders.emitted() == 0 && problem.slot_count > 0) {
      fault("said ok but emitted no slate");
    }
    if (builders.emitted() > set.count && set.count < kSlatesMax) {
      doubt(fmt::format("emitted {} slates, of which {} are different", builders.emitted(),
                        set.count));
    }
    for (std::uint32_t i = 0; i < set.count; ++i) {
      append(answer_.bytes, set.slate(i).data(), set.slate(i).size_bytes());
    }
  }

  // Slates of the candidates in random orders, the last one shorter.
  void evaluate() {
    GuardedMemory memory;
    const Problem problem = feed_.problem();
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < problem.row_count; ++row) {
      if (test_bit(problem.candidates, row)) rows.push_back(row);
    }
    const std::uint32_t slots = problem.slot_count;
    const auto placed = memory.allocate<std::uint32_t>(std::size_t{kSlates} * slots);
    const auto lengths = memory.allocate<std::uint32_t>(kSlates);
    Random random(feed_.shape().seed + 77);
    for (std::uint32_t s = 0; s < kSlates; ++s) {
      for (std::size_t i = rows.size(); i > 1; --i) {
        std::swap(rows[i - 1], rows[random.below(static_cast<std::uint32_t>(i))]);
      }
      std::copy_n(rows.begin(), slots, placed.begin() + std::ptrdiff_t{s} * slots);
      lengths[s] = s + 1 == kSlates ? slots / 2 : slots;
    }
    memory.seal();
    GuardedMemory out;
    const auto values = out.allocate<double>(std::size_t{kSlates} * frame_->objective_count);
    std::fill(values.begin(), values.end(), 0.0);
    const lineup_slates view = {sizeof(lineup_slates), kSlates,       slots, 0,
                                placed.data(),         lengths.data()};
    const NodeInstance::Lease lease = instance_.lease();
    const lineup_status status = enter([&] {
      return table<lineup_evaluator>().evaluate(lease.instance, frame_, &view, values.data());
    });
    if (status != LINEUP_OK) return;
    for (const double value : values) {
      if (std::isfinite(value)) continue;
      constexpr const char* kWhat = "gave a value that is not finite: the engine drops the answer";
      feed_.shape().values == Values::Ordinary ? fault(kWhat) : doubt(kWhat);
    }
    append(answer_.bytes, values.data(), values.size_bytes());
  }

  // Pages of random rows; the state moves to other memory after every step, as it does in a search.
  void constrain() {
    const auto& constraint = table<lineup_constraint>();
    const Problem problem = feed_.problem();
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < problem.row_count; ++row) {
      if (test_bit(problem.candidates, row)) rows.push_back(row);
    }
    const NodeInstance::Lease lease = instance_.lease();
    void* prepared = nullptr;
    if (constraint.prepare != nullptr &&
        enter([&] { return constraint.prepare(lease.instance, frame_, &prepared); }) != LINEUP_OK) {
      return;
    }
    Random random(feed_.shape().seed + 78);
    for (std::uint32_t p = 0; p < kPages; ++p) {
      for (std::size_t i = rows.size(); i > 1; --i) {
        std::swap(rows[i - 1], rows[random.below(static_cast<std::uint32_t>(i))]);
      }
      if (!walk(constraint, lease.instance, prepared,
                std::span(rows).first(std::min<std::size_t>(problem.slot_count, 50)))) {
        return;
      }
    }
  }

  bool walk(const lineup_constraint& constraint, lineup_instance* instance, void* prepared,
            std::span<const std::uint32_t> rows) {
    const std::size_t size = instance_.state_bytes();
    GuardedMemory memory;
    const auto placed = memory.copy<std::uint32_t>(rows);
    std::byte* here = memory.allocate_bytes(size, 16);
    std::byte* there = memory.allocate_bytes(size, 16);
    std::memset(here, 0xA5, size);
    lineup_page page = {sizeof(lineup_page), 0, placed.data(), here, prepared};
    if (size > 0 && enter([&] { return constraint.begin(instance, frame_, &page); }) != LINEUP_OK) {
      return false;
    }
    for (std::uint32_t slot = 0; slot < rows.size(); ++slot) {
      for (const std::uint32_t row :
           rows.subspan(slot, std::min<std::size_t>(3, rows.size() - slot))) {
        lineup_judgement judgement = {sizeof(lineup_judgement), 0, 0.0};
        const std::string before(reinterpret_cast<const char*>(here), size);
        if (enter([&] { return constraint.judge(instance, frame_, &page, row, &judgement); }) !=
            LINEUP_OK) {
          return false;
        }
        if (!std::isfinite(judgement.penalty)) fault("gave a penalty that is not finite");
        if (before != std::string_view(reinterpret_cast<const char*>(here), size)) {
          fault("judge() changed the page's state: it may write nothing but its answer");
        }
        append(answer_.bytes, &judgement, sizeof judgement);
      }
      if (size > 0 && enter([&] {
                        return constraint.place(instance, frame_, &page, rows[slot]);
                      }) != LINEUP_OK) {
        return false;
      }
      std::memcpy(there, here, size);
      std::memset(here, 0x5A, size);
      std::swap(here, there);
      page.state = here;
      ++page.count;
    }
    return true;
  }

  NodeInstance& instance_;
  const MadeRequest& feed_;
  NodeRequest request_;
  CallFrame* frame_ = nullptr;
  CallAnswer answer_;
};

}  // namespace

void count_allocations_with(AllocationCount count) { allocation_count = count; }
bool counts_allocations() { return allocation_count != nullptr; }

CallAnswer call_once(NodeInstance& instance, const MadeRequest& feed, Arena& arena) {
  arena.reset();
  return Call(instance, feed, arena).run();
}

}  // namespace lineup
