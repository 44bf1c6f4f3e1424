// SPDX-License-Identifier: Apache-2.0
//
// `lineup bench`: times whole requests, from borrowed columns to the released slate, with trace off
// and everything warm. One object per form of the columns; for w5 also the same through JSON lines,
// which shows what a process in between costs. A workload with several batches asks them in turn.
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "cli/bench/allocation_count.hpp"
#include "cli/bench/bench_columns.hpp"
#include "cli/bench/bench_workload.hpp"
#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/manage/reload_status.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/text_view.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

// LIMIT: requests before the clock counts, and while it does: enough for a stable p99.9 within a
// few seconds, whatever a request costs.
constexpr std::size_t kWarmUps = 2'000;
constexpr std::size_t kWarmUpsLeast = 100;
constexpr std::int64_t kWarmUpNs = 500'000'000;
constexpr std::size_t kSamples = 100'000;
constexpr std::int64_t kMeasureNs = 3'000'000'000;

// One request. False when the engine did not answer with a page.
using Request = std::function<bool()>;

struct Measured {
  std::vector<std::uint32_t> nanoseconds;
  std::uint64_t allocations = 0;
  std::int64_t cpu_ns = 0;
  bool failed = false;
};

std::int64_t thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void measure(const Request& request, std::atomic<std::uint32_t>& waiting, Measured& out) {
  out.nanoseconds.reserve(kSamples);
  const std::int64_t warm_until = monotonic_ns() + kWarmUpNs;
  for (std::size_t i = 0; i < kWarmUps && !out.failed; ++i) {
    out.failed = !request();
    if (i >= kWarmUpsLeast && monotonic_ns() > warm_until) break;
  }
  // All threads start together, so that requests per second are those of all of them.
  waiting.fetch_sub(1);
  while (waiting.load() > 0) std::this_thread::yield();
  const std::uint64_t allocations = allocation_count();
  const std::int64_t cpu = thread_cpu_ns();
  const std::int64_t until = monotonic_ns() + kMeasureNs;
  std::int64_t before = monotonic_ns();
  while (!out.failed && out.nanoseconds.size() < kSamples && before < until) {
    out.failed = !request();
    const std::int64_t after = monotonic_ns();
    out.nanoseconds.push_back(static_cast<std::uint32_t>(after - before));
    before = after;
  }
  out.allocations = allocation_count() - allocations;
  out.cpu_ns = thread_cpu_ns() - cpu;
}

double percentile_us(const std::vector<std::uint32_t>& sorted, double part) {
  const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size() - 1) + 0.5);
  return sorted[at] / 1000.0;
}

double in_thousandths(double value) { return std::round(value * 1000.0) / 1000.0; }

// Runs `make()` requests on every thread and reports.
Result<BenchReport> run(const Workload& workload, const BenchOptions& options,
                        std::string_view columns, const std::function<Request()>& make) {
  std::vector<Measured> measured(options.threads);
  std::atomic<std::uint32_t> waiting{options.threads};
  std::vector<std::jthread> threads;
  for (Measured& out : measured) {
    threads.emplace_back([&make, &waiting, &out] { measure(make(), waiting, out); });
  }
  threads.clear();
  std::vector<std::uint32_t> all;
  std::uint64_t allocations = 0;
  std::int64_t cpu_ns = 0;
  double rps = 0.0;
  for (const Measured& part : measured) {
    if (part.failed) return failure("bench/failed", "the engine did not answer with a page");
    double wall_ns = 0.0;
    for (const std::uint32_t sample : part.nanoseconds) wall_ns += sample;
    rps += static_cast<double>(part.nanoseconds.size()) * 1e9 / wall_ns;
    allocations += part.allocations;
    cpu_ns += part.cpu_ns;
    all.insert(all.end(), part.nanoseconds.begin(), part.nanoseconds.end());
  }
  std::sort(all.begin(), all.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto count = static_cast<double>(all.size());
  BenchReport report;
  report.workload = workload.name;
  report.variant = workload.variant;
  report.n = static_cast<std::uint32_t>(workload.batches.front().rows.rows.size());
  report.k = workload.page;
  report.threads = options.threads;
  report.columns = columns;
  report.p50_us = percentile_us(all, 0.5);
  report.p99_us = percentile_us(all, 0.99);
  report.p999_us = percentile_us(all, 0.999);
  report.rps = static_cast<std::uint64_t>(rps);
  report.allocs_per_request = in_thousandths(static_cast<double>(allocations) / count);
  report.peak_rss_kb = static_cast<std::uint64_t>(usage.ru_maxrss);
  report.core_seconds_per_million = in_thousandths(static_cast<double>(cpu_ns) / count / 1000.0);
  return report;
}

// Every batch of the workload in one form.
class Questions {
 public:
  Questions(lineup_engine* engine, const Workload& workload, const std::vector<BenchBatch>& batches,
            ColumnForm form)
      : engine_(engine), workload_(workload) {
    for (const BenchBatch& batch : batches) {
      columns_.push_back(std::make_unique<BenchColumns>(batch.rows, form, workload.more));
    }
    if (columns_.empty()) return;
    handles_.resize(columns_.front()->count());
    for (std::size_t i = 0; i < handles_.size(); ++i) {
      lineup_bind_column(engine, borrow(columns_.front()->name(i)), &handles_[i]);
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      rows_.push_back(columns_[i]->view(handles_.data()));
      lineup_input input{};
      input.struct_size = sizeof(input);
      lineup_bind_scene(engine, borrow(batches[i].scene), &input.scene);
      input.request_id = borrow("bench");
      input.page = workload.page;
      input.seed = 1;
      input.now_ms = LINEUP_NO_TIME;
      inputs_.push_back(input);
    }
    for (std::size_t i = 0; i < inputs_.size(); ++i) inputs_[i].candidates = &rows_[i];
  }
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;

  // Asks each batch in turn; every thread has a request of its own.
  [[nodiscard]] Request request() const {
    return [this, next = std::size_t{0}]() mutable {
      const lineup_input& input = inputs_[next];
      next = next + 1 < inputs_.size() ? next + 1 : 0;
      const lineup_result* result = nullptr;
      if (lineup_rerank(engine_, &input, &result) != LINEUP_OK) return false;
      const bool is_page =
          result->answer == LINEUP_ANSWER_OK || result->answer == LINEUP_ANSWER_RELAXED;
      lineup_release(engine_, result);
      return is_page;
    };
  }

  // Asks each batch once. False when one got no page.
  [[nodiscard]] bool ask_all() const {
    const Request ask = request();
    bool is_good = true;
    for (std::size_t i = 0; i < inputs_.size(); ++i) is_good = ask() && is_good;
    return is_good;
  }

  // Batches whose page breaks more than it must.
  [[nodiscard]] std::uint32_t missed() const {
    std::uint32_t count = 0;
    for (const lineup_input& input : inputs_) {
      const lineup_result* result = nullptr;
      if (lineup_rerank(engine_, &input, &result) != LINEUP_OK) return ++count;
      const bool is_best = workload_.planted.empty()
                               ? result->answer == LINEUP_ANSWER_OK
                               : result->relaxed_count == 1 && result->relaxed[0].violations == 1 &&
                                     view(result->relaxed[0].rule) == workload_.planted;
      count += is_best ? 0 : 1;
      lineup_release(engine_, result);
    }
    return count;
  }

 private:
  lineup_engine* engine_;
  const Workload& workload_;
  std::vector<std::unique_ptr<BenchColumns>> columns_;
  std::vector<lineup_handle> handles_;
  std::vector<lineup_rows> rows_;
  std::vector<lineup_input> inputs_;
};

// Of the calls of code rules that the batches make, the share that is answered from memory after
// the batches before. Nothing when the engine does not tell.
std::optional<double> hit_rate(lineup_engine* engine, const Questions& before,
                               const Questions& questions) {
  if (!before.ask_all()) return std::nullopt;
  const auto from = read_code_calls(engine);
  if (!questions.ask_all()) return std::nullopt;
  const auto to = read_code_calls(engine);
  if (!from || !to) return std::nullopt;
  const auto calls = static_cast<double>(to->calls - from->calls);
  return calls > 0.0 ? static_cast<double>(to->remembered - from->remembered) / calls : 0.0;
}

Request json_request(lineup_engine* engine, const std::string& line) {
  auto server = std::make_shared<LineServer>(engine);
  return [server, &line] { return !server->serve(line, 1).is_error; };
}

void print_report(const BenchReport& report, bool json) {
  if (json) {
    print_line(bench_json(report));
  } else {
    print_line(fmt::format(
        "{} {:<12} n={} k={} threads={} {:<8} p50 {:.2f} us  p99 {:.2f}  p99.9 {:.2f}  {}/s  "
        "{} allocations  {} KB  {:.2f} core-s/million{}{}",
        report.workload, report.variant, report.n, report.k, report.threads, report.columns,
        report.p50_us, report.p99_us, report.p999_us, report.rps, report.allocs_per_request,
        report.peak_rss_kb, report.core_seconds_per_million,
        report.missed ? fmt::format("  {} missed", *report.missed) : "",
        report.hit_rate ? fmt::format("  {:.2f} % remembered", 100 * *report.hit_rate) : ""));
  }
}

}  // namespace

int bench_verb(const BenchOptions& options) {
  const auto workloads =
      make_workloads(options.workload, options.variant, options.rows, options.page);
  if (!workloads) return could_not_run(workloads.error().message);
  for (const Workload& workload : *workloads) {
    const auto engine =
        open_engine({}, {.sessions = options.threads + 1, .overlay = workload.bundle});
    if (!engine) return could_not_run(engine.error().message);
    const Questions coded(engine->get(), workload, workload.batches, ColumnForm::Coded);
    const Questions strings(engine->get(), workload, workload.batches, ColumnForm::Strings);
    const Questions warm(engine->get(), workload, workload.warm_batches, ColumnForm::Coded);
    std::optional<double> hits;
    if (workload.has_code) hits = hit_rate(engine->get(), warm, coded);
    const std::string line = bench_request(workload.batches.front().rows, workload.page);
    const std::pair<std::string_view, std::function<Request()>> forms[] = {
        {"coded", [&] { return coded.request(); }},
        {"strings", [&] { return strings.request(); }},
        {"json", [&] { return json_request(engine->get(), line); }}};
    for (const auto& form : forms) {
      if (form.first == "json" && workload.name != "w5") continue;
      if (interrupted() != 0) return interrupted_exit_code();
      auto report = run(workload, options, form.first, form.second);
      if (!report) return could_not_run(report.error().message);
      report->hit_rate = hits;
      if (workload.can_miss) report->missed = coded.missed();
      print_report(*report, options.json);
      if (!print_done()) return kCouldNotRun;
    }
  }
  return kYes;
}

}  // namespace lineup::cli
