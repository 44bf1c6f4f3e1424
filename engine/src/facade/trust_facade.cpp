// SPDX-License-Identifier: Apache-2.0
//
// The program reads a bundle the way an engine does, so that a manifest lists exactly the files
// that an engine will look for.
#include "facade/trust_facade.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "audit/audit_log.hpp"
#include "base/clock.hpp"
#include "facade/rollout/trust_gate.hpp"
#include "lineup/status.h"
#include "native/inspect.hpp"

namespace lineup {

namespace {

namespace fs = std::filesystem;

// Whole or not at all: under another name, synchronised, renamed. `is_new`: never over a file.
Result<void> write_file(const std::string& path, std::string_view text, int mode, bool is_new) {
  const auto failed = [&path] {
    return failure("trust/write",
                   fmt::format("`{}` cannot be written: {}", path, std::strerror(errno)));
  };
  const std::string target = is_new ? path : path + ".tmp";
  const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (is_new ? O_EXCL : O_TRUNC);
  const int file = ::open(target.c_str(), flags, mode);
  if (file < 0) return failed();
  bool fine = true;
  for (std::size_t done = 0; fine && done < text.size();) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    fine = wrote > 0;
    if (fine) done += static_cast<std::size_t>(wrote);
  }
  fine = fine && ::fsync(file) == 0;
  const int fault = errno;
  ::close(file);
  errno = fault;
  if (!fine || (!is_new && ::rename(target.c_str(), path.c_str()) != 0)) return failed();
  return {};
}

Result<Bundle> read_own(const std::string& directory) {
  BundleSources sources;
  sources.directory = directory;
  auto bundle = read_bundle(sources);
  if (bundle && bundle->files.empty()) {
    return failure(
        "reload/no-bundle",
        fmt::format("`{}` holds no file of a bundle; it needs policies/ at least", directory));
  }
  return bundle;
}

// What the plugins of the bundle need of the host, together.
void require_abi(const Bundle& bundle, Manifest& manifest) {
  manifest.abi_major = LINEUP_ABI_MAJOR;
  for (const BundleFile* file : bundle.in_folder("plugins")) {
    const auto facts =
        inspect(std::as_bytes(std::span(file->contents->data(), file->contents->size())));
    if (!facts) continue;  // said when the bundle is checked
    manifest.abi_minor = std::max<std::uint32_t>(manifest.abi_minor, facts->required_minor);
  }
}

Result<void> check_key_file(const std::string& path) {
  std::error_code error;
  const auto mode = fs::status(path, error).permissions();
  const auto others = fs::perms::group_all | fs::perms::others_all;
  if (error || (mode & others) == fs::perms::none) return {};
  return failure("trust/key", fmt::format("`{}` can be read by others: `chmod 600` it", path));
}

void keep_manifest(const Manifest& manifest, BundleJudgement& out) {
  out.revision = manifest.revision;
  out.parent = manifest.parent;
  out.author = manifest.author;
  out.reason = manifest.reason;
  out.created = manifest.created;
  out.abi = fmt::format("{}.{}", manifest.abi_major, manifest.abi_minor);
  out.scenes.assign(manifest.scenes.begin(), manifest.scenes.end());
  for (const ManifestFile& file : manifest.files) {
    out.files.push_back({file.path, file.sha256, file.size});
  }
}

void find_signers(const Bundle& bundle, const TrustFile* trust, BundleJudgement& out) {
  const BundleFile* file = bundle.find(kSignaturesName);
  if (file == nullptr) return;
  Diagnostics said_by_the_verifier;
  for (const Signature& signature :
       parse_signatures(*file->contents, kSignaturesName, said_by_the_verifier)) {
    const TrustedKey* key = trust == nullptr ? nullptr : trust->find(signature.key);
    out.signers.push_back({signature.key, key == nullptr ? std::string() : key->name});
  }
}

void fault(Diagnostics& diagnostics, const std::string& file, const Error& error) {
  Span span;
  span.file = file;
  diagnostics.error(span, error.code, error.message);
}

}  // namespace

Result<ManifestMade> create_manifest(const ManifestOrder& order) {
  const auto bundle = read_own(order.bundle);
  if (!bundle) return tl::unexpected(bundle.error());
  const auto staged = staged_contents(*bundle);
  const auto files = shipped_files(staged);
  Manifest manifest = make_manifest(files);
  manifest.author = order.author;
  manifest.reason = order.reason;
  manifest.created = format_time(order.created_ms);
  require_abi(*bundle, manifest);
  if (order.parent) {
    manifest.parent = *order.parent;
  } else if (const BundleFile* before = bundle->find(kManifestName)) {
    Diagnostics ignored;
    const auto old = parse_manifest(*before->contents, kManifestName, ignored);
    if (old) manifest.parent = old->revision == manifest.revision ? old->parent : old->revision;
  }
  ManifestMade made{order.bundle + "/" + kManifestName, manifest.revision, manifest.parent,
                    manifest.files.size(), false};
  const std::string text = write_manifest(manifest);
  const BundleFile* before = bundle->find(kManifestName);
  const bool is_same = before != nullptr && *before->contents == text;
  if (!is_same && bundle->find(kSignaturesName) != nullptr) {
    // First, so that at no time they lie beside a manifest that they do not fit.
    std::error_code ignored;
    fs::remove(order.bundle + "/" + kSignaturesName, ignored);
    made.drops_signatures = true;
  }
  if (auto written = write_file(made.path, text, 0644, false); !written) {
    return tl::unexpected(written.error());
  }
  return made;
}

Result<KeyMade> make_key_file(const std::string& path, const std::string& name, bool is_engineer,
                              const std::vector<std::string>& scenes) {
  const SecretKey key = make_key(name);
  if (auto written = write_file(path, write_secret_key(key), 0600, true); !written) {
    return tl::unexpected(written.error());
  }
  return KeyMade{path, key_id(key.public_key),
                 write_key_entry(key, is_engineer ? Role::Engineer : Role::Operator, scenes)};
}

Result<Signed> sign_path(const std::string& path, const std::string& key_path,
                         Diagnostics& diagnostics) {
  const auto key_text = disk().read(key_path, kTrustBytesMax);
  if (!key_text) return tl::unexpected(key_text.error());
  if (auto kept = check_key_file(key_path); !kept) return tl::unexpected(kept.error());
  const auto key = parse_secret_key(*key_text);
  if (!key) return failure("trust/key", fmt::format("`{}`: {}", key_path, key.error().message));
  std::error_code ignored;
  std::string bytes;
  Signed out;
  if (fs::is_directory(path, ignored)) {
    const auto bundle = read_own(path);
    if (!bundle) return tl::unexpected(bundle.error());
    const BundleFile* manifest = bundle->find(kManifestName);
    if (manifest == nullptr) {
      return failure("trust/no-manifest",
                     fmt::format("`{}` has no manifest: `lineup bundle create` writes one", path));
    }
    (void)verify_unsigned(staged_contents(*bundle), diagnostics);
    if (diagnostics.has_errors()) {
      return failure("trust/other-files", "the files are not those of the manifest");
    }
    bytes = *manifest->contents;
    out.path = path + "/" + kSignaturesName;
  } else {
    const auto text = disk().read(path, kTrustBytesMax);
    if (!text) return tl::unexpected(text.error());
    bytes = *text;
    out.path = path + ".sig";
  }
  std::vector<Signature> signatures;
  if (const auto there = disk().read(out.path, kTrustBytesMax)) {
    Diagnostics broken;
    for (Signature& signature : parse_signatures(*there, out.path, broken)) {
      signatures.push_back(std::move(signature));
    }
  }
  signatures.push_back(sign(bytes, *key));
  const std::string text = write_signatures(signatures);
  out.key = key_id(key->public_key);
  out.name = key->name;
  Diagnostics none;
  out.signature_count = parse_signatures(text, out.path, none).size();
  if (auto written = write_file(out.path, text, 0644, false); !written) {
    return tl::unexpected(written.error());
  }
  return out;
}

Result<std::vector<ChangeMade>> read_changes(const std::string& state_directory,
                                             std::int64_t since_ms, std::size_t most) {
  auto entries = read_audit(state_directory, {since_ms, most});
  if (!entries) return tl::unexpected(entries.error());
  std::vector<ChangeMade> out;
  for (AuditEntry& entry : *entries) {
    out.push_back({entry.number, entry.at_ms, std::move(entry.who), std::move(entry.what),
                   std::move(entry.target), std::move(entry.why), std::move(entry.result),
                   std::move(entry.detail)});
  }
  return out;
}

BundleJudgement judge_bundle(const JudgeOrder& order) {
  BundleJudgement out;
  const auto bundle = read_own(order.bundle);
  if (!bundle) {
    fault(out.diagnostics, order.bundle, bundle.error());
    return out;
  }
  AcceptedManifests accepted(order.state_directory.empty() ? std::string()
                                                           : order.state_directory + "/accepted");
  std::optional<AcceptedManifests> with_live;
  if (!order.live.empty()) {
    const auto live = disk().read(order.live + "/" + kManifestName, kTrustBytesMax);
    Diagnostics found;
    const auto manifest = live ? parse_manifest(*live, order.live, found) : std::nullopt;
    if (!live) fault(out.diagnostics, order.live, live.error());
    out.diagnostics.append(found);
    // In memory: looking changes nothing of what an engine keeps.
    with_live.emplace();
    if (manifest) (void)with_live->remember(*live, *manifest);
  }
  std::optional<TrustFile> trust;
  if (!order.trust.empty()) {
    const auto text = disk().read(order.trust, kTrustBytesMax);
    if (text) trust = parse_trust(*text, order.trust, out.diagnostics);
    if (!text) fault(out.diagnostics, order.trust, text.error());
  }
  const auto staged = staged_contents(*bundle);
  const auto files = shipped_files(staged);
  VerifyInput input;
  input.files = files;
  if (const BundleFile* file = bundle->find(kManifestName)) input.manifest = *file->contents;
  if (const BundleFile* file = bundle->find(kSignaturesName)) input.signatures = *file->contents;
  input.trust = trust ? &*trust : nullptr;
  input.accepted = with_live ? &*with_live : &accepted;
  input.now_ms = order.at_ms;
  input.abi_major = LINEUP_ABI_MAJOR;
  input.abi_minor = LINEUP_ABI_MINOR;
  const Verified verified = verify_bundle(input, out.diagnostics);
  out.mode = name_of(verified.mode);
  out.changed = verified.changed;
  if (input.manifest) {
    Diagnostics said_already;
    if (const auto manifest = parse_manifest(*input.manifest, kManifestName, said_already)) {
      keep_manifest(*manifest, out);
    }
  }
  find_signers(*bundle, input.trust, out);
  return out;
}

}  // namespace lineup
