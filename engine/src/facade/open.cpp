// SPDX-License-Identifier: Apache-2.0
//
// How an engine comes to serve: the steps from a bundle to a revision, and the first of them when
// it is opened. With a state directory the last good revision serves when the bundle cannot, and
// with none of those the built-in pass-through.
#include <fmt/format.h>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"
#include "facade/rollout/rollout_control.hpp"

namespace lineup {

namespace {

void say_finished(lineup_engine& engine, const Attempt& attempt) {
  const std::string id = attempt.revision.empty() ? "(unread)" : attempt.revision;
  if (attempt.state == ReloadState::Active) {
    if (!attempt.bundle->files.empty()) tell_trust(engine, *attempt.bundle);
    engine.log.write(LogLevel::Info, fmt::format("revision {} serves, made in {:.1f} ms", id,
                                                 static_cast<double>(attempt.elapsed_ns) / 1e6));
  } else if (attempt.state == ReloadState::Shadow) {
    engine.log.write(LogLevel::Info,
                     fmt::format("revision {} is on trial, what served keeps serving", id));
  } else if (attempt.state == ReloadState::Rejected) {
    engine.log.write(LogLevel::Error,
                     fmt::format("revision {} is refused, what served keeps serving:\n{}", id,
                                 describe(attempt)));
  }
}

tl::unexpected<Error> has_errors() { return failure("reload/rejected", "the bundle has errors"); }

// Whether somebody entitled says that the files are what they are.
Result<void> verify(lineup_engine& engine, const Bundle& bundle, bool from_store,
                    Diagnostics& found) {
  const auto files = staged_contents(bundle);
  auto provenance = engine.gate.verify(
      {bundle.id, bundle.hash, bundle.directory, files, from_store, wall_ms()}, found);
  if (!provenance) return tl::unexpected(provenance.error());
  if (found.has_errors()) return has_errors();
  if (engine.rollout == nullptr) return {};
  engine.rollout->reached(bundle, Stage::Verified);
  engine.rollout->note_provenance(bundle, *std::move(provenance));
  return {};
}

// What comes back from the store follows nobody: what serves now may be what is taken back.
Result<std::shared_ptr<const void>> compile(lineup_engine& engine, const Bundle& bundle,
                                            bool from_store, Diagnostics& found) {
  const auto before = from_store ? nullptr : engine.published.current();
  auto revision = engine.maker.make(bundle, found, before.get());
  if (revision == nullptr) return has_errors();
  engine.emergency.serves(revision);
  if (engine.rollout != nullptr) {
    engine.rollout->reached(bundle, Stage::Compiled);
    engine.rollout->reached(bundle, Stage::Tested);
  }
  return std::static_pointer_cast<const void>(revision);
}

void start_watcher(lineup_engine& engine) {
  WatcherOptions watching;
  watching.sources = engine.options.sources;
  watching.quiet_ms = engine.options.quiet_ms;
  watching.poll_ms = engine.options.poll_ms;
  watching.log = &engine.log;
  engine.watcher =
      std::make_unique<Watcher>(std::move(watching), [&engine] { engine.reloader->poke(); });
  // What was written between the first reading and the first watch is not lost.
  engine.reloader->poke();
}

// Scores in order and no rules: better than no page, and status says so.
bool serve_pass_through(lineup_engine& engine) {
  MadeRevision made;
  auto bundle = std::make_shared<Bundle>();
  bundle->id = "pass-through";
  bundle->hash = bundle->id;
  made.bundle = bundle;
  made.make = [&engine]() -> Result<std::shared_ptr<const void>> {
    auto revision = engine.maker.make_pass_through();
    if (revision == nullptr) return failure("reload/internal", "the pass-through does not compile");
    engine.emergency.serves(revision);
    return std::static_pointer_cast<const void>(revision);
  };
  return engine.reloader->serve(std::move(made)).ok();
}

}  // namespace

Result<std::shared_ptr<const void>> make_revision(lineup_engine& engine, const Bundle& bundle,
                                                  bool from_store, Diagnostics& found) {
  if (auto verified = verify(engine, bundle, from_store, found); !verified)
    return tl::unexpected(verified.error());
  return compile(engine, bundle, from_store, found);
}

Result<std::shared_ptr<const void>> build_revision(lineup_engine& engine,
                                                   const std::shared_ptr<const Bundle>& bundle,
                                                   BuildReport& build) {
  RolloutControl* control = engine.rollout.get();
  Diagnostics& found = build.diagnostics();
  if (control != nullptr) {
    if (auto seen = control->see(*bundle); !seen) {
      build.hint("change the files: other contents are tried at once");
      return tl::unexpected(seen.error());
    }
  }
  if (auto verified = verify(engine, *bundle, false, found); !verified)
    return tl::unexpected(verified.error());
  build.reached(ReloadState::Verified);
  if (control != nullptr) {
    RolloutPlan plan;
    Diagnostics said_later;  // when it is compiled
    plan_of(*bundle, plan, said_later);
    if (auto proven = control->prove(*bundle, plan, build); !proven)
      return tl::unexpected(proven.error());
  }
  auto made = compile(engine, *bundle, false, found);
  if (!made) return made;
  build.reached(ReloadState::Tested);
  auto revision = std::static_pointer_cast<const Revision>(*made);
  if (control != nullptr && control->try_first(bundle, revision, found)) build.hold();
  return made;
}

Result<void> start_workers(lineup_engine& engine) {
  if (engine.options.workers == 0) return {};
  auto crew =
      Crew::start(engine.options.workers, static_cast<std::uint32_t>(engine.sessions.size()));
  if (!crew) return tl::unexpected(crew.error());
  engine.crew = *std::move(crew);
  for (const auto& serving : engine.sessions) {
    serving->beside = std::make_unique<Beside>(*engine.crew, serving->session.index);
    serving->session.beside = serving->beside.get();
  }
  return {};
}

Result<void> start_engine(lineup_engine& engine) {
  if (!engine.options.state_directory.empty()) {
    auto control = RolloutControl::open(engine);
    if (control) {
      engine.rollout = *std::move(control);
    } else {
      engine.log.write(LogLevel::Warning,
                       fmt::format("good revisions are not kept, and no rollout is taken orders "
                                   "for: {}",
                                   control.error().message));
    }
  }
  ReloaderOptions options;
  options.sources = engine.options.sources;
  options.finished = [&engine](const Attempt& attempt) {
    if (engine.rollout) engine.rollout->finished(attempt);
    audit_attempt(engine, attempt);
    say_finished(engine, attempt);
  };
  engine.reloader = std::make_unique<Reloader>(
      std::move(options), engine.published,
      [&engine](const std::shared_ptr<const Bundle>& bundle, BuildReport& build) {
        return build_revision(engine, bundle, build);
      });
  bool serves = engine.rollout != nullptr && engine.rollout->serve_last_good();
  const Attempt attempt = engine.reloader->reload();
  if (engine.rollout == nullptr && !attempt.ok())
    return failure("engine/bundle", describe(attempt));
  serves = serves || attempt.ok();
  if (!serves) {
    engine.log.write(LogLevel::Error,
                     "no good revision is kept: the built-in pass-through serves, by score and "
                     "without rules");
    if (!serve_pass_through(engine)) return failure("engine/bundle", describe(attempt));
  }
  keep_house(engine);
  if (engine.rollout) engine.rollout->begin();
  if (engine.options.watch) start_watcher(engine);
  // Another engine's state directory has its own desk.
  if (engine.rollout) {
    engine.desk = std::make_unique<WeightsDesk>(engine, engine.options.state_directory);
  }
  return {};
}

}  // namespace lineup
