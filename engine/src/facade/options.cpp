// SPDX-License-Identifier: Apache-2.0
//
// What a host asks for, in the engine's own types: texts copied, zeros replaced by defaults.
#include "facade/engine_state.hpp"
#include "facade/facade.hpp"

namespace lineup {

std::vector<OverlayFile> overlay_of(const lineup_overlay_file* files, std::uint64_t count) {
  std::vector<OverlayFile> out;
  for (std::uint64_t i = 0; i < count; ++i) {
    const lineup_overlay_file file = known(&files[i]);
    out.push_back({std::string(view(file.path)), std::string(view(file.contents)),
                   (file.flags & LINEUP_OVERLAY_REMOVED) != 0});
  }
  return out;
}

EngineOptions options_of(const lineup_options& given) {
  EngineOptions options;
  options.sources.directory = view(given.bundle);
  for (std::uint64_t i = 0; i < given.rule_directory_count; ++i) {
    options.sources.rule_directories.emplace_back(view(given.rule_directories[i]));
  }
  for (std::uint64_t i = 0; i < given.plugin_directory_count; ++i) {
    options.sources.plugin_directories.emplace_back(view(given.plugin_directories[i]));
  }
  const FirstParty& first = first_party();
  if (!first.rules.empty()) options.sources.rule_directories.push_back(first.rules);
  if (!first.plugins.empty()) options.sources.plugin_directories.push_back(first.plugins);
  options.sources.overlay = overlay_of(given.overlay, given.overlay_count);
  options.state_directory = view(given.state_directory);
  options.staging_directory = view(given.staging_directory);
  options.probe = given.probe.size == 0 ? first.probe : std::string(view(given.probe));
  if (given.sessions != 0) options.sessions = given.sessions;
  options.watch = given.watch != 0;
  if (given.quiet_ms != 0) options.quiet_ms = given.quiet_ms;
  if (given.poll_ms != 0) options.poll_ms = given.poll_ms;
  if (given.record_count != 0) options.records.whole_count = given.record_count;
  options.trust_file = view(given.trust_file);
  options.decisions.directory = options.state_directory;
  options.decisions.every = given.decision_every;
  if (given.decision_file_bytes != 0) options.decisions.file_bytes = given.decision_file_bytes;
  if (given.metrics_ms != 0) options.metrics_ms = given.metrics_ms;
  options.workers = given.workers;
  options.records.mask_user = given.record_mask_user != 0;
  return options;
}

}  // namespace lineup
