// SPDX-License-Identifier: Apache-2.0
//
// Between a bundle that was read and the revision that is made of it: is it what somebody entitled
// said it is? And what the engine tells of that afterwards.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "reload/bundle.hpp"
#include "rollout/verifier.hpp"
#include "trust/verify.hpp"

namespace lineup {

// A bundle as verifiers look at it. Borrows from `bundle`. [control]
[[nodiscard]] std::vector<StagedContent> staged_contents(const Bundle& bundle);

// Of these, what the bundle itself ships: not what is installed, not the manifest. Scenes are read
// out of policies. [control]
[[nodiscard]] std::vector<ShippedFile> shipped_files(std::span<const StagedContent> files);

// Holds a bundle against its own manifest, when it has one, asking nobody who wrote it. [control]
[[nodiscard]] Verified verify_unsigned(std::span<const StagedContent> files,
                                       Diagnostics& diagnostics);

struct TrustOptions {
  std::string trust_file;  // empty: bundles need no signature
  std::string bundle_directory;
  std::string state_directory;  // empty: what was accepted is forgotten with the process
};

class TrustGate final : public Verifier {
 public:
  explicit TrustGate(TrustOptions options);

  // Everything that is wrong with the bundle's manifest, signatures and signers. The trust file is
  // read anew each time. What comes from the store was accepted when it went live: it needs the
  // signatures of keys that are still trusted, and nothing else. [control]
  [[nodiscard]] Result<Provenance> verify(const StagedRevision& staged,
                                          Diagnostics& diagnostics) override;
  // Files that were verified serve, now or again: what comes later is a change of them. `hash` is
  // theirs. Code: trust/not-kept. [control]
  [[nodiscard]] Result<void> activated(std::string_view hash);

  // Whether `bytes`, a file of the bundle's directory that stands apart from its manifest, were
  // signed by keys that own all of `scenes`; empty: every scene. Nothing is asked of it without a
  // trust file. [control]
  void verify_apart(const std::string& file, std::string_view bytes, std::string_view signatures,
                    const std::vector<std::string>& scenes, std::int64_t now_ms,
                    Diagnostics& diagnostics) const;

  // Whether what serves is of another mode than when this was asked last. [control]
  [[nodiscard]] bool is_other_mode();
  [[nodiscard]] bool asks_for_signatures() const { return !options_.trust_file.empty(); }
  // Of the files with this hash, whatever came of it; nothing when nobody looked at them. [control]
  [[nodiscard]] Verified judged(std::string_view hash) const;
  // Of what serves. [any]
  [[nodiscard]] Verified serving() const;

 private:
  // LIMIT: bundles whose judgement is remembered: what serves, what is on trial, what was served
  // and may be gone back to, and what is tried and refused meanwhile.
  static constexpr std::size_t kJudgedMax = 32;
  struct Judged {
    std::string hash;
    std::string manifest;
    Verified verified;
  };

  [[nodiscard]] const Judged* find(std::string_view hash) const;
  [[nodiscard]] std::optional<TrustFile> read_trust(Diagnostics& diagnostics) const;

  const TrustOptions options_;
  AcceptedManifests accepted_;
  std::deque<Judged> judged_;  // newest first, each hash once
  std::optional<TrustMode> told_;
  mutable std::mutex mutex_;
  Verified serving_;
};

}  // namespace lineup
