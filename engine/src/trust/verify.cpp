// SPDX-License-Identifier: Apache-2.0
//
// Signatures come first: of what nobody entitled signed, nothing but bytes is looked at. Then the
// files are held against the manifest, then the change against what its signers may do.
#include "trust/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.hpp"
#include "trust/permission.hpp"

namespace lineup {

namespace {

Span in_file(std::string_view file) {
  Span span;
  span.file = file;
  return span;
}

constexpr const char* kCreateHint =
    "`lineup bundle create` writes a manifest of the files as they are; it has to be signed again";

void check_files(const Manifest& manifest, std::span<const ShippedFile> files,
                 Diagnostics& diagnostics) {
  std::set<std::string_view> there;
  for (const ShippedFile& file : files) {
    there.insert(file.path);
    const ManifestFile* listed = manifest.find(file.path);
    if (listed == nullptr) {
      diagnostics.error(in_file(file.path), "trust/extra", "the manifest does not list this file",
                        kCreateHint);
    } else if (listed->size != file.contents.size()) {
      diagnostics.error(in_file(file.path), "trust/size",
                        fmt::format("the file has {} bytes, the manifest says {}",
                                    file.contents.size(), listed->size),
                        "a copy that is not complete looks like that");
    } else if (listed->sha256 != sha256_of(file.contents)) {
      diagnostics.error(in_file(file.path), "trust/hash",
                        "the file is not the one that the manifest was made of", kCreateHint);
    }
  }
  for (const ManifestFile& listed : manifest.files) {
    if (there.count(listed.path) > 0) continue;
    diagnostics.error(in_file(listed.path), "trust/missing",
                      "the manifest lists this file, but it is not there",
                      "a copy that is not complete looks like that");
  }
}

void check_scenes(const Manifest& manifest, std::span<const ShippedFile> files,
                  Diagnostics& diagnostics) {
  std::map<std::string, std::string> real;
  for (const ShippedFile& file : files) {
    if (!file.scene.empty()) real.emplace(file.scene, file.path);
  }
  if (real == manifest.scenes) return;
  std::string words;
  for (const auto& [scene, path] : real) {
    words += fmt::format("{}`{}` in `{}`", words.empty() ? "" : ", ", scene, path);
  }
  diagnostics.error(in_file(kManifestName), "trust/scenes",
                    fmt::format("the scenes are not those of the policies, which are {}",
                                words.empty() ? "none" : words),
                    kCreateHint);
}

void check_abi(const Manifest& manifest, const VerifyInput& input, Diagnostics& diagnostics) {
  if (manifest.abi_major == input.abi_major && manifest.abi_minor <= input.abi_minor) return;
  diagnostics.error(
      in_file(kManifestName), "trust/abi",
      fmt::format("the bundle needs ABI {}.{}, this engine has {}.{}", manifest.abi_major,
                  manifest.abi_minor, input.abi_major, input.abi_minor),
      "a newer engine takes it, or plugins that were built for this one");
}

// Nothing: there was an error.
std::optional<std::vector<const TrustedKey*>> check_signed(const VerifyInput& input,
                                                           bool was_accepted,
                                                           Diagnostics& diagnostics) {
  if (!input.signatures) {
    diagnostics.error(in_file(kSignaturesName), "trust/unsigned",
                      "the manifest is not signed, and this engine takes signed bundles only",
                      "`lineup bundle sign DIR --key FILE` signs it");
    return std::nullopt;
  }
  Diagnostics found;
  auto signers = signers_of(*input.manifest, *input.signatures, kSignaturesName, *input.trust,
                            input.now_ms, was_accepted, found);
  const bool is_right = !found.has_errors() && !signers.empty();
  if (!found.has_errors() && signers.empty()) {
    found.error(in_file(kSignaturesName), "trust/unsigned", "the file holds no signature",
                "`lineup bundle sign DIR --key FILE` adds one");
  }
  diagnostics.append(found);
  if (!is_right) return std::nullopt;
  return signers;
}

}  // namespace

std::string_view name_of(TrustMode mode) {
  switch (mode) {
    case TrustMode::Development:
      return "development";
    case TrustMode::Unsigned:
      return "unsigned";
    case TrustMode::Signed:
      return "signed";
  }
  return "development";
}

std::vector<const TrustedKey*> signers_of(std::string_view bytes, std::string_view signatures,
                                          const std::string& file, const TrustFile& trust,
                                          std::int64_t now_ms, bool ignore_dates,
                                          Diagnostics& diagnostics) {
  std::vector<const TrustedKey*> signers;
  std::string unknown;
  for (const Signature& signature : parse_signatures(signatures, file, diagnostics)) {
    const TrustedKey* key = trust.find(signature.key);
    if (key == nullptr) {
      unknown = signature.key;
    } else if (!is_signed_by(bytes, signature, key->key)) {
      diagnostics.error(in_file(file), "trust/signature",
                        fmt::format("the signature of `{}` does not fit", key->name),
                        "what was signed has changed since: look at it and sign it again");
    } else if (!ignore_dates && key->until_ms && now_ms >= *key->until_ms) {
      diagnostics.error(
          in_file(file), "trust/expired-key",
          fmt::format("the key of `{}` was valid until {}", key->name, format_time(*key->until_ms)),
          "sign with a key that is valid");
    } else if (!ignore_dates && key->from_ms && now_ms < *key->from_ms) {
      diagnostics.error(
          in_file(file), "trust/expired-key",
          fmt::format("the key of `{}` is valid from {}", key->name, format_time(*key->from_ms)),
          "sign with a key that is valid");
    } else if (std::find(signers.begin(), signers.end(), key) == signers.end()) {
      signers.push_back(key);
    }
  }
  if (unknown.empty()) return signers;
  // One bundle may be signed for several places that trust different keys.
  const std::string message =
      fmt::format("there is a signature of key `{}`, which is not trusted here", unknown);
  if (signers.empty()) {
    diagnostics.error(in_file(file), "trust/unknown-key", message,
                      "the trust file lists the keys; `lineup bundle show` says who signed");
  } else {
    diagnostics.warning(in_file(file), "trust/unknown-key", message + ": it does not count");
  }
  return signers;
}

Verified verify_bundle(const VerifyInput& input, Diagnostics& diagnostics) {
  Verified out;
  if (!input.manifest) {
    if (input.trust == nullptr) return out;
    diagnostics.error(in_file(kManifestName), "trust/unsigned",
                      "the bundle has no manifest, and this engine takes signed bundles only",
                      "`lineup bundle create DIR` writes one, `lineup bundle sign DIR` signs it");
    return out;
  }
  const bool was_accepted =
      input.is_known || (input.accepted != nullptr && input.accepted->knows(*input.manifest));
  std::vector<const TrustedKey*> signers;
  if (input.trust != nullptr) {
    auto found = check_signed(input, was_accepted, diagnostics);
    if (!found) return out;
    signers = std::move(*found);
  }
  auto manifest = parse_manifest(*input.manifest, kManifestName, diagnostics);
  if (!manifest) return out;
  Diagnostics found;
  check_files(*manifest, input.files, found);
  check_scenes(*manifest, input.files, found);
  check_abi(*manifest, input, found);
  const Manifest* parent = input.accepted == nullptr || manifest->parent.empty()
                               ? nullptr
                               : input.accepted->find(manifest->parent);
  out.changed = changed_paths(*manifest, parent);
  if (input.trust != nullptr && !was_accepted && !found.has_errors()) {
    check_permissions({*manifest, parent, input.files, signers, *input.trust, out.changed,
                       input.now_ms, input.accepted == nullptr || input.accepted->empty()},
                      found);
  }
  diagnostics.append(found);
  out.mode = input.trust == nullptr ? TrustMode::Unsigned : TrustMode::Signed;
  out.manifest = std::move(*manifest);
  for (const TrustedKey* signer : signers) out.signers.push_back(signer->name);
  return out;
}

Manifest make_manifest(std::span<const ShippedFile> files) {
  Manifest manifest;
  for (const ShippedFile& file : files) {
    manifest.files.push_back({file.path, sha256_of(file.contents), file.contents.size()});
    if (!file.scene.empty()) manifest.scenes.emplace(file.scene, file.path);
  }
  std::sort(manifest.files.begin(), manifest.files.end(),
            [](const ManifestFile& a, const ManifestFile& b) { return a.path < b.path; });
  manifest.revision = revision_of(manifest.files);
  return manifest;
}

}  // namespace lineup
