// SPDX-License-Identifier: Apache-2.0
//
// Live values: weights and parameters that are set while the engine serves. Kept apart from
// revisions: a reload changes no live value, a live value makes no revision. Every change is
// bounded, may expire, and is kept with who and why.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "plan/plan.hpp"

namespace lineup {

struct LiveChange {
  std::int64_t at_ms = 0;
  std::string scene;
  std::string name;
  double before = 0.0;
  double after = 0.0;  // NaN: it was taken back
  std::int64_t expires_ms = 0;
  std::string who;
  std::string why;
  std::string refusal;  // empty: it was done
};

// Thread safe. The cells it hands out are read by requests without a lock.
class LiveWeights {
 public:
  // With a directory values survive a restart: `weights.json`, written by rename. Empty: not kept.
  explicit LiveWeights(std::string state_directory);

  // The cell of one dial of a scene: the same one for ever. [control]
  [[nodiscard]] std::shared_ptr<const LiveValue> cell(std::string_view scene,
                                                      std::string_view name);

  // Sets a value within the dial's bounds and step. Errors: weights/out-of-bounds, weights/step,
  // weights/not-kept. [any]
  Result<void> set(std::string_view scene, const Dial& dial, double value, std::int64_t ttl_ms,
                   std::int64_t now_ms, std::string_view who, std::string_view why);
  // Takes a value back: the policy's counts again. [any]
  Result<void> clear(std::string_view scene, const Dial& dial, std::int64_t now_ms,
                     std::string_view who, std::string_view why);
  // Every change and every refusal, oldest first. LIMIT: the last 10 000. [any]
  [[nodiscard]] std::vector<LiveChange> history() const;
  // Values that are set now: scene, name, value, expiry. [any]
  [[nodiscard]] std::vector<LiveChange> current(std::int64_t now_ms) const;
  // Why the kept values could not be read at the start; empty: they could.
  [[nodiscard]] const std::string& load_fault() const { return load_fault_; }

 private:
  using Key = std::pair<std::string, std::string>;
  std::shared_ptr<LiveValue> cell_locked(std::string_view scene, std::string_view name);
  Result<void> keep_locked() const;
  void load();
  void note(LiveChange change);

  mutable std::mutex mutex_;
  std::string path_;
  std::string load_fault_;
  std::map<Key, std::shared_ptr<LiveValue>> cells_;
  std::vector<LiveChange> history_;
};

}  // namespace lineup
