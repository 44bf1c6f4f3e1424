// SPDX-License-Identifier: Apache-2.0
//
// The options of `lineup rollout` and its examples.
#include <CLI/CLI.hpp>

#include "cli/declare.hpp"

namespace lineup::cli {

namespace {

constexpr const char* kExits =
    "\n\nExit codes: 0 done, 1 there is nothing to do it to, 2 no engine answers.";

void declare_one(CLI::App& rollout, Verb& chosen, RolloutOptions& options, const char* name,
                 const char* about, const std::string& examples) {
  auto* verb =
      declare(rollout, name, about, (examples + kExits).c_str(), chosen, rollout_verb, options);
  options.verb = name;
  verb->add_option("--state", options.state, "The state directory of the engine")
      ->required()
      ->type_name("DIR");
  if (options.verb != "status") {
    verb->add_option("--why", options.why, "Why, in a sentence: goes into the log and the report")
        ->type_name("TEXT");
    verb->add_option("--who", options.who, "Who says so; without it, the user who runs this")
        ->type_name("NAME");
  }
  verb->add_option("--timeout-ms", options.timeout_ms, "How long to wait for the engine")
      ->check(CLI::Range(1, 600'000));
  add_json(verb, options.json);
}

}  // namespace

void declare_rollout(CLI::App& app, Verb& chosen, std::array<RolloutOptions, 4>& options) {
  auto* rollout = app.add_subcommand(
      "rollout", "Say what a running engine tries, serves and refuses, or tell it what to do");
  rollout->require_subcommand(1);
  declare_one(*rollout, chosen, options[0], "status",
              "Say what serves, what is on trial, which revisions are good, which are put away",
              "  lineup rollout status --state /var/lib/shop\n"
              "  lineup rollout status --state /var/lib/shop --json | jq .rollout.trial");
  declare_one(*rollout, chosen, options[1], "promote", "Let the revision on trial serve, now",
              "  lineup rollout promote --state /var/lib/shop --why 'the shadow looks right'");
  declare_one(*rollout, chosen, options[2], "abort",
              "End the trial: what served keeps serving, these contents are not tried again",
              "  lineup rollout abort --state /var/lib/shop --why 'too many pages change'");
  declare_one(*rollout, chosen, options[3], "rollback",
              "Take back what serves: the good revision before it serves at once",
              "  lineup rollout rollback --state /var/lib/shop --why 'the ads are gone'\n\n"
              "The files stay as they are and are not tried again until they change.");
}

}  // namespace lineup::cli
