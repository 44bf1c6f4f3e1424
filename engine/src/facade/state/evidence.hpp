// SPDX-License-Identifier: Apache-2.0
//
// What feedback told of items, counted for the columns that policies say are evidence. Counts
// outlive revisions, and policies that count the same share them.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "control/exposure_memory.hpp"
#include "control/item_counts.hpp"
#include "policy/document.hpp"

namespace lineup {

// A column of a scene that evidence fills.
struct SceneEvidence {
  std::uint32_t handle = 0;  // of the column
  std::shared_ptr<const ItemCounts> counts;
};

class Evidence {
 public:
  // The counts of what the policy says: the same ones as long as anybody has them. [control]
  [[nodiscard]] std::shared_ptr<const ItemCounts> counts(const PolicyEvidence& what);
  // The clock of a request that reads them. [request]
  void note(std::int64_t now_ms) noexcept;
  // Counts one feedback that was not told before. A row counts as exposed once for a request,
  // however often it is told. [any]
  void hear(std::string_view request_id, const Told& told);

  struct Status {
    std::string event;  // empty: rows that were seen
    std::int64_t half_life_ms = 0;
    ItemCounts::Totals counts;
  };
  [[nodiscard]] std::vector<Status> status() const;

 private:
  struct Key {
    std::string event;
    std::int64_t half_life_ms;
    std::uint32_t items;
    bool operator<(const Key& other) const;
  };
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<ItemCounts>> all_;
  std::unique_ptr<Repetitions> exposed_;  // rows of requests; made with the first counts
  std::atomic<std::int64_t> latest_ms_{INT64_MIN};
};

}  // namespace lineup
