// SPDX-License-Identifier: Apache-2.0
//
// Who says that a staged revision may be tried. The engine asks before anything of it is compiled
// or loaded, and again for a copy that comes back from the store of good revisions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"

namespace lineup {

// One file of a staged revision, whole and in memory.
struct StagedContent {
  std::string_view path;          // in the bundle: "rules/pin.lua", "bundle.yaml"
  std::string_view contents;      // what will be compiled: nothing is read again
  std::string_view content_hash;  // as the snapshot took it
  std::string_view shown;         // how messages call the file
  bool library = false;           // installed beside the engine, not shipped with the bundle
  bool draft = false;             // held in memory, over the bundle's own: nobody shipped it
};

// What was staged. Borrowed for the call.
struct StagedRevision {
  std::string_view id;
  std::string_view hash;                 // of all paths and contents
  std::string_view directory;            // where the bundle lies; empty: held in memory
  std::span<const StagedContent> files;  // by path
  bool from_store = false;               // it was verified when it first went live
  std::int64_t now_ms = 0;
};

// What is known of where a revision comes from. Shown in status and kept beside the revision.
struct Provenance {
  std::string mode = "development";  // "development", "unsigned", "signed"
  std::string parent;
  std::string author;
  std::string reason;
  std::vector<std::string> signers;
};

class Verifier {
 public:
  virtual ~Verifier() = default;
  // Findings go to `diagnostics`; errors among them refuse the revision. An error as the answer
  // refuses it too, for a reason that is no fault of a file (a freeze window). A refusal does not
  // quarantine: the same files may be right with another signature, or tomorrow. [reload thread]
  [[nodiscard]] virtual Result<Provenance> verify(const StagedRevision& staged,
                                                  Diagnostics& diagnostics) = 0;
};

}  // namespace lineup
