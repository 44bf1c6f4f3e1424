// SPDX-License-Identifier: Apache-2.0
//
// Manifests, signatures and trust files: any bytes are read or refused with a reason; a manifest
// that is read is written and read again as it was.
#include "trust/manifest.hpp"

#include "fuzz.hpp"
#include "trust/signature.hpp"
#include "trust/trust_file.hpp"

using namespace lineup;

std::vector<std::string> fuzz::made_seeds() {
  Manifest manifest;
  manifest.author = "ann";
  manifest.reason = "a reason";
  manifest.created = "2026-01-01T00:00:00Z";
  manifest.abi_minor = 1;
  manifest.scenes = {{"home", "policies/home.yaml"}};
  manifest.files = {{"policies/home.yaml", sha256_of("a"), 1},
                    {"rules/pin.lua", sha256_of("b"), 1}};
  manifest.revision = revision_of(manifest.files);
  return {write_manifest(manifest)};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  Diagnostics findings;
  const auto manifest = parse_manifest(text, "manifest.json", findings);
  fuzz::require(manifest.has_value() != findings.has_errors(), "a refusal has a reason");
  if (manifest) {
    Diagnostics more;
    const std::string written = write_manifest(*manifest);
    const auto again = parse_manifest(written, "manifest.json", more);
    fuzz::require(again && write_manifest(*again) == written, "what is written is read again");
    for (const ManifestFile& file : manifest->files) {
      fuzz::require(is_shipped_path(file.path), "no path leads elsewhere");
    }
  }
  Diagnostics of_trust;
  const auto trust = parse_trust(text, "trust.yaml", of_trust);
  fuzz::require(trust.has_value() != of_trust.has_errors(), "a refusal has a reason");
  Diagnostics of_signatures;
  const auto signatures = parse_signatures(text, "manifest.sig", of_signatures);
  fuzz::require(signatures.size() <= kSignaturesMax, "no more signatures than are verified");
  static_cast<void>(parse_secret_key(text));
  return 0;
}
