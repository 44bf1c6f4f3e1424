// SPDX-License-Identifier: Apache-2.0
//
// Follows the emergency overlay of an engine: a file that acts within a second of being saved, for
// every revision that serves, until it runs out or is removed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "facade/revision.hpp"
#include "facade/rollout/trust_gate.hpp"
#include "plan/emergency.hpp"
#include "reload/file_source.hpp"
#include "reload/published.hpp"

namespace lineup {

inline constexpr const char* kEmergencyName = "emergency.yaml";

// Something to be told and remembered of the overlay.
struct EmergencyEvent {
  std::string result;  // "active", "refused", "expired", "removed", "left out"
  std::string who;
  std::string why;
  std::string path;
  std::string detail;
};

struct EmergencyStatus {
  std::string state = "none";  // "none", "active"
  std::string path;
  std::string who;
  std::string why;
  std::int64_t until_ms = 0;
  std::uint64_t requests = 0;
  std::uint64_t rows = 0;
  std::uint64_t left_out = 0;
  std::string refusal;  // why the file as it is now was refused; empty: it was not
};

class EmergencyKeeper {
 public:
  struct Place {
    std::string path;
    bool needs_signature = false;  // when the engine takes signed bundles only
  };
  using Tell = std::function<void(const EmergencyEvent&)>;

  // The first place that has a file counts.
  EmergencyKeeper(std::vector<Place> places, std::uint32_t sessions, const TrustGate& gate,
                  Tell tell);

  // Looks at the file and, when it is another than before, makes it act or says why not. What acted
  // before goes on acting while another is refused. [control]
  void look(std::int64_t now_ms);
  // A revision that is about to serve. Called before its first request. [control]
  void serves(const std::shared_ptr<const Revision>& revision);

  // What acts on a request of this plan, until unpin(); null: nothing does. Lock-free. [request]
  [[nodiscard]] const Emergency* pin(std::uint32_t session, const Plan* plan) noexcept {
    if (!acts_.load(std::memory_order_acquire)) return nullptr;
    const Bound* bound = published_.pin(session);
    for (std::size_t i = 0; bound != nullptr && i < bound->emergencies.size(); ++i) {
      if (bound->emergencies[i]->plan == plan) return bound->emergencies[i].get();
    }
    published_.unpin(session);
    return nullptr;
  }
  // After pin() gave something. [request]
  void unpin(std::uint32_t session) noexcept { published_.unpin(session); }

  [[nodiscard]] EmergencyStatus status() const;

 private:
  struct Bound {
    std::vector<std::unique_ptr<Emergency>> emergencies;
  };
  struct Seen {
    std::string path;
    std::string contents;
    std::string signatures;
    bool operator==(const Seen&) const = default;
  };

  [[nodiscard]] Seen read_file() const;
  void take(const Seen& seen, std::int64_t now_ms);
  void refuse(const EmergencyDocument& document, const Diagnostics& findings);
  void withdraw(const char* result);
  void bind_locked(Diagnostics& findings);
  [[nodiscard]] bool fits(const EmergencyDocument& document, Diagnostics& findings) const;
  void watch_left_out();

  const std::vector<Place> places_;
  const TrustGate& gate_;
  const Tell tell_;
  mutable std::mutex mutex_;  // never the request path
  std::atomic<bool> acts_{false};
  Published<Bound> published_;
  std::uint64_t published_count_ = 0;
  std::vector<std::weak_ptr<const Revision>> revisions_;  // the newest last
  Seen seen_;
  EmergencyDocument document_;  // of what acts
  std::shared_ptr<EmergencyCounts> counts_;
  bool left_out_told_ = false;
  std::string refusal_;
};

}  // namespace lineup
