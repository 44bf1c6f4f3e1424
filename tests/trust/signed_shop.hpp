// SPDX-License-Identifier: Apache-2.0
//
// A bundle of two scenes held in memory, and the people who may change it: ann owns `home`, bob
// owns `detail`, eve is the engineer.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "trust/verify.hpp"

namespace lineup {

struct SignedShop {
  SecretKey ann = make_key("ann");
  SecretKey bob = make_key("bob");
  SecretKey eve = make_key("eve");
  SecretKey mallory = make_key("mallory");  // nobody trusts her

  std::map<std::string, std::string> files = {
      {"lists/blocked.txt", "a\nb\n"},
      {"models/m.bin", "weights"},
      {"plugins/mix.so", "code"},
      {"policies/detail.yaml", "scene: detail\nrules:\n  - {use: gap}\n"},
      {"policies/home.yaml", "scene: home\nrules:\n  - {use: pin}\n"},
      {"pools/banners.yaml", "rows: []\n"},
      {"rules/gap.lua", "return rule { name = 'gap' }\n"},
      {"rules/pin.lua", "return rule { name = 'pin', where = 'id in blocked' }\n"},
  };
  std::string parent;
  TrustFile trust;
  AcceptedManifests accepted;
  std::int64_t now_ms = *parse_time_ms("2026-11-25T12:00:00Z");  // a Wednesday

  SignedShop() {
    trust.keys = {key(ann, Role::Operator, {"home"}), key(bob, Role::Operator, {"detail"}),
                  key(eve, Role::Engineer, {})};
  }

  static TrustedKey key(const SecretKey& secret, Role role, std::vector<std::string> scenes) {
    TrustedKey out;
    out.name = out.owner = secret.name;
    out.key = secret.public_key;
    out.id = key_id(out.key);
    out.role = role;
    out.all_scenes = scenes.empty();
    out.scenes = std::move(scenes);
    return out;
  }

  [[nodiscard]] std::vector<ShippedFile> shipped() const {
    std::vector<ShippedFile> out;
    for (const auto& [path, contents] : files) {
      std::string scene;
      if (path.starts_with("policies/")) {
        scene = contents.substr(7, contents.find('\n') - 7);
      }
      out.push_back({path, contents, scene});
    }
    return out;
  }

  [[nodiscard]] std::string manifest() const {
    Manifest made = make_manifest(shipped());
    made.parent = parent;
    made.author = "ann";
    made.reason = "a test";
    made.created = "2026-11-25T11:00:00Z";
    return write_manifest(made);
  }

  static std::string signatures(const std::string& manifest,
                                const std::vector<const SecretKey*>& keys) {
    std::vector<Signature> all;
    for (const SecretKey* key : keys) all.push_back(sign(manifest, *key));
    return write_signatures(all);
  }

  Verified verify(const std::string& manifest, const std::string& signed_by,
                  Diagnostics& diagnostics) const {
    const auto own = shipped();
    VerifyInput input;
    input.files = own;
    input.manifest = manifest;
    input.signatures = signed_by;
    input.trust = &trust;
    input.accepted = &accepted;
    input.now_ms = now_ms;
    input.abi_minor = 1;
    return verify_bundle(input, diagnostics);
  }

  // The codes of all errors, in order, once each; empty: it was accepted.
  [[nodiscard]] std::vector<std::string> codes(const std::vector<const SecretKey*>& keys) const {
    const std::string made = manifest();
    Diagnostics diagnostics;
    (void)verify(made, signatures(made, keys), diagnostics);
    return codes_of(diagnostics);
  }

  static std::vector<std::string> codes_of(const Diagnostics& diagnostics) {
    std::vector<std::string> out;
    for (const Diagnostic& finding : diagnostics.all()) {
      if (finding.severity == Severity::Warning) continue;
      if (out.empty() || out.back() != finding.code) out.push_back(finding.code);
    }
    return out;
  }

  // What is there now was accepted, and the next manifest names it as its parent.
  void accept() {
    const std::string made = manifest();
    Diagnostics diagnostics;
    const auto parsed = parse_manifest(made, "manifest.json", diagnostics);
    (void)accepted.remember(made, *parsed);
    parent = parsed->revision;
  }
};

using Codes = std::vector<std::string>;

}  // namespace lineup
