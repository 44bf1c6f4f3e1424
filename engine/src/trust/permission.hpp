// SPDX-License-Identifier: Apache-2.0
//
// What a change touches, and whether its signers may do that now. Inside this folder only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "trust/verify.hpp"

namespace lineup {

// Paths that are new, other or gone; without a parent every file is new. By path.
[[nodiscard]] std::vector<std::string> changed_paths(const Manifest& manifest,
                                                     const Manifest* parent);

struct Change {
  const Manifest& manifest;
  const Manifest* parent;  // null: none that is known
  std::span<const ShippedFile> files;
  std::span<const TrustedKey* const> signers;
  const TrustFile& trust;
  std::span<const std::string> paths;
  std::int64_t now_ms;
  bool is_first;  // nothing was accepted here before: freeze windows hold back changes, not starts
};

// Codes trust/permission, trust/signatures, trust/frozen.
void check_permissions(const Change& change, Diagnostics& diagnostics);

}  // namespace lineup
