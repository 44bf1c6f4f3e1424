// SPDX-License-Identifier: Apache-2.0
//
// The trust file is no part of the bundle and may change while the engine runs; a key that was
// taken out of it counts no more from the next change on. One that cannot be read lets nothing in.
#include "facade/rollout/trust_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "lineup/status.h"
#include "policy/parse.hpp"
#include "reload/file_source.hpp"

namespace lineup {

namespace {

namespace fs = std::filesystem;

Span in_file(std::string file) {
  Span span;
  span.file = std::move(file);
  return span;
}

std::string scene_of(const StagedContent& file) {
  PolicyDocument document;
  Diagnostics said_later;  // when the policy is compiled
  (void)parse_policy(std::string(file.path), std::string(file.contents), document, said_later);
  return document.scene;
}

std::optional<std::string_view> text_of(std::span<const StagedContent> files,
                                        std::string_view path) {
  for (const StagedContent& file : files) {
    if (file.path == path) return file.contents;
  }
  return std::nullopt;
}

// A draft stands over files of the bundle: it is nobody's yet.
bool has_drafts(std::span<const StagedContent> files) {
  return std::any_of(files.begin(), files.end(), [](const auto& file) { return file.draft; });
}

VerifyInput input_of(std::span<const StagedContent> staged, std::span<const ShippedFile> files) {
  VerifyInput input;
  input.files = files;
  input.manifest = text_of(staged, kManifestName);
  input.signatures = text_of(staged, kSignaturesName);
  input.abi_major = LINEUP_ABI_MAJOR;
  input.abi_minor = LINEUP_ABI_MINOR;
  return input;
}

bool lies_in(const std::string& path, const std::string& directory) {
  std::error_code error;
  const fs::path inner = fs::weakly_canonical(path, error);
  const fs::path outer = fs::weakly_canonical(directory, error);
  const auto [end, ignored] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return !error && !directory.empty() && end == outer.end();
}

}  // namespace

std::vector<StagedContent> staged_contents(const Bundle& bundle) {
  std::vector<StagedContent> out;
  for (const BundleFile& file : bundle.files) {
    out.push_back({file.path, *file.contents, file.content_hash,
                   file.library ? file.origin : file.path, file.library,
                   !file.library && file.origin.empty()});
  }
  return out;
}

std::vector<ShippedFile> shipped_files(std::span<const StagedContent> files) {
  std::vector<ShippedFile> out;
  for (const StagedContent& file : files) {
    if (file.library || file.path == kManifestName || file.path == kSignaturesName) continue;
    out.push_back({std::string(file.path), file.contents,
                   file.path.starts_with("policies/") ? scene_of(file) : std::string()});
  }
  return out;
}

Verified verify_unsigned(std::span<const StagedContent> files, Diagnostics& diagnostics) {
  if (!text_of(files, kManifestName) || has_drafts(files)) return {};
  const auto shipped = shipped_files(files);
  return verify_bundle(input_of(files, shipped), diagnostics);
}

TrustGate::TrustGate(TrustOptions options)
    : options_(std::move(options)),
      accepted_(options_.state_directory.empty() ? std::string()
                                                 : options_.state_directory + "/accepted") {}

std::optional<TrustFile> TrustGate::read_trust(Diagnostics& diagnostics) const {
  const std::string& path = options_.trust_file;
  if (lies_in(path, options_.bundle_directory)) {
    diagnostics.error(
        in_file(path), "trust/file",
        "the trust file lies in the bundle, where those can write it whom it is about",
        "keep it in a directory of its own");
    return std::nullopt;
  }
  const auto text = disk().read(path, kTrustBytesMax);
  if (!text) {
    diagnostics.error(in_file(path), "trust/file", text.error().message,
                      "without it no bundle is accepted; what serves keeps serving");
    return std::nullopt;
  }
  return parse_trust(*text, path, diagnostics);
}

Result<Provenance> TrustGate::verify(const StagedRevision& staged, Diagnostics& diagnostics) {
  Judged judged;
  judged.hash = staged.hash;
  judged.manifest = text_of(staged.files, kManifestName).value_or("");
  if (!asks_for_signatures()) {
    judged.verified = verify_unsigned(staged.files, diagnostics);
  } else if (const auto trust = read_trust(diagnostics)) {
    const auto files = shipped_files(staged.files);
    VerifyInput input = input_of(staged.files, files);
    input.trust = &*trust;
    input.accepted = &accepted_;
    input.now_ms = staged.now_ms;
    input.is_known = staged.from_store;
    judged.verified = verify_bundle(input, diagnostics);
  }
  // What serves is looked at again by whoever makes it again; it must not fall off the end.
  std::erase_if(judged_, [&](const Judged& each) { return each.hash == staged.hash; });
  judged_.push_front(std::move(judged));
  if (judged_.size() > kJudgedMax) judged_.pop_back();
  const Verified& found = judged_.front().verified;
  return Provenance{std::string(name_of(found.mode)), found.manifest.parent, found.manifest.author,
                    found.manifest.reason, found.signers};
}

const TrustGate::Judged* TrustGate::find(std::string_view hash) const {
  const auto at = std::find_if(judged_.begin(), judged_.end(),
                               [hash](const Judged& each) { return each.hash == hash; });
  return at == judged_.end() ? nullptr : &*at;
}

Result<void> TrustGate::activated(std::string_view hash) {
  const Judged* judged = find(hash);
  if (judged == nullptr) return {};
  {
    const std::lock_guard lock(mutex_);
    serving_ = judged->verified;
  }
  if (judged->verified.mode != TrustMode::Signed) return {};
  return accepted_.remember(judged->manifest, judged->verified.manifest);
}

Verified TrustGate::judged(std::string_view hash) const {
  const Judged* judged = find(hash);
  return judged == nullptr ? Verified() : judged->verified;
}

void TrustGate::verify_apart(const std::string& file, std::string_view bytes,
                             std::string_view signatures, const std::vector<std::string>& scenes,
                             std::int64_t now_ms, Diagnostics& diagnostics) const {
  if (!asks_for_signatures()) return;
  Diagnostics found;
  const auto trust = read_trust(found);
  const auto signers =
      trust ? signers_of(bytes, signatures, file + ".sig", *trust, now_ms, false, found)
            : std::vector<const TrustedKey*>();
  const auto owns = [&](const TrustedKey* key) {
    if (scenes.empty()) return key->all_scenes;
    return std::all_of(scenes.begin(), scenes.end(),
                       [key](const std::string& scene) { return key->owns(scene); });
  };
  if (!found.has_errors() && std::none_of(signers.begin(), signers.end(), owns)) {
    found.error(
        in_file(file), "trust/permission",
        "nobody signed this file who owns all the scenes it speaks for",
        scenes.empty() ? "name `scenes`, or have somebody sign it who owns every scene" : "");
  }
  diagnostics.append(found);
}

bool TrustGate::is_other_mode() {
  const TrustMode mode = serving().mode;
  const bool is_other = told_ != mode;
  told_ = mode;
  return is_other;
}

Verified TrustGate::serving() const {
  const std::lock_guard lock(mutex_);
  return serving_;
}

}  // namespace lineup
