// SPDX-License-Identifier: Apache-2.0
//
// The manifests that an engine accepted, newest last: what a new one changes is judged against its
// parent here, and one that was accepted before is no change.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "trust/manifest.hpp"

namespace lineup {

// LIMIT: manifests that are remembered; a revision whose parent is older than that must be signed
// for every file it holds.
inline constexpr std::size_t kAcceptedMax = 64;

// One thread at a time.
class AcceptedManifests {
 public:
  // With a directory they survive a restart, as files named by number and content; what is broken
  // there is passed over. Empty: they are kept in memory.
  explicit AcceptedManifests(std::string directory = {});

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  // Whether these very bytes were accepted. [control]
  [[nodiscard]] bool knows(std::string_view manifest_bytes) const;
  // The newest accepted manifest of a revision; null when there is none. [control]
  [[nodiscard]] const Manifest* find(std::string_view revision) const;
  // Remembers a manifest that was verified; one that is known becomes the newest. Code:
  // trust/not-kept. [control]
  [[nodiscard]] Result<void> remember(std::string_view manifest_bytes, const Manifest& manifest);

 private:
  struct Entry {
    std::string sha256;
    Manifest manifest;
    std::string path;  // empty: in memory only
  };
  void load();
  void drop(std::size_t index);

  std::string directory_;
  std::deque<Entry> entries_;
  std::uint64_t next_ = 1;
};

}  // namespace lineup
