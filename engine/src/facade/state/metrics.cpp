// SPDX-License-Identifier: Apache-2.0
//
// The engine's counters as Prometheus reads them. They are read where they are kept, when somebody
// asks: no registry stands between a request and its counters. (prometheus-cpp writes the text.)
#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"
#include "native/library.hpp"

namespace lineup {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Families {
 public:
  void counter(const char* name, const char* help, double value, const Labels& labels = {}) {
    metric(name, help, MetricType::Counter, labels).counter.value = value;
  }
  void gauge(const char* name, const char* help, double value, const Labels& labels = {}) {
    metric(name, help, MetricType::Gauge, labels).gauge.value = value;
  }
  ClientMetric& metric(const char* name, const char* help, MetricType type, const Labels& labels) {
    if (all_.empty() || all_.back().name != name) all_.push_back({name, help, type, {}});
    all_.back().metric.emplace_back();
    all_.back().metric.back().label = labels;
    return all_.back().metric.back();
  }
  [[nodiscard]] std::string text() const { return prometheus::TextSerializer().Serialize(all_); }

 private:
  std::vector<MetricFamily> all_;
};

constexpr const char* kMetricsName = "metrics.prom";

double number(const std::atomic<std::uint64_t>& counter) {
  return static_cast<double>(counter.load(std::memory_order_relaxed));
}

void add_requests(const lineup_engine& engine, Families& out) {
  const Counters& counters = engine.counters;
  out.counter("lineup_requests_total", "Requests answered.", number(counters.requests));
  out.counter("lineup_relaxed_total", "Pages on which rules were relaxed.",
              number(counters.relaxed));
  out.counter("lineup_fallbacks_total", "Pages that the fallback made.",
              number(counters.fallbacks));
  out.counter("lineup_errors_total", "Requests that could not be served.", number(counters.errors));
  out.counter("lineup_certificates_refused_total", "Pages whose proof failed.",
              number(counters.certificates_refused));
  out.counter("lineup_slates_discarded_total", "Slates given up for breaking a rule.",
              number(counters.discarded));
  out.counter("lineup_rules_switched_off_total",
              "Times that a rule broke its budget and was left out of a request.",
              number(counters.rules_broken));
}

void add_times(const lineup_engine& engine, Families& out) {
  std::array<std::uint64_t, kTimeBoundsNs.size() + 1> counts{};
  double misses = 0.0;
  double sum_ns = 0.0;
  for (const auto& session : engine.sessions) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] += session->times.counts[i].load(std::memory_order_relaxed);
    }
    sum_ns += number(session->times.sum_ns);
    misses += number(session->times.deadline_misses);
  }
  out.counter("lineup_deadline_misses_total", "Requests whose search the deadline cut.", misses);
  auto& histogram =
      out.metric("lineup_request_duration_seconds", "Time in the engine, from columns to slate.",
                 MetricType::Histogram, {})
          .histogram;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += counts[i];
    const double bound = i < kTimeBoundsNs.size() ? static_cast<double>(kTimeBoundsNs[i]) / 1e9
                                                  : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({sum, bound});
  }
  histogram.sample_count = sum;
  histogram.sample_sum = sum_ns / 1e9;
}

void add_revision(lineup_engine& engine, Families& out) {
  const ReloadStatus reload = engine.reloader->status();
  const auto counts = engine.published.counts();
  const auto libraries = Library::counters();
  const Verified serving = engine.gate.serving();
  constexpr const char* kReloads = "lineup_reloads_total";
  constexpr const char* kAbout = "Attempts to make the files serve, by what came of them.";
  out.counter(kReloads, kAbout, static_cast<double>(reload.activations), {{"result", "active"}});
  out.counter(kReloads, kAbout, static_cast<double>(reload.rejections), {{"result", "rejected"}});
  out.counter(kReloads, kAbout,
              static_cast<double>(reload.attempts - reload.activations - reload.rejections),
              {{"result", "unchanged"}});
  out.gauge("lineup_revision_info", "What serves.", 1.0,
            {{"revision", reload.revision},
             {"mode", std::string(name_of(serving.mode))},
             {"manifest", serving.manifest.revision}});
  out.gauge("lineup_revision_since_seconds", "When it became active, Unix time.",
            static_cast<double>(reload.since_ms) / 1e3);
  out.gauge("lineup_stale_seconds", "How long the files have been other than what serves.",
            static_cast<double>(reload.stale_ms) / 1e3);
  out.gauge("lineup_revisions_retired", "Revisions that were replaced and are still in use.",
            static_cast<double>(counts.retired));
  out.gauge("lineup_libraries_loaded", "Plugin libraries in memory.",
            static_cast<double>(libraries.loaded));
  out.gauge("lineup_libraries_retired", "Of these, those that are used no more but stay mapped.",
            static_cast<double>(libraries.retired));
}

void add_emergency(const lineup_engine& engine, Families& out) {
  const EmergencyStatus emergency = engine.emergency.status();
  out.gauge("lineup_emergency_active", "1 while an emergency overlay acts.",
            emergency.state == "active" ? 1.0 : 0.0);
  out.gauge("lineup_emergency_rows_removed", "Rows that the overlay took away so far.",
            static_cast<double>(emergency.rows));
  out.gauge("lineup_emergency_requests_left_out",
            "Requests that it did not act on, because it would have taken too much.",
            static_cast<double>(emergency.left_out));
}

// Breakers of what serves: series of nodes and rules that are gone end with their revision.
void add_breakers(const lineup_engine& engine, Families& out) {
  struct Entry {
    Labels labels;
    Breaker::State state;
  };
  std::vector<Entry> entries;
  const auto revision = engine.published.current();
  const std::int64_t now_ns = monotonic_ns();
  const auto add = [&](const Plan& plan, const char* sort, const std::string& name,
                       const Breaker& breaker) {
    entries.push_back(
        {{{"scene", plan.scene}, {"sort", sort}, {"name", name}}, breaker.state(now_ns)});
  };
  for (std::size_t i = 0; revision != nullptr && i < revision->scenes.size(); ++i) {
    const Plan& plan = *revision->scenes[i].plan;
    for (const PlanNode& node : plan.nodes) {
      if (node.breaker != nullptr) add(plan, "node", node.id, *node.breaker);
    }
    for (std::size_t use = 0; use < plan.rule_breakers.size(); ++use) {
      const auto& breaker = plan.rule_breakers[use];
      if (breaker != nullptr) add(plan, "rule", plan.uses[use].name, *breaker);
    }
  }
  for (const Entry& entry : entries) {
    out.gauge("lineup_breaker_open", "1 while the breaker lets nothing through.",
              entry.state.now == Breaker::State::Now::Closed ? 0.0 : 1.0, entry.labels);
  }
  for (const Entry& entry : entries) {
    out.counter("lineup_breaker_failures_total", "Failures that the breaker counted.",
                static_cast<double>(entry.state.failures), entry.labels);
  }
}

void add_evidence(const std::vector<Evidence::Status>& all, Families& out) {
  const auto labels = [](const Evidence::Status& each) {
    return Labels{{"event", each.event},
                  {"half_life_ms", std::to_string(each.half_life_ms)},
                  {"places", std::to_string(each.counts.places)}};
  };
  for (const auto& each : all) {
    out.gauge("lineup_evidence_items", "Items of which feedback is counted; no event: exposures.",
              static_cast<double>(each.counts.items), labels(each));
  }
  for (const auto& each : all) {
    out.counter("lineup_evidence_forgotten_total", "Items forgotten because the memory was full.",
                static_cast<double>(each.counts.forgotten), labels(each));
  }
}

void add_records(const lineup_engine& engine, Families& out) {
  const auto records = engine.recorder.counts();
  out.counter("lineup_records_dropped_total", "Requests of which no record was kept.",
              static_cast<double>(records.dropped));
  const auto decisions = engine.decisions.counts();
  out.counter("lineup_decisions_written_total", "Lines of the decision log.",
              static_cast<double>(decisions.written));
  out.counter("lineup_decisions_dropped_total", "Decisions that should have been there.",
              static_cast<double>(decisions.dropped));
  out.counter("lineup_audit_lost_total", "Changes that could not be written to the audit log.",
              static_cast<double>(engine.audit.counts().lost));
  out.counter("lineup_feedbacks_total", "Feedbacks taken.",
              static_cast<double>(engine.feedback.counts().feedbacks));
  add_evidence(engine.evidence.status(), out);
}

}  // namespace

std::string metrics_text(lineup_engine& engine) {
  Families out;
  add_requests(engine, out);
  add_times(engine, out);
  add_revision(engine, out);
  add_records(engine, out);
  add_emergency(engine, out);
  add_breakers(engine, out);
  return out.text();
}

Result<void> write_metrics(lineup_engine& engine) {
  const std::string path = engine.options.state_directory + "/" + kMetricsName;
  const std::string temporary = path + ".tmp";
  std::error_code ignored;
  std::filesystem::create_directories(engine.options.state_directory, ignored);
  std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
  errno = 0;
  file << metrics_text(engine);
  // Read by others at any time: whole or not at all.
  if (file.flush() && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  return failure("metrics/not-kept",
                 fmt::format("`{}` cannot be written: {}", path,
                             errno == 0 ? "unknown reason" : std::strerror(errno)));
}

}  // namespace lineup

lineup_status lineup_metrics_text(lineup_engine* engine, const lineup_text_sink* sink) {
  if (engine == nullptr || sink == nullptr) return LINEUP_E_INVALID_INPUT;
  try {
    const std::string text = lineup::metrics_text(*engine);
    sink->write(sink->context, lineup::text_of(text));
    return LINEUP_OK;
  } catch (...) {  // nothing may be thrown across the interface
    return LINEUP_E_INTERNAL;
  }
}
