// SPDX-License-Identifier: Apache-2.0
//
// See the header.
#include "cli/offline/command_line.hpp"

#include <fmt/format.h>

#include "cli/declare.hpp"

namespace lineup::cli {

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

void declare_import(CLI::App& app, Verb& chosen, ImportOptions& options) {
  auto* verb = declare(
      app, "import", "Make requests with feedback of public logs, or of your own",
      "  lineup import kuairand KuaiRand-Pure/data --out lists.jsonl\n"
      "  lineup import obd obd --out bandit.jsonl\n"
      "  lineup import jsonl logs | lineup evaluate shop --data - --models counts.json\n\n"
      "Files may be gzipped. jsonl: DIR/requests.jsonl and DIR/feedback.jsonl, joined by `id`.",
      chosen, import_verb, options);
  verb->add_option("format", options.format, "kuairand, movielens, obd or jsonl")
      ->required()
      ->check(CLI::IsMember({"kuairand", "movielens", "obd", "jsonl"}));
  verb->add_option("directory", options.directory, "Where the log is")
      ->required()
      ->type_name("DIR");
  verb->add_option("--out", options.out, "Where request lines go; - is standard output")
      ->type_name("FILE");
  verb->add_option("--scene", options.scene, "Scene that the requests name; jsonl keeps its own")
      ->type_name("NAME");
  verb->add_option("--length", options.length,
                   "Slots of a page; without it kuairand 6, movielens 10, obd 3")
      ->check(CLI::Range(1, 1000));
  verb->add_option("--part", options.part, "kuairand: days after --train-until, until, or all")
      ->check(CLI::IsMember({"test", "train", "all"}));
  verb->add_option("--train-until", options.train_until,
                   "kuairand: last day that `score` is learned from")
      ->type_name("YYYYMMDD");
}

void declare_evaluate(CLI::App& app, Verb& chosen, EvaluateOptions& options) {
  auto* verb = declare(
      app, "evaluate", "Judge a bundle on logged requests with feedback",
      "  lineup evaluate shop --data log.jsonl --category category --html report.html\n"
      "  lineup evaluate draft --baseline live --data log.jsonl --sweep relevance=0:2:9\n"
      "  lineup evaluate --fit --data log.jsonl > counts.json\n"
      "  parallel --pipe-part -a log.jsonl lineup evaluate shop --data - --models counts.json \\\n"
      "    --partial > parts.jsonl\n"
      "  lineup evaluate --merge parts.jsonl --json\n\n"
      "Every line is a request as `lineup run` takes it, with\n"
      "  \"feedback\": {\"exposed\": [ids], \"events\": [{\"id\": .., \"type\": \"click\"}],\n"
      "               \"slots\": [..], \"propensities\": [..], \"targets\": [..]}\n"
      "where the last three are optional. Requests without feedback are counted and passed over.",
      chosen, evaluate_verb, options);
  verb->add_option("bundle", options.bundle.bundle, "The bundle that is judged")->type_name("DIR");
  add_directories(verb, options.bundle);
  verb->add_option("--data", options.data, "Requests with feedback; - is standard input")
      ->type_name("FILE");
  auto* baseline = verb->add_option("--baseline", options.baseline,
                                    "Bundle to compare with; without it the order by `score`");
  baseline->type_name("DIR");
  verb->add_option("--event", options.event, "Type of event that counts as a reward")
      ->type_name("TYPE");
  verb->add_option("--category", options.category,
                   "Column whose values are groups, for alpha-NDCG, pairs and coverage")
      ->type_name("COLUMN");
  verb->add_option("--embedding", options.embedding, "Column of vectors, for intra-list distance")
      ->type_name("COLUMN");
  verb->add_option("--models", options.models,
                   "Click counts that --fit wrote; a regular file as --data needs none")
      ->type_name("FILE");
  verb->add_option("--sweep", options.sweep, "Judge a weight or live parameter at several values")
      ->type_name("NAME=FROM:TO:POINTS");
  verb->add_option("--html", options.html, "Also write a page with plots")->type_name("FILE");
  add_at(verb, options.at, "Answer as at this time, whatever the requests say");
  verb->add_option("--threads", options.threads, "Threads; without it one for each processor")
      ->check(CLI::Range(1, 256));
  auto* fit = verb->add_flag("--fit", options.fit, "Only count clicks, for --models; parts add up");
  auto* partial = verb->add_flag("--partial", options.partial,
                                 "Write sums that --merge adds up, instead of a report");
  auto* merge =
      verb->add_option("--merge", options.parts, "Report the sum of such parts")->type_name("FILE");
  merge->each([&options](const std::string&) { options.merge = true; });
  merge->excludes(fit)->excludes(partial);
  add_json(verb, options.json);
}

void declare_simulate(CLI::App& app, Verb& chosen, SimulateOptions& options,
                      ListEffectOptions& study) {
  auto* verb = declare(
      app, "simulate", "Serve made-up users with two bundles and compare what they do",
      "  lineup simulate live draft --users 2000\n"
      "  lineup simulate live draft --delay-minutes 30 --loss 0.2 --json\n"
      "  lineup simulate live draft --tire 0     # no list effect: nothing to be gained by order\n"
      "  lineup simulate --list-effect ml-latest-small   # generators x evaluators, a table\n\n"
      "Candidates carry score, pctr, pnext, category, author, type (video, ad), is_new and bid; a\n"
      "policy declares what it wants of them. Users scroll, tire of repeated categories, click "
      "and\n"
      "leave; the same users meet both bundles. True expected clicks are computed, not counted.",
      chosen, simulate_verb, options);
  verb->add_option("a", options.a, "The bundle to compare with")->type_name("A");
  verb->add_option("b", options.b, "The other bundle")->type_name("B");
  add_directories(verb, options.bundle);
  verb->add_option("--scene", options.scene, "Scene of both; without it the only one")
      ->type_name("NAME");
  verb->add_option("--users", options.users, "Users")->check(CLI::Range(30, 1'000'000));
  verb->add_option("--sessions", options.sessions, "Sessions of each user, an hour apart")
      ->check(CLI::Range(1, 1000));
  verb->add_option("--items", options.items, "Items at the start; a tenth comes anew each session")
      ->check(CLI::Range(20, 100'000));
  verb->add_option("--candidates", options.candidates, "Candidates of a request")
      ->check(CLI::Range(1, 10'000));
  verb->add_option("--page", options.page, "Slots of a page")->check(CLI::Range(1, 100));
  verb->add_option("--seed", options.seed, "Another seed is another world");
  verb->add_option("--tire", options.tire, "The planted list effect; 0: none")
      ->check(CLI::Range(0.0, 10.0));
  verb->add_option("--delay-minutes", options.delay_minutes, "How late feedback arrives")
      ->check(CLI::Range(0, 1'000'000));
  verb->add_option("--loss", options.loss, "Share of feedback that never arrives")
      ->check(CLI::Range(0.0, 1.0));
  auto* films =
      verb->add_option("--list-effect", study.movielens,
                       "Instead: installed generators on MovieLens with a planted effect");
  films->type_name("DIR");
  verb->add_option("--requests", study.requests, "With --list-effect: half tune, half test")
      ->check(CLI::Range(60, 1'000'000))
      ->needs(films);
  verb->add_option("--coverage", study.coverage, "With --list-effect: its share; 0: no effect")
      ->check(CLI::Range(0.0, 1.0))
      ->needs(films);
  add_json(verb, options.json);
  verb->callback([&chosen, &options, &study] {
    chosen = [&options, &study] {
      if (study.movielens.empty()) return simulate_verb(options);
      study.bundle = options.bundle;
      study.seed = options.seed;
      study.json = options.json;
      return list_effect_verb(study);
    };
  });
}

}  // namespace

void declare_offline(CLI::App& app, std::function<int()>& chosen, OfflineVerbs& options) {
  declare_import(app, chosen, options.import);
  declare_evaluate(app, chosen, options.evaluate);
  declare_simulate(app, chosen, options.simulate, options.list_effect);
}

}  // namespace lineup::cli
