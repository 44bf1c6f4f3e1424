// SPDX-License-Identifier: Apache-2.0
//
// The file is compared with what was read before, not its times: it is small, it is looked at a few
// times a second, and a clock or a file system that is coarse must not hide a change. A revision is
// bound before it serves, so no request meets one that the overlay does not know.
#include "facade/state/emergency_keeper.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace lineup {

namespace {

constexpr std::uint64_t kBytesMax = 1U << 20;  // LIMIT: ten thousand values fit

std::string sentences_of(const Diagnostics& findings) {
  std::string out;
  for (const Diagnostic& finding : findings.all()) {
    std::string text = render(finding, "");
    if (text.ends_with('\n')) text.pop_back();
    out += (out.empty() ? "" : "\n") + text;
  }
  return out;
}

// What no plan has is a mistake of the overlay; what some do not have is in the nature of things.
void raise_common(const Diagnostics& warnings, std::size_t plans, Diagnostics& findings) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> counts;
  for (const Diagnostic& finding : warnings.all()) {
    if (finding.severity == Severity::Error) {
      findings.error(finding.span, finding.code, finding.message, finding.hint);
    } else if (++counts[{finding.span.line, finding.span.column}] == plans) {
      findings.error(finding.span, finding.code, finding.message,
                     plans > 1 ? "and so it is in every other scene" : "");
    }
  }
}

}  // namespace

EmergencyKeeper::EmergencyKeeper(std::vector<Place> places, std::uint32_t sessions,
                                 const TrustGate& gate, Tell tell)
    : places_(std::move(places)), gate_(gate), tell_(std::move(tell)), published_(sessions, 1) {}

EmergencyKeeper::Seen EmergencyKeeper::read_file() const {
  for (const Place& place : places_) {
    auto contents = disk().read(place.path, kBytesMax);
    if (!contents && contents.error().code == "reload/not-found") continue;
    Seen seen{place.path, contents ? *contents : contents.error().message, {}};
    if (!place.needs_signature) return seen;
    if (auto signatures = disk().read(place.path + ".sig", kBytesMax)) {
      seen.signatures = std::move(*signatures);
    }
    return seen;
  }
  return {};
}

void EmergencyKeeper::look(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  published_.collect();
  watch_left_out();
  if (acts_ && now_ms >= document_.until_ms) withdraw("expired");
  Seen seen = read_file();
  if (seen == seen_) return;
  seen_ = std::move(seen);
  refusal_.clear();
  if (seen_.path.empty()) {
    if (acts_) withdraw("removed");
  } else {
    take(seen_, now_ms);
  }
}

void EmergencyKeeper::take(const Seen& seen, std::int64_t now_ms) {
  EmergencyDocument document;
  Diagnostics findings;
  (void)parse_emergency(seen.path, seen.contents, now_ms, document, findings);
  const auto place = std::find_if(places_.begin(), places_.end(),
                                  [&](const Place& each) { return each.path == seen.path; });
  if (!findings.has_errors() && place->needs_signature) {
    gate_.verify_apart(seen.path, seen.contents, seen.signatures, document.scenes, now_ms,
                       findings);
  }
  if (findings.has_errors() || !fits(document, findings)) return refuse(document, findings);
  if (now_ms >= document.until_ms) {
    if (acts_) withdraw("removed");
    tell_({"expired", document.who, document.why, seen.path, "it had run out when it was read"});
    return;
  }
  document_ = std::move(document);
  counts_ = std::make_shared<EmergencyCounts>();
  left_out_told_ = false;
  Diagnostics partly;
  bind_locked(partly);
  tell_({"active", document_.who, document_.why, seen.path, sentences_of(partly)});
}

// Whether it can be bound to what serves.
bool EmergencyKeeper::fits(const EmergencyDocument& document, Diagnostics& findings) const {
  std::shared_ptr<const Revision> newest;
  for (const auto& each : revisions_) {
    if (auto revision = each.lock()) newest = std::move(revision);
  }
  if (newest == nullptr) return true;
  std::size_t plans = 0;
  Diagnostics bound;
  for (const Scene& scene : newest->scenes) {
    if (!document.speaks_for(scene.plan->scene)) continue;
    ++plans;
    (void)bind_emergency(document, *scene.plan, std::make_shared<EmergencyCounts>(), bound);
  }
  raise_common(bound, plans, findings);
  if (plans == 0) {
    Span span;
    span.file = document.path;
    findings.error(span, "emergency/unknown", "it speaks for no scene that serves");
  }
  return !findings.has_errors();
}

void EmergencyKeeper::refuse(const EmergencyDocument& document, const Diagnostics& findings) {
  refusal_ = sentences_of(findings);
  tell_({"refused", document.who, document.why, seen_.path, refusal_});
}

void EmergencyKeeper::withdraw(const char* result) {
  watch_left_out();
  acts_.store(false, std::memory_order_release);
  published_.publish(fmt::format("{}", ++published_count_), std::make_shared<const Bound>());
  tell_({result, document_.who, document_.why, document_.path,
         fmt::format("it took {} rows from {} requests", counts_->rows.load(),
                     counts_->requests.load())});
}

void EmergencyKeeper::bind_locked(Diagnostics& findings) {
  auto bound = std::make_shared<Bound>();
  for (const auto& each : revisions_) {
    const auto revision = each.lock();
    if (revision == nullptr) continue;
    for (const Scene& scene : revision->scenes) {
      if (!document_.speaks_for(scene.plan->scene)) continue;
      bound->emergencies.push_back(bind_emergency(document_, *scene.plan, counts_, findings));
    }
  }
  published_.publish(fmt::format("{}", ++published_count_), std::move(bound));
  acts_.store(true, std::memory_order_release);
}

void EmergencyKeeper::serves(const std::shared_ptr<const Revision>& revision) {
  const std::lock_guard lock(mutex_);
  std::erase_if(revisions_, [](const auto& each) { return each.expired(); });
  revisions_.emplace_back(revision);
  if (!acts_) return;
  Diagnostics findings;
  bind_locked(findings);
}

// A page that the overlay would have emptied is told once: it is wrong, and somebody has to know.
void EmergencyKeeper::watch_left_out() {
  if (!acts_ || left_out_told_ || counts_->left_out.load() == 0) return;
  left_out_told_ = true;
  tell_({"left out", document_.who, document_.why, document_.path,
         fmt::format("it would take more than {:g}% of the rows of a request, and does not act on "
                     "such",
                     document_.most * 100.0)});
}

EmergencyStatus EmergencyKeeper::status() const {
  const std::lock_guard lock(mutex_);
  EmergencyStatus out;
  out.refusal = refusal_;
  if (!acts_) return out;
  out.state = "active";
  out.path = document_.path;
  out.who = document_.who;
  out.why = document_.why;
  out.until_ms = document_.until_ms;
  out.requests = counts_->requests.load();
  out.rows = counts_->rows.load();
  out.left_out = counts_->left_out.load();
  return out;
}

}  // namespace lineup
