// SPDX-License-Identifier: Apache-2.0
//
// Who changed what, when, why, and what came of it: kept in a database in the engine's state
// directory, which can be added to and read, never rewritten. (SQLite.)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace lineup {

struct AuditEntry {
  std::int64_t number = 0;  // set by the log: later entries have larger ones
  std::int64_t at_ms = 0;
  std::string who;     // empty: nobody said
  std::string what;    // "revision", "weight", "emergency", "rollout", "engine"
  std::string target;  // which one
  std::string why;
  std::string result;  // "active", "refused", ...
  std::string detail;  // JSON or a sentence; may be empty
};

struct AuditQuery {
  std::int64_t since_ms = INT64_MIN;
  std::size_t most = 1000;  // the newest
};

class AuditLog {
 public:
  struct Counts {
    std::uint64_t written = 0;
    std::uint64_t waiting = 0;  // not on the disk yet
    std::uint64_t lost = 0;     // more waited than are kept, or the log was closed meanwhile
  };

  // Entries go to DIRECTORY/audit.db. Empty: nothing is kept, and nothing counts as lost.
  explicit AuditLog(const std::string& directory);
  // Writes what is waiting.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // Hands the entry to a thread that writes it, and returns. [any]
  void note(AuditEntry entry);
  // Waits until what was handed over is on the disk, or a disk that fails was tried with it. What
  // could not be written waits and is tried again. [control]
  void flush();
  [[nodiscard]] Counts counts() const;
  // Why entries wait, or why some were lost; empty: all is written. [any]
  [[nodiscard]] std::string fault() const;

 private:
  class Writer;
  std::unique_ptr<Writer> writer_;  // null: nothing is kept
};

[[nodiscard]] std::string audit_path(const std::string& directory);

// Entries of a state directory, oldest first, also while an engine writes there. Codes: audit/none
// (nothing was kept there), audit/unreadable. [control]
[[nodiscard]] Result<std::vector<AuditEntry>> read_audit(const std::string& directory,
                                                         const AuditQuery& query);

}  // namespace lineup
