// SPDX-License-Identifier: Apache-2.0
//
// Good revisions on disk, whole: what a cold start serves when the bundle's directory cannot be
// served. Contents are kept once however many revisions share them.
//
//   DIR/objects/HASH              contents, by their hash
//   DIR/kept/REVISION/bundle/...  the bundle's own files, links to objects
//   DIR/kept/REVISION/library/... what was installed beside the engine
//   DIR/starts/REVISION           how often it was begun to be served and did not get to be stable
//   DIR/journal.json              which are good, which are quarantined
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "rollout/store_files.hpp"
#include "rollout/verifier.hpp"

namespace lineup {

// Where the files of a kept revision lie.
struct KeptRevision {
  std::string bundle;
  std::string rules;    // of the library; empty: none
  std::string plugins;  // of the library; empty: none
};

// One thread at a time.
class RevisionStore {
 public:
  // LIMIT: starts of a revision that did not come to be stable; after so many it is passed over.
  static constexpr int kUncleanMax = 2;

  RevisionStore(StoreFiles& files, std::string directory);

  // Writes a revision; nothing to do when it is kept already. Whoever sees the name sees the whole
  // revision. Codes: rollout/disk. [control]
  [[nodiscard]] Result<void> keep(const StagedRevision& revision);
  // Error rollout/not-found when it is not kept. [control]
  [[nodiscard]] Result<KeptRevision> find(std::string_view hash) const;
  // Removes all revisions but these, and contents that nothing uses any more. [control]
  void keep_only(const std::vector<std::string>& hashes);

  // Notes that the revision is about to be built and served; lasts until it is stable or the engine
  // is closed in order. [control]
  [[nodiscard]] Result<void> begin_start(std::string_view hash);
  void end_start(std::string_view hash);
  [[nodiscard]] int unclean_starts(std::string_view hash) const;

  [[nodiscard]] Result<void> write_journal(std::string_view text);
  // Empty: nothing was written yet. [control]
  [[nodiscard]] std::string read_journal() const;

 private:
  [[nodiscard]] Result<std::string> keep_object(const StagedContent& file);
  [[nodiscard]] std::string path(std::string_view folder, std::string_view name) const;

  StoreFiles& files_;
  std::string directory_;
};

}  // namespace lineup
