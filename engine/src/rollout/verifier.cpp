// SPDX-License-Identifier: Apache-2.0
//
// A file that is not what its hash says was damaged after it was read: in memory, or on the disk of
// the store. Files in memory are hashed anew, so this holds for both.
#include "rollout/verifier.hpp"

#include <fmt/format.h>

#include "base/hash.hpp"

namespace lineup {

Result<Provenance> DevelopmentVerifier::verify(const StagedRevision& staged,
                                               Diagnostics& diagnostics) {
  for (const StagedContent& file : staged.files) {
    if (content_hash(file.contents) == file.content_hash) continue;
    Span span;
    span.file = file.shown;
    diagnostics.error(
        span, "rollout/damaged",
        fmt::format("`{}` is not what was staged: its contents do not fit their hash", file.path),
        "write the file again");
  }
  return Provenance{};
}

}  // namespace lineup
