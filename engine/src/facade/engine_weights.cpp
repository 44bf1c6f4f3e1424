// SPDX-License-Identifier: Apache-2.0
//
// lineup/engine.h: steering. Every change, and every one that was refused, goes to the audit log.
#include <fmt/format.h>

#include <cmath>

#include "base/clock.hpp"
#include "facade/engine_state.hpp"
#include "facade/guarded.hpp"

using lineup::guarded;
using lineup::report;
using lineup::view;

namespace {

// A dial of the revision that serves, by scene and name.
const lineup::Dial* find_dial(const lineup::Revision& revision, std::string_view scene,
                              std::string_view name) {
  const lineup::Scene* found = revision.find(scene);
  if (found == nullptr) return nullptr;
  for (const auto* dials : {&found->plan->weights, &found->plan->parameters}) {
    for (const lineup::Dial& dial : *dials) {
      if (dial.name == name) return &dial;
    }
  }
  return nullptr;
}

template <typename Change>
lineup_status change_dial(lineup_engine* engine, lineup_text scene, lineup_text name,
                          lineup_error_sink* errors, Change&& change) {
  if (engine == nullptr) return LINEUP_E_INVALID_INPUT;
  const auto revision = engine->published.current();
  const lineup::Dial* dial =
      revision == nullptr ? nullptr : find_dial(*revision, view(scene), view(name));
  if (dial == nullptr) {
    report(errors, LINEUP_E_NOT_FOUND,
           fmt::format("scene `{}` has no weight or live parameter `{}`", view(scene), view(name)));
    return LINEUP_E_NOT_FOUND;
  }
  const auto done = change(*dial);
  if (done) return LINEUP_OK;
  report(errors, LINEUP_E_REFUSED, done.error().message);
  return LINEUP_E_REFUSED;
}

}  // namespace

extern "C" {

lineup_status lineup_set_weight(lineup_engine* engine, lineup_text scene, lineup_text name,
                                double value, int64_t ttl_ms, lineup_text who, lineup_text why,
                                lineup_error_sink* errors) {
  return guarded(errors, [&] {
    return change_dial(engine, scene, name, errors, [&](const lineup::Dial& dial) {
      const auto done = engine->weights.set(view(scene), dial, value, ttl_ms, lineup::wall_ms(),
                                            view(who), view(why));
      lineup::audit_weight(*engine, view(scene), view(name), value, view(who), view(why), done);
      return done;
    });
  });
}

lineup_status lineup_clear_weight(lineup_engine* engine, lineup_text scene, lineup_text name,
                                  lineup_text who, lineup_text why, lineup_error_sink* errors) {
  return guarded(errors, [&] {
    return change_dial(engine, scene, name, errors, [&](const lineup::Dial& dial) {
      const auto done =
          engine->weights.clear(view(scene), dial, lineup::wall_ms(), view(who), view(why));
      lineup::audit_weight(*engine, view(scene), view(name), NAN, view(who), view(why), done);
      return done;
    });
  });
}

}  // extern "C"
