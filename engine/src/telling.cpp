// SPDX-License-Identifier: Apache-2.0
//
// What the engine tells when something changed: in its log, and to what remembers.
#include <fmt/format.h>

#include "base/clock.hpp"
#include "engine_state.hpp"

namespace lineup {

bool is_trusted(lineup_engine& engine, const Bundle& bundle, Diagnostics& diagnostics) {
  const auto files = staged_contents(bundle);
  const auto known = engine.gate.verify(
      {bundle.id, bundle.hash, bundle.directory, files, false, wall_ms()}, diagnostics);
  if (!known) {
    Span span;
    span.file = bundle.directory;
    diagnostics.error(span, known.error().code, known.error().message);
  }
  return !diagnostics.has_errors();
}

void tell_trust(lineup_engine& engine, const Bundle& bundle) {
  if (const auto kept = engine.gate.activated(bundle.hash); !kept) {
    engine.log.write(LogLevel::Warning, kept.error().message);
  }
  if (!engine.gate.is_other_mode()) return;
  if (engine.gate.serving().mode == TrustMode::Development) {
    engine.log.write(LogLevel::Info,
                     fmt::format("bundle `{}` has no manifest: development mode, whatever is saved "
                                 "goes live",
                                 bundle.directory));
  }
}

}  // namespace lineup
