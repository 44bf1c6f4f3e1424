// SPDX-License-Identifier: Apache-2.0
//
// The options of `lineup weights` and its examples.
#include <CLI/CLI.hpp>

#include "cli/declare.hpp"

namespace lineup::cli {

void declare_weights(CLI::App& app, Verb& chosen, WeightsVerbs& options) {
  CLI::App* weights =
      app.add_subcommand("weights", "Steer weights and parameters of an engine that runs");
  weights->require_subcommand(1);
  options.list.verb = "list";
  options.set.verb = "set";
  options.history.verb = "history";
  options.revert.verb = "revert";
  const auto common = [&](CLI::App* verb, WeightsOptions& each) {
    verb->add_option("--state", each.state, "The state directory of the engine")
        ->required()
        ->check(CLI::ExistingDirectory)
        ->type_name("DIR");
    verb->add_option("--wait", each.wait_ms, "Milliseconds to wait for the engine's answer")
        ->check(CLI::Range(10, 600'000));
    add_json(verb, each.json);
  };
  const auto reasons = [&](CLI::App* verb, WeightsOptions& each) {
    verb->add_option("scene", each.scene, "The scene")->required()->type_name("SCENE");
    verb->add_option("name", each.name, "An objective or a live parameter")
        ->required()
        ->type_name("NAME");
    verb->add_option("--who", each.who, "Who does it; without it the login")->type_name("NAME");
    verb->add_option("--why", each.why, "Why, in a sentence")->required()->type_name("TEXT");
  };
  auto* list = declare(*weights, "list", "Every dial: the policy's value, the live one, bounds",
                       "  lineup weights list --state /var/lib/lineup\n"
                       "  lineup weights list --state state --scene home --json",
                       chosen, weights_verb, options.list);
  common(list, options.list);
  list->add_option("--scene", options.list.scene, "Only this scene")->type_name("SCENE");
  auto* set =
      declare(*weights, "set", "Set a value: the next request uses it",
              "  lineup weights set home revenue 0.4 --state state --why 'sale' --ttl 7200\n\n"
              "Exit codes: 0 it is set, 1 the engine refuses and says why, 2 could not run.",
              chosen, weights_verb, options.set);
  reasons(set, options.set);
  set->add_option("value", options.set.value, "The value")->required();
  set->add_option("--ttl", options.set.ttl_s,
                  "Seconds after which it counts no more; without it, never")
      ->check(CLI::Range(0.001, 3.2e9));
  common(set, options.set);
  auto* history = declare(*weights, "history", "Every change and every refusal: who, when, why",
                          "  lineup weights history --state state --scene home", chosen,
                          weights_verb, options.history);
  common(history, options.history);
  history->add_option("--scene", options.history.scene, "Only this scene")->type_name("SCENE");
  history->add_option("--name", options.history.name, "Only this dial")->type_name("NAME");
  auto* revert = declare(*weights, "revert", "Take a live value back: the policy's counts again",
                         "  lineup weights revert home revenue --state state --why 'sale is over'",
                         chosen, weights_verb, options.revert);
  reasons(revert, options.revert);
  common(revert, options.revert);
}

}  // namespace lineup::cli
