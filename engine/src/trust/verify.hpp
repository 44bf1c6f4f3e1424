// SPDX-License-Identifier: Apache-2.0
//
// Whether a bundle is what somebody entitled said it is: every file of the manifest and no other,
// byte for byte, signed by keys that may ship what it changes, at a time when it may change.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "trust/accepted.hpp"
#include "trust/manifest.hpp"
#include "trust/trust_file.hpp"

namespace lineup {

// A file of the bundle's own folders, as it was read.
struct ShippedFile {
  std::string path;
  std::string_view contents;  // borrowed
  std::string scene;          // of a policy: what it says its scene is
};

enum class TrustMode : std::uint8_t {
  Development,  // a plain directory: whatever is saved goes live
  Unsigned,     // it is what its manifest says; nobody was asked who wrote that
  Signed,       // and keys of the trust file signed it
};
[[nodiscard]] std::string_view name_of(TrustMode mode);

struct VerifyInput {
  std::span<const ShippedFile> files;  // by path
  std::optional<std::string_view> manifest;
  std::optional<std::string_view> signatures;
  const TrustFile* trust = nullptr;             // null: nobody is asked
  const AcceptedManifests* accepted = nullptr;  // null: nothing is known
  bool is_known = false;  // it was accepted before, though `accepted` may not remember it
  std::int64_t now_ms = 0;
  std::uint32_t abi_major = 0;  // of this host
  std::uint32_t abi_minor = 0;
};

struct Verified {
  TrustMode mode = TrustMode::Development;
  Manifest manifest;                 // unless Development
  std::vector<std::string> signers;  // names of the trusted keys that signed
  std::vector<std::string> changed;  // paths that differ from the parent, and those taken away
};

// Everything that is wrong goes to `diagnostics` under codes trust/...; the answer counts only when
// there was no error. [control]
[[nodiscard]] Verified verify_bundle(const VerifyInput& input, Diagnostics& diagnostics);

// Which keys of `trust` signed `bytes` and may do so at `now_ms`. Signatures that are wrong or of
// unknown keys are reported in `file`. With `ignore_dates` keys that ran out count too. [control]
[[nodiscard]] std::vector<const TrustedKey*> signers_of(
    std::string_view bytes, std::string_view signatures, const std::string& file,
    const TrustFile& trust, std::int64_t now_ms, bool ignore_dates, Diagnostics& diagnostics);

// A manifest of these files; revision, scenes and hashes are filled in. [any]
[[nodiscard]] Manifest make_manifest(std::span<const ShippedFile> files);

}  // namespace lineup
