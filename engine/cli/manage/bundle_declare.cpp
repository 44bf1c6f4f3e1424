// SPDX-License-Identifier: Apache-2.0
//
// The options of `lineup bundle`, `audit` and `metrics`, and their examples.
#include <CLI/CLI.hpp>

#include "cli/declare.hpp"

namespace lineup::cli {

namespace {

void add_bundle_path(CLI::App* verb, std::string& path) {
  verb->add_option("bundle", path, "The bundle")->required()->type_name("DIR");
}

void declare_create(CLI::App& bundle, Verb& chosen, BundleCreateOptions& options) {
  auto* verb =
      declare(bundle, "create", "Write manifest.json: which files, made by whom, from what and why",
              "  lineup bundle create shop --author ann --reason 'two new categories'\n"
              "  lineup bundle create shop --author ann --reason 'first' --parent ''\n\n"
              "The same files, options and `--at` give the same bytes.\n"
              "Exit codes: 0 written, 2 could not run.",
              chosen, bundle_create_verb, options);
  add_bundle_path(verb, options.bundle);
  verb->add_option("--author", options.author, "Who made it")->required()->type_name("NAME");
  verb->add_option("--reason", options.reason, "Why, in a sentence")->required()->type_name("TEXT");
  verb->add_option_function<std::string>(
          "--parent", [&options](const std::string& text) { options.parent = text; },
          "The revision that this one changes; without it that of the manifest that is there")
      ->type_name("REVISION");
  add_at(verb, options.at, "The time to write into it; without it, now");
  add_json(verb, options.json);
}

void declare_sign(CLI::App& bundle, Verb& chosen, BundleSignOptions& options) {
  auto* verb = declare(bundle, "sign", "Add a signature to manifest.sig, or to FILE.sig",
                       "  lineup bundle sign shop --key ann.key\n"
                       "  lineup bundle sign shop/emergency.yaml --key ann.key\n\n"
                       "A bundle is signed only when its files are those of its manifest.\n"
                       "Exit codes: 0 signed, 2 could not run.",
                       chosen, bundle_sign_verb, options);
  verb->add_option("path", options.path, "A bundle with a manifest, or any file")
      ->required()
      ->type_name("DIR|FILE");
  verb->add_option("--key", options.key, "A secret key of `lineup bundle keygen`")
      ->required()
      ->type_name("FILE");
  add_json(verb, options.json);
}

void declare_verify(CLI::App& bundle, Verb& chosen, BundleVerifyOptions& options) {
  auto* verb = declare(
      bundle, "verify", "Say whether an engine would take the bundle",
      "  lineup bundle verify shop\n"
      "  lineup bundle verify shop --trust trust.json --live live/shop\n"
      "  lineup bundle verify shop --trust trust.json --at 2026-12-24T18:00 --json\n\n"
      "Without --trust only files and manifest are held together. With it, signatures, what each\n"
      "signer may ship and freeze windows count too, against what served before: --live or "
      "--state.\n"
      "Exit codes: 0 an engine takes it, 1 it refuses it, 2 could not run.",
      chosen, bundle_verify_verb, options);
  add_bundle_path(verb, options.bundle);
  verb->add_option("--trust", options.trust, "Keys, what each may ship, and freeze windows")
      ->type_name("FILE");
  verb->add_option("--live", options.live, "The bundle that serves, whose files need no signature")
      ->type_name("DIR");
  verb->add_option("--state", options.state, "State directory of the engine that is to take it")
      ->type_name("DIR");
  add_at(verb, options.at, "Judge as at this time; without it, now");
  add_json(verb, options.json);
}

void declare_show(CLI::App& bundle, Verb& chosen, BundleShowOptions& options) {
  auto* verb = declare(bundle, "show", "Print what the manifest says and who signed it",
                       "  lineup bundle show shop\n"
                       "  lineup bundle show shop --trust trust.json --json | jq .files\n\n"
                       "Nothing is verified here: see `lineup bundle verify`.",
                       chosen, bundle_show_verb, options);
  add_bundle_path(verb, options.bundle);
  verb->add_option("--trust", options.trust, "To call keys by their names")->type_name("FILE");
  add_json(verb, options.json);
}

void declare_keygen(CLI::App& bundle, Verb& chosen, BundleKeygenOptions& options) {
  auto* verb =
      declare(bundle, "keygen", "Make a key, and the entry of it for the trust file",
              "  lineup bundle keygen --out ann.key --name ann --scene home_feed\n"
              "  lineup bundle keygen --out eve.key --name eve --role engineer\n\n"
              "The trust file is JSON: {\"lineup_trust\": 1, \"keys\": [ENTRY, ...]}; see\n"
              "policies/README.md for the rest of it.\n"
              "Exit codes: 0 made, 2 could not run (a file that exists is left alone).",
              chosen, bundle_keygen_verb, options);
  verb->add_option("--out", options.out, "Where the secret key goes")
      ->required()
      ->type_name("FILE");
  verb->add_option("--name", options.name, "Whose it is")->required()->type_name("NAME");
  verb->add_option("--role", options.role,
                   "operator: rules, policies, lists, pools; engineer: plugins and models too")
      ->check(CLI::IsMember({"operator", "engineer"}));
  verb->add_option("--scene", options.scenes, "A scene it may change; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_json(verb, options.json);
}

void declare_changes(CLI::App& app, Verb& chosen, ChangesOptions& options) {
  auto* verb =
      declare(app, "audit", "Say who changed what, when, why, and what came of it",
              "  lineup audit --state /var/lib/lineup\n"
              "  lineup audit --state /var/lib/lineup --since 2026-11-23\n"
              "  lineup audit --state /var/lib/lineup --json | jq 'select(.what == \"weight\")'\n\n"
              "Exit codes: 0 there are changes, 1 there are none, 2 could not run.",
              chosen, changes_verb, options);
  verb->add_option("--state", options.state, "State directory of an engine, running or not")
      ->required()
      ->type_name("DIR");
  add_at(verb, options.since, "Only changes from then on", "--since");
  verb->add_option("--most", options.most, "At most so many, the newest")
      ->check(CLI::Range(1, 1'000'000));
  add_json(verb, options.json);
}

void declare_metrics(CLI::App& app, Verb& chosen, MetricsOptions& options) {
  auto* verb = declare(app, "metrics", "Print an engine's counters as Prometheus reads them",
                       "  lineup metrics --state /var/lib/lineup\n\n"
                       "The engine writes them to metrics.prom in its state directory, every few\n"
                       "seconds, where the node exporter's textfile collector can read them, too.\n"
                       "Exit codes: 0 printed, 2 could not run.",
                       chosen, metrics_verb, options);
  verb->add_option("--state", options.state, "State directory of an engine")
      ->required()
      ->type_name("DIR");
}

}  // namespace

void declare_bundle(CLI::App& app, Verb& chosen, BundleVerbs& options) {
  CLI::App* bundle = app.add_subcommand("bundle", "Make, sign and judge bundles");
  bundle->require_subcommand(1);
  declare_create(*bundle, chosen, options.create);
  declare_sign(*bundle, chosen, options.sign);
  declare_verify(*bundle, chosen, options.verify);
  declare_show(*bundle, chosen, options.show);
  declare_keygen(*bundle, chosen, options.keygen);
  declare_changes(app, chosen, options.changes);
  declare_metrics(app, chosen, options.metrics);
}

}  // namespace lineup::cli
