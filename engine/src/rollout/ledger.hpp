// SPDX-License-Identifier: Apache-2.0
//
// Where every revision is on its way. One place decides which step may be taken; what must outlive
// the process (which are good, which are quarantined) is written as text and read from it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "rollout/stage.hpp"
#include "rollout/verifier.hpp"

namespace lineup {

// One content, named by its hash.
struct LedgerEntry {
  std::string hash;
  std::string id;
  Stage stage = Stage::Seen;
  std::int64_t since_ms = 0;
  RolloutFault fault;  // RolledBack, Quarantined: why
  Provenance provenance;
};

class Ledger {
 public:
  // LIMIT: good revisions that are kept, the one that serves among them.
  static constexpr std::size_t kGoodMax = 6;
  // LIMIT: contents that are remembered as bad; beyond, the oldest may be tried again.
  static constexpr std::size_t kQuarantineMax = 256;

  explicit Ledger(const Clock& clock) : clock_(clock) {}

  // Contents turned up. Refused (rollout/quarantined) when they were put away; what is on its way
  // to the same contents begins anew, what is on its way to others is superseded.
  [[nodiscard]] Result<void> see(std::string_view hash, std::string_view id);
  // The next step of the contents that are on their way, or of those that serve or did. Refused
  // (rollout/step) when there is no such step. Active supersedes what served.
  [[nodiscard]] Result<void> reach(std::string_view hash, Stage stage);
  void set_provenance(std::string_view hash, Provenance provenance);
  // The contents will not serve, now; others may be tried, and these again.
  void turn_down(std::string_view hash);
  // The contents will not serve until they change. Refused when they serve.
  [[nodiscard]] Result<void> quarantine(std::string_view hash, RolloutFault fault);
  // What serves is taken back and quarantined, and the newest good revision before it serves; its
  // entry is the answer. Refused (rollout/no-previous) when there is none.
  [[nodiscard]] Result<LedgerEntry> roll_back(RolloutFault fault);
  // What roll_back() would go back to; null: nothing.
  [[nodiscard]] const LedgerEntry* previous() const;

  // Null: none.
  [[nodiscard]] const LedgerEntry* active() const;
  [[nodiscard]] const LedgerEntry* on_its_way() const;
  [[nodiscard]] const LedgerEntry* quarantined(std::string_view hash) const;
  [[nodiscard]] const std::deque<LedgerEntry>& quarantine() const { return quarantine_; }
  // Good revisions, the one that serves or served last first.
  [[nodiscard]] const std::deque<LedgerEntry>& good() const { return good_; }

  // The active revision proved itself: from now on a cold start may serve it.
  void mark_good();

  [[nodiscard]] std::string write() const;
  // Replaces everything. False, and empty, when the text is not what write() made.
  bool read(std::string_view text);

 private:
  [[nodiscard]] LedgerEntry* find(std::string_view hash);
  void put_away(LedgerEntry entry);

  const Clock& clock_;
  std::deque<LedgerEntry> good_;        // newest first; the active one is here once it is good
  std::deque<LedgerEntry> quarantine_;  // newest first
  std::vector<LedgerEntry> active_;     // none or one
  std::vector<LedgerEntry> way_;        // none or one
};

}  // namespace lineup
