// SPDX-License-Identifier: Apache-2.0
//
// What the facade offers to `lineup bundle`: making, signing and judging bundles without serving
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"

namespace lineup {

struct ManifestOrder {
  std::string bundle;
  std::string author;
  std::string reason;
  std::optional<std::string> parent;  // none: of the manifest that is there
  std::int64_t created_ms = 0;
};

struct ManifestMade {
  std::string path;
  std::string revision;
  std::string parent;
  std::size_t file_count = 0;
  bool drops_signatures = false;  // there were signatures of another manifest
};

// Writes BUNDLE/manifest.json of the files as they are. Signatures that do not fit it any more are
// removed. Errors: those of reading a bundle, trust/write. [control]
[[nodiscard]] Result<ManifestMade> create_manifest(const ManifestOrder& order);

struct KeyMade {
  std::string secret_path;
  std::string id;
  std::string entry;  // for the trust file
};

// Writes a new secret key to a file that only its owner may read; one that exists is left alone.
// Errors: trust/write. [control]
[[nodiscard]] Result<KeyMade> make_key_file(const std::string& path, const std::string& name,
                                            bool is_engineer,
                                            const std::vector<std::string>& scenes);

struct Signed {
  std::string path;  // of the signatures
  std::string key;   // its id
  std::string name;
  std::size_t signature_count = 0;
};

// Adds a signature of the manifest of a bundle, or of any other file, to the file of signatures
// beside it. A manifest is signed only when the files are as it says. Errors: trust/... [control]
[[nodiscard]] Result<Signed> sign_path(const std::string& path, const std::string& key_path,
                                       Diagnostics& diagnostics);

struct JudgeOrder {
  std::string bundle;
  std::string trust;            // empty: nobody is asked who signed
  std::string live;             // the bundle that serves; empty: none
  std::string state_directory;  // of an engine that has accepted bundles; empty: none
  std::int64_t at_ms = 0;
};

struct Signer {
  std::string key;   // id
  std::string name;  // empty: not in the trust file, or there is none
};

struct BundleJudgement {
  Diagnostics diagnostics;
  std::string mode;  // "development", "unsigned", "signed"
  std::string revision;
  std::string parent;
  std::string author;
  std::string reason;
  std::string created;
  std::string abi;
  std::vector<std::pair<std::string, std::string>> scenes;  // scene, policy
  struct File {
    std::string path;
    std::string sha256;
    std::uint64_t size = 0;
  };
  std::vector<File> files;
  std::vector<std::string> changed;
  std::vector<Signer> signers;
};

// One entry of the audit log.
struct ChangeMade {
  std::int64_t number = 0;
  std::int64_t at_ms = 0;
  std::string who, what, target, why, result, detail;
};

// What changed in an engine with that state directory, oldest first, of the newest `most`; also
// while it runs. Codes: audit/... [control]
[[nodiscard]] Result<std::vector<ChangeMade>> read_changes(const std::string& state_directory,
                                                           std::int64_t since_ms, std::size_t most);

// What an engine with that trust file would say to the bundle, and what its manifest tells.
// [control]
[[nodiscard]] BundleJudgement judge_bundle(const JudgeOrder& order);

}  // namespace lineup
