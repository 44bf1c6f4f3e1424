// SPDX-License-Identifier: Apache-2.0
//
// Each verb is declared in a function of its own: its options, an
// example for its help, and the call to make.
#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/clock.hpp"
#include "cli/declare.hpp"
#include "cli/offline/command_line.hpp"
#include "cli/print/print.hpp"
#include "cli/verbs.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

void add_json(CLI::App* verb, bool& json) {
  verb->add_flag("--json", json, "For machines: JSON on standard output");
}

// The clock that requests see, so that a draft can be tried on a day to come.
CLI::Option* add_at(CLI::App* verb, At& at, const std::string& about, const std::string& name) {
  const auto read = [&at, name](const std::string& text) {
    at = parse_time_ms(text);
    if (at) return;
    throw CLI::ValidationError(
        name, fmt::format("`{}` is no time; write 2026-12-24, 2026-12-24T18:00 (UTC) or "
                          "2026-12-24T18:00+01:00",
                          text));
  };
  return verb->add_option_function<std::string>(name, read, about)->type_name("TIME");
}

namespace {

void add_directories(CLI::App* verb, BundleOptions& options) {
  verb->add_option("--rules", options.rule_directories,
                   "Directory of rules, looked in after the bundle's; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
  verb->add_option("--plugins", options.plugin_directories,
                   "Directory of plugins, looked in after the bundle's; may be repeated")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

void add_bundle(CLI::App* verb, BundleOptions& options, bool is_required = true) {
  auto* bundle = verb->add_option("--bundle", options.bundle,
                                  "Directory with policies/, rules/, plugins/, lists/, models/");
  bundle->type_name("DIR");
  if (is_required) bundle->required();
  add_directories(verb, options);
}

CLI::Option* add_requests(CLI::App* verb, std::string& path) {
  return verb
      ->add_option("--requests", path, "Requests, one JSON object per line; - is standard input")
      ->type_name("FILE");
}

// What an engine is opened with that serves for longer than one answer.
void add_serving(CLI::App* verb, BundleOptions& options) {
  verb->add_option("--trust", options.trust, "Keys that the bundle must be signed by")
      ->type_name("FILE");
  verb->add_option("--state", options.state,
                   "Directory for what the engine keeps: good revisions, audit log, live weights,\n"
                   "metrics; it takes the orders of `lineup rollout`")
      ->type_name("DIR");
}

constexpr const char* kAtAbout = "Answer as at this time, whatever the requests say";

struct AllOptions {
  CheckOptions check;
  RunOptions run;
  ExplainOptions explain;
  TestOptions test;
  WatchOptions watch;
  ReplayOptions replay;
  VerifyOptions verify;
  DiffOptions diff;
  GraphOptions graph;
  WeightsVerbs weights;
  RulesOptions rules;
  PluginNewOptions plugin_new;
  PluginCheckOptions plugin_check;
  BenchOptions bench;
  BundleVerbs bundle;
  std::array<RolloutOptions, 4> rollout;
  OfflineVerbs offline;
};

void declare_check(CLI::App& app, Verb& chosen, CheckOptions& options) {
  auto* verb = declare(app, "check", "Say everything that is wrong with a bundle",
                       "  lineup check --bundle examples/movies/bundle\n"
                       "  lineup check --bundle shop --requests today.jsonl --at 2026-12-24\n"
                       "  lineup check --bundle . --json | jq .diagnostics",
                       chosen, check_verb, options);
  add_bundle(verb, options.bundle);
  add_at(verb, options.at, "Judge dates as at this time; without it, now");
  add_requests(verb, options.requests)
      ->description("Recorded requests: also say which rules never act or never hold on them");
  add_json(verb, options.json);
}

void declare_run(CLI::App& app, Verb& chosen, RunOptions& options) {
  auto* verb = declare(app, "run", "Re-rank requests: a line in, a line out, in order",
                       "  lineup run --bundle shop --requests today.jsonl --out pages.jsonl\n"
                       "  cat today.jsonl | lineup run --bundle shop --threads 2 | jq .status\n"
                       "  lineup run --bundle shop --requests today.jsonl --at 2026-12-24T18:00",
                       chosen, run_verb, options);
  add_bundle(verb, options.bundle);
  add_serving(verb, options.bundle);
  auto* at = add_at(verb, options.at, kAtAbout);
  add_requests(verb, options.requests);
  verb->add_option("--out", options.out, "Where responses go; - is standard output")
      ->type_name("FILE");
  verb->add_option("--threads", options.threads, "Requests served at once")
      ->check(CLI::Range(1, 256));
  verb->add_option("--workers", options.workers,
                   "Threads that help with the nodes of one request; answers are the same")
      ->check(CLI::Range(0, 256));
  verb->add_flag("--explain", options.explain, "Add the trace to every response");
  verb->add_option("--record", options.record, "Keep whole requests and responses for `replay`")
      ->type_name("FILE")
      ->excludes(at);  // a record is of what was, not of what would be
}

void declare_explain(CLI::App& app, Verb& chosen, ExplainOptions& options) {
  auto* verb = declare(app, "explain", "Say why the page of one request looks as it does",
                       "  lineup explain --bundle shop --requests today.jsonl --request r1\n"
                       "  lineup explain --bundle shop --requests today.jsonl --why m218",
                       chosen, explain_verb, options);
  add_bundle(verb, options.bundle);
  add_at(verb, options.at, kAtAbout);
  add_requests(verb, options.requests)->required();
  verb->add_option("--request", options.request, "Id of the request; without it the first")
      ->type_name("ID");
  verb->add_option("--why", options.why, "Also say why this item is where it is, or is not there")
      ->type_name("ITEM");
  add_json(verb, options.json);
}

void declare_test(CLI::App& app, Verb& chosen, TestOptions& options) {
  auto* verb = declare(app, "test", "Run the cases that stand beside rules and plugins",
                       "  lineup test --bundle shop\n"
                       "  lineup test --rules rules --rule pin\n"
                       "  lineup test --plugins build/plugins --plugin mmr\n"
                       "  lineup test --bundle shop --coverage --min-coverage 90",
                       chosen, test_verb, options);
  add_bundle(verb, options.bundle, false);
  add_at(verb, options.at, "The time of cases that say none; without it, now");
  verb->add_option("--rule", options.rule, "Only the cases of this rule")->type_name("NAME");
  verb->add_option("--plugin", options.plugin, "Only the cases of this plugin")->type_name("NAME");
  verb->add_flag("--coverage", options.coverage,
                 "Also say which parameters, kinds, branches and lines no case reaches");
  verb->add_option("--min-coverage", options.min_coverage,
                   "Percent that the cases of every rule must reach")
      ->check(CLI::Range(0.0, 100.0))
      ->type_name("PERCENT");
  add_json(verb, options.json);
}

void declare_watch(CLI::App& app, Verb& chosen, WatchOptions& options) {
  auto* verb = declare(app, "watch", "Rank one request again whenever the bundle is edited",
                       "  lineup watch --bundle shop --requests today.jsonl --request r1", chosen,
                       watch_verb, options);
  add_bundle(verb, options.bundle);
  add_serving(verb, options.bundle);
  add_requests(verb, options.requests)->required();
  verb->add_option("--request", options.request, "Id of the request; without it the first")
      ->type_name("ID");
  verb->add_option("--interval-ms", options.interval_ms, "How often to look")
      ->check(CLI::Range(1, 60'000));
  add_json(verb, options.json);
}

void declare_replay(CLI::App& app, Verb& chosen, ReplayOptions& options) {
  auto* verb = declare(app, "replay", "Run a recorded request again and compare byte for byte",
                       "  lineup run --bundle shop --requests today.jsonl --record seen.jsonl\n"
                       "  lineup replay r1 --records seen.jsonl --bundle shop",
                       chosen, replay_verb, options);
  verb->add_option("id", options.id, "Id of the request")->required()->type_name("ID");
  add_bundle(verb, options.bundle);
  verb->add_option("--records", options.records, "What `lineup run --record` wrote")
      ->required()
      ->type_name("FILE");
  verb->add_flag("--allow-other-revision", options.allow_other_revision,
                 "Compare even when the bundle has changed since");
  add_json(verb, options.json);
}

void declare_verify(CLI::App& app, Verb& chosen, VerifyOptions& options) {
  auto* verb =
      declare(app, "verify", "Hold pages that anybody made against the rules",
              "  lineup verify --bundle shop --requests today.jsonl --slates pages.jsonl\n"
              "  lineup verify --bundle shop --requests r.jsonl --slates p.txt --json\n"
              "  lineup verify --bundle shop --requests r.jsonl --slates p.txt --at 2026-12-24\n\n"
              "Lines of FILE: {\"id\": request, \"slate\": [items]} or responses of `run`;\n"
              "`request: item item`, apart by tabs, commas or blanks; or, for line n the\n"
              "page of request n, `[items]` or `item item` alone.\n"
              "Exit codes: 0 no page breaks a hard rule, 1 some do or could not be judged,\n"
              "2 could not run.",
              chosen, verify_verb, options);
  add_bundle(verb, options.bundle);
  add_at(verb, options.at, kAtAbout);
  add_requests(verb, options.requests)->required();
  verb->add_option("--slates", options.slates, "Pages, one per line, in one of the forms below")
      ->required()
      ->type_name("FILE");
  add_json(verb, options.json);
}

void declare_diff(CLI::App& app, Verb& chosen, DiffOptions& options) {
  auto* verb = declare(
      app, "diff", "Say what a change does to recorded pages, before it is live",
      "  lineup diff live draft --requests today.jsonl\n"
      "  lineup diff live draft --requests today.jsonl --html diff.html --at 2026-12-24T18:00:00Z\n"
      "  lineup diff live draft --requests today.jsonl --segment newcomers --json | jq .rules\n\n"
      "Deadlines are lifted, so pages depend on the bundles alone.\n"
      "Exit codes: 0 no page changes, 1 pages change, 2 could not run.",
      chosen, diff_verb, options);
  verb->add_option("old", options.old_bundle, "The bundle as it is")->required()->type_name("DIR");
  verb->add_option("new", options.new_bundle, "The bundle as it would be")
      ->required()
      ->type_name("DIR");
  add_directories(verb, options.bundle);
  add_requests(verb, options.requests)->required();
  add_at(verb, options.at, kAtAbout);
  verb->add_option("--segment", options.segment, "Only requests in this segment of either bundle")
      ->type_name("NAME");
  verb->add_option("--html", options.html, "Also write a page with plots")->type_name("FILE");
  verb->add_option("--threads", options.threads, "Threads; without it one for each processor")
      ->check(CLI::Range(1, 256));
  add_json(verb, options.json);
}

void declare_graph(CLI::App& app, Verb& chosen, GraphOptions& options) {
  auto* verb = declare(app, "graph", "Draw how a scene's plugins are chained",
                       "  lineup graph shop | dot -Tpng > graph.png\n"
                       "  lineup graph shop --scene home --svg > graph.svg",
                       chosen, graph_verb, options);
  verb->add_option("bundle", options.bundle.bundle, "The bundle")->required()->type_name("DIR");
  add_directories(verb, options.bundle);
  verb->add_option("--scene", options.scene, "The scene; needed where the bundle has several")
      ->type_name("NAME");
  auto* dot = verb->add_flag("--dot", options.dot, "In the language of Graphviz: the default");
  verb->add_flag("--svg", options.svg, "As a picture")->excludes(dot);
}

void declare_rules(CLI::App& app, Verb& chosen, RulesOptions& options) {
  auto* verb = declare(app, "rules", "List the rules a policy can use, or describe one",
                       "  lineup rules\n"
                       "  lineup rules category_scatter --bundle shop",
                       chosen, rules_verb, options);
  verb->add_option("name", options.name, "The rule to describe")->type_name("NAME");
  add_bundle(verb, options.bundle, false);
  add_json(verb, options.json);
}

void declare_plugin_check(CLI::App& plugin, Verb& chosen, PluginCheckOptions& options) {
  auto* check =
      declare(plugin, "check",
              "Run the conformance cases on a plugin, each in a process of its own. Exit code 0: "
              "nothing failed or crashed",
              "  lineup plugin check build/plugins/fresh_first.so\n"
              "  lineup plugin check fresh_first.so --case fuzz --seed 7\n"
              "  gdb --args lineup plugin check fresh_first.so --case life --in-process",
              chosen, plugin_check_verb, options);
  check->add_option("file", options.path, "The shared library")->type_name("FILE.so");
  check->add_flag("--list", options.list, "Say which cases there are and what they ask");
  check->add_option("--case", options.cases, "Only this case; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  check
      ->add_flag("--in-process", options.in_process,
                 "Run the one --case in this process, for a debugger")
      ->needs("--case");
  check->add_option("--timeout", options.timeout_ms, "Milliseconds that one case may take")
      ->type_name("MS")
      ->check(CLI::Range(1, 3'600'000));
  check
      ->add_option("--config", options.config,
                   "Configuration of the plugin: JSON, or a file with it; without it, what the "
                   "schema's defaults make")
      ->type_name("JSON|FILE");
  check->add_option("--seed", options.seed, "What random requests and configurations begin from");
  check->add_option("--reproduce", options.reproduce,
                    "Only the one round of the fuzzer that a report named");
  add_json(check, options.json);
}

void declare_plugin(CLI::App& app, Verb& chosen, PluginNewOptions& made,
                    PluginCheckOptions& checked) {
  CLI::App* plugin = app.add_subcommand("plugin", "Make or check a plugin");
  plugin->require_subcommand(1);
  auto* verb =
      declare(*plugin, "new", "Make a folder with a plugin that builds and passes its test",
              "  lineup plugin new fresh_first --language cpp --kind scorer\n"
              "  lineup plugin new no_repeats --language c --kind constraint",
              chosen, plugin_new_verb, made);
  verb->add_option("name", made.name, "Small letters, digits and _")->required()->type_name("NAME");
  verb->add_option("--language", made.language, "c or cpp")->check(CLI::IsMember({"c", "cpp"}));
  verb->add_option("--kind", made.kind, "What the plugin does")
      ->check(CLI::IsMember({"scorer", "generator", "evaluator", "constraint"}));
  verb->add_option("--directory", made.directory, "Where; without it ./NAME")->type_name("DIR");
  declare_plugin_check(*plugin, chosen, checked);
}

void declare_bench(CLI::App& app, Verb& chosen, BenchOptions& options) {
  auto* verb = declare(app, "bench", "Time whole requests on made-up rows",
                       "  lineup bench --workload w1\n"
                       "  lineup bench --workload w5 --n 1000 --threads 2 --json",
                       chosen, bench_verb, options);
  verb->add_option(
      "--workload", options.workload,
      "w1: four hard rules; w1b: 30 of all kinds; w2: the rules of w1 as code; w3: soft rules; w4: "
      "pins and a quota; w5: two rules, k 20; w6, w7, w9: dpp, ssd and mmr, sequence_beam; w8: w1 "
      "and six ads; w12: 10000 rows, k 500; generators: others, each alone");
  verb->add_option("--n", options.rows, "Candidates; without it the workload's")
      ->check(CLI::Range(1, 100'000));
  verb->add_option("--k", options.page, "Slots; without it the workload's")
      ->check(CLI::Range(1, 1000));
  verb->add_option("--threads", options.threads, "Threads that ask at once")
      ->check(CLI::Range(1, 256));
  verb->add_option("--variant", options.variant, "Only this variant of the workload");
  add_json(verb, options.json);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  AllOptions options;
  Verb chosen;
  CLI::App app("Decides what a feed finally shows: rules solved together, every slot explained.",
               "lineup");
  app.set_version_flag("--version", std::string("lineup ") + lineup_version());
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 yes, 1 the answer is no or some response is an error, 2 could not run.\n"
      "`lineup VERB --help` shows options and examples.");
  declare_check(app, chosen, options.check);
  declare_run(app, chosen, options.run);
  declare_explain(app, chosen, options.explain);
  declare_test(app, chosen, options.test);
  declare_watch(app, chosen, options.watch);
  declare_replay(app, chosen, options.replay);
  declare_verify(app, chosen, options.verify);
  declare_diff(app, chosen, options.diff);
  declare_graph(app, chosen, options.graph);
  declare_weights(app, chosen, options.weights);
  declare_rules(app, chosen, options.rules);
  declare_plugin(app, chosen, options.plugin_new, options.plugin_check);
  declare_bench(app, chosen, options.bench);
  declare_bundle(app, chosen, options.bundle);
  declare_rollout(app, chosen, options.rollout);
  declare_offline(app, chosen, options.offline);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    app.exit(asked);  // --help, --version
    return print_done() ? kYes : kCouldNotRun;
  } catch (const CLI::ParseError& fault) {
    app.exit(fault);
    return kCouldNotRun;
  }
  return chosen();
}

}  // namespace lineup::cli
