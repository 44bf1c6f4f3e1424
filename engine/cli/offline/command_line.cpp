// SPDX-License-Identifier: Apache-2.0
//
// See the header.
#include "cli/offline/command_line.hpp"

#include <fmt/format.h>

#include "base/clock.hpp"

namespace lineup::cli {

namespace {

using Verb = std::function<int()>;

template <typename Options>
CLI::App* declare(CLI::App& app, const char* name, const char* about, const char* examples,
                  Verb& chosen, int (*verb)(const Options&), Options& options) {
  CLI::App* made = app.add_subcommand(name, about);
  made->footer(fmt::format("Examples:\n{}", examples));
  made->callback(
      [&chosen, verb, &options] { chosen = [verb, &options] { return verb(options); }; });
  return made;
}

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
  verb->add_option("directory", options.directory, "Where the log is")->required()->type_name("DIR");
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
  verb->add_option_function<std::string>(
          "--at",
          [&options](const std::string& text) {
            options.at = parse_time_ms(text);
            if (options.at) return;
            throw CLI::ValidationError(
                "--at", fmt::format("`{}` is no time; write 2026-12-24 or 2026-12-24T18:00", text));
          },
          "Answer as at this time, whatever the requests say")
      ->type_name("TIME");
  verb->add_option("--threads", options.threads, "Threads; without it one for each processor")
      ->check(CLI::Range(1, 256));
  auto* fit = verb->add_flag("--fit", options.fit, "Only count clicks, for --models; parts add up");
  auto* partial = verb->add_flag("--partial", options.partial,
                                 "Write sums that --merge adds up, instead of a report");
  auto* merge = verb->add_option("--merge", options.parts, "Report the sum of such parts")
                    ->type_name("FILE");
  merge->each([&options](const std::string&) { options.merge = true; });
  merge->excludes(fit)->excludes(partial);
  verb->add_flag("--json", options.json, "For machines: JSON on standard output");
}

}  // namespace

void declare_offline(CLI::App& app, std::function<int()>& chosen, OfflineVerbs& options) {
  declare_import(app, chosen, options.import);
  declare_evaluate(app, chosen, options.evaluate);
}

}  // namespace lineup::cli
