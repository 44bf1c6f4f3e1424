// SPDX-License-Identifier: Apache-2.0
//
// `lineup simulate --list-effect DIR`: the generators that are installed, on requests whose true
// expected clicks are known exactly. Each is opened with several settings, in a policy without
// rules. Half of the requests tune: which setting of a generator is best, and what a list model
// learns from clicks. The other half is the table: for every generator and evaluator the page that
// the evaluator picks among those of the generator's settings, against the order by score.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/offline/films.hpp"
#include "cli/offline/options.hpp"
#include "cli/offline/paired.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;
using Page = std::vector<std::uint32_t>;

constexpr std::uint32_t kCandidates = 50;
constexpr std::uint32_t kSlots = 10;
constexpr std::size_t kBeamWidth = 8;

struct Setting {
  std::string generator, with;
};

std::vector<Setting> settings() {
  std::vector<Setting> out = {{"score_order", ""}};
  for (const double theta : {0.9, 0.8, 0.7, 0.5, 0.3}) {
    out.push_back(
        {"mmr", fmt::format("theta: {}, window: 0, embeddings: [{{column: genre}}]", theta)});
  }
  for (const double gamma : {0.1, 0.2, 0.4, 0.8, 1.6}) {
    out.push_back(
        {"ssd", fmt::format("gamma: {}, window: 0, embeddings: [{{column: genre}}]", gamma)});
  }
  for (const double theta : {0.95, 0.9, 0.8, 0.6, 0.4}) {
    out.push_back({"dpp", fmt::format("theta: {}, embeddings: [{{column: genre}}]", theta)});
  }
  for (const double views : {0.0, 0.1, 0.3}) {
    out.push_back({"sequence_beam",
                   fmt::format("width: 8, continue: pnext, values: [{{column: pctr, weight: 1}}, "
                               "{{column: pnext, weight: {}}}]",
                               views)});
  }
  return out;
}

std::string policy_of(const Setting& setting, std::size_t genres) {
  const std::string with = setting.with.empty() ? "" : fmt::format(", with: {{{}}}", setting.with);
  return fmt::format(
      "lineup: 1\nscene: films\npage: {}\ncolumns:\n  score: {{type: float}}\n"
      "  pctr: {{type: float}}\n  pnext: {{type: float}}\n"
      "  genre: {{type: embedding, dimension: {}}}\n"
      "objectives:\n  relevance: {{column: score, default: 1.0}}\n"
      "graph:\n  - {{id: page, generate: {}{}}}\n"
      "  - {{id: value, evaluate: weighted_sum, from: [page]}}\n"
      "  - {{id: best, select: best, from: [value]}}\nlimits: {{improve: 0}}\n",
      kSlots, genres, setting.generator, with);
}

// A generator with one setting, ready to be asked.
struct Maker {
  Setting setting;
  EngineHandle engine;
  std::unique_ptr<Asker> asker;
};

void open_makers(const BundleOptions& bundle, std::size_t genres, std::vector<Maker>& makers,
                 std::vector<std::string>& missing) {
  for (Setting& setting : settings()) {
    if (std::find(missing.begin(), missing.end(), setting.generator) != missing.end()) continue;
    OpenOptions open;
    open.log_level = 4;
    open.overlay = {{"policies/films.yaml", policy_of(setting, genres)}};
    auto engine = open_engine(bundle, open);
    if (!engine) {
      missing.push_back(setting.generator);
      continue;
    }
    Maker maker{std::move(setting), std::move(*engine), nullptr};
    maker.asker = std::make_unique<Asker>(maker.engine.get());
    maker.asker->lift_deadline();
    makers.push_back(std::move(maker));
  }
}

Result<void> fill(const Films& films, const FilmRequest& drawn, std::uint32_t number,
                  RequestLine& request) {
  request.reset();
  request.id = fmt::format("r{}", number);
  request.scene = "films";
  request.seed = number;
  request.now_ms = 0;
  std::vector<float> vector(films.genres().size());
  Result<void> added;
  for (std::uint32_t row = 0; row < drawn.films.size() && added; ++row) {
    const double score = drawn.score[row];
    request.candidates.ids().add_text(films.id(drawn.films[row]));
    std::fill(vector.begin(), vector.end(), 0.0F);
    for (const std::uint32_t genre : films.genres_of(drawn.films[row])) vector[genre] = 1.0F;
    added = request.candidates.column("score").add_number(row, score);
    if (added) added = request.candidates.column("pctr").add_number(row, score);
    if (added) {
      added = request.candidates.column("pnext").add_number(
          row, score * (1.0 - kLeaveAfterClick) + (1.0 - score) * (1.0 - kLeaveOtherwise));
    }
    if (added) added = request.candidates.column("genre").add_numbers(row, vector);
  }
  request.candidates.finish(static_cast<std::uint32_t>(drawn.films.size()));
  return added;
}

// How the evaluators see a page. The first two know nothing of lists. The fourth has the planted
// effect and the user's real preferences, but only the ranker's scores: it is what a perfect list
// model could reach. The last knows the relevance without the ranker's noise as well.
enum Evaluator : std::size_t { Weighted, Expects, Learned, Effect, Truth, kEvaluatorCount };
constexpr std::array<const char*, kEvaluatorCount> kEvaluators = {
    "weighted_sum", "expected_value", "learned list model", "true list model", "all of the truth"};

class Study {
 public:
  Study(const ListEffectOptions& options, const Films& films)
      : options_(options),
        films_(films),
        truth_{0.0, 1.0 - options.coverage, 0.5 * options.coverage} {}

  Result<void> run() {
    open_makers(options_.bundle, films_.genres().size(), makers_, missing_);
    if (makers_.empty() || makers_.front().setting.generator != "score_order") {
      return failure("simulate/plugins",
                     "the plugins score_order and weighted_sum are not found; "
                     "name their folder with --plugins");
    }
    const std::uint32_t tuning = options_.requests / 2;
    std::vector<FilmRequest> log;
    for (std::uint32_t i = 0; i < tuning; ++i) {
      log.push_back(films_.draw(options_.seed, i, kCandidates));
    }
    // The model needs more clicks than the settings do.
    std::vector<FilmRequest> model_log = log;
    for (std::uint32_t i = 0; i < 10 * tuning; ++i) {
      model_log.push_back(films_.draw(options_.seed ^ 0xabcdef, i, kCandidates));
    }
    learned_ = learn_model(films_, truth_, model_log, kSlots, options_.seed);
    auto tuned = tune(log);
    if (!tuned) return tuned;
    for (std::uint32_t i = tuning; i < options_.requests && interrupted() == 0; ++i) {
      auto tested = test(i);
      if (!tested) return tested;
    }
    return {};
  }

  void show() const {
    print_line(
        fmt::format("{} requests tuned on, {} tested; {} of {} candidates; coverage {:g}, "
                    "seed {}",
                    options_.requests / 2, score_order_.count(), kSlots, kCandidates,
                    options_.coverage, options_.seed));
    print_line(fmt::format("order by score: {:.4f} true expected clicks", score_order_.mean_a()));
    print_line("");
    TextTable table;
    table.add_column("generator");
    table.add_column("evaluator");
    for (const char* heading : {"clicks", "against score order", "95 % interval"}) {
      table.add_column(heading, TextTable::Align::Right);
    }
    for (const Row& row : rows_) {
      table.add_row({row.generator, row.evaluator, fmt::format("{:.4f}", row.paired.mean_b()),
                     fmt::format("{:+.2f} %", percent(row.paired.difference())),
                     fmt::format("{:+.2f} .. {:+.2f} %", percent(row.paired.low()),
                                 percent(row.paired.high()))});
    }
    for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
    print_line("");
    if (has_ssd_) {
      print_line(
          fmt::format("pool with the learned list model against tuned ssd: {:+.4f} clicks ({:+.4f} "
                      ".. {:+.4f}): "
                      "{}",
                      against_ssd_.difference(), against_ssd_.low(), against_ssd_.high(),
                      against_ssd_.low() > 0.0 ? "better" : "not shown to be better"));
    }
    for (const auto& [generator, with] : tuned_) {
      print_line(fmt::format("tuned {}: {}", generator, with));
    }
    for (const std::string& name : missing_) {
      print_line(fmt::format("{}: not installed, or without what this study sets", name));
    }
    print_line("intervals: 95 %, paired by request, normal; clicks are exact, not sampled");
  }

  void show_json() const {
    Json rows = Json::array();
    for (const Row& row : rows_) {
      rows.push_back({{"generator", row.generator},
                      {"evaluator", row.evaluator},
                      {"clicks", row.paired.mean_b()},
                      {"difference", row.paired.difference()},
                      {"interval", {row.paired.low(), row.paired.high()}}});
    }
    Json out = {{"requests_tested", score_order_.count()},
                {"coverage", options_.coverage},
                {"seed", options_.seed},
                {"score_order", score_order_.mean_a()},
                {"rows", std::move(rows)},
                {"missing", missing_}};
    if (has_ssd_) {
      out["pool_against_tuned_ssd"] = {{"difference", against_ssd_.difference()},
                                       {"interval", {against_ssd_.low(), against_ssd_.high()}}};
    }
    print_line(out.dump());
  }

 private:
  struct Row {
    std::string generator, evaluator;
    Paired paired;
  };

  [[nodiscard]] double percent(double clicks) const {
    return 100.0 * clicks / score_order_.mean_a();
  }

  [[nodiscard]] double truth_of(const FilmRequest& drawn, const Page& page) const {
    return expected_clicks(films_, drawn, truth_, drawn.relevance, drawn.preference, page);
  }

  [[nodiscard]] double judge(std::size_t evaluator, const FilmRequest& drawn,
                             const Page& page) const {
    if (evaluator == Weighted) {
      double sum = 0.0;
      for (std::size_t slot = 0; slot < page.size(); ++slot) {
        sum += drawn.score[page[slot]] / std::log2(static_cast<double>(slot) + 2.0);
      }
      return sum;
    }
    if (evaluator == Expects) {
      const ListModel pointwise = {0.0, 1.0, 0.0};
      return expected_clicks(films_, drawn, pointwise, drawn.score, drawn.guessed, page);
    }
    if (evaluator == Learned) {
      return expected_clicks(films_, drawn, learned_, drawn.score, drawn.guessed, page);
    }
    if (evaluator == Effect) {
      return expected_clicks(films_, drawn, truth_, drawn.score, drawn.preference, page);
    }
    return truth_of(drawn, page);
  }

  // A page of every maker.
  Result<std::vector<Page>> make_pages(const FilmRequest& drawn, std::uint32_t number) {
    auto filled = fill(films_, drawn, number, request_);
    if (!filled) return tl::unexpected(filled.error());
    std::vector<Page> out;
    for (const Maker& maker : makers_) {
      const auto answer = maker.asker->rerank(request_);
      if (!answer) return tl::unexpected(answer.error());
      if ((*answer)->answer != LINEUP_ANSWER_OK) {
        return failure("simulate/answer",
                       fmt::format("{}: {}", maker.setting.generator, view((*answer)->error)));
      }
      out.emplace_back((*answer)->slate, (*answer)->slate + (*answer)->slate_count);
    }
    return out;
  }

  // The best setting of every generator, by the clicks of the tuning half.
  Result<void> tune(const std::vector<FilmRequest>& log) {
    std::vector<double> clicks(makers_.size());
    for (std::uint32_t i = 0; i < log.size() && interrupted() == 0; ++i) {
      const auto pages = make_pages(log[i], i);
      if (!pages) return tl::unexpected(pages.error());
      for (std::size_t m = 0; m < makers_.size(); ++m) clicks[m] += truth_of(log[i], (*pages)[m]);
    }
    for (std::size_t m = 0; m < makers_.size(); ++m) {
      const std::string& name = makers_[m].setting.generator;
      auto& group = groups_[name];
      if (group.makers.empty() || clicks[m] > clicks[group.best]) group.best = m;
      group.makers.push_back(m);
    }
    for (const auto& [name, group] : groups_) {
      if (!makers_[group.best].setting.with.empty()) {
        tuned_.emplace_back(name, makers_[group.best].setting.with);
      }
    }
    has_ssd_ = groups_.contains("ssd");
    return {};
  }

  [[nodiscard]] const Page& pick(std::size_t evaluator, const FilmRequest& drawn,
                                 const std::vector<Page>& pages,
                                 const std::vector<std::size_t>& among) const {
    std::size_t best = among.front();
    double most = judge(evaluator, drawn, pages[best]);
    for (const std::size_t m : among) {
      const double value = judge(evaluator, drawn, pages[m]);
      if (value <= most) continue;
      most = value;
      best = m;
    }
    return pages[best];
  }

  void note(std::size_t& at, const std::string& generator, const std::string& evaluator,
            double base, double clicks) {
    if (at == rows_.size()) rows_.push_back({generator, evaluator, {}});
    rows_[at++].paired.add(base, clicks);
  }

  Result<void> test(std::uint32_t number) {
    const FilmRequest drawn = films_.draw(options_.seed, number, kCandidates);
    const auto pages = make_pages(drawn, number);
    if (!pages) return tl::unexpected(pages.error());
    const double base = truth_of(drawn, (*pages)[0]);
    score_order_.add(base, base);
    std::size_t at = 0;
    std::vector<std::size_t> pool;
    for (const auto& [name, group] : groups_) {
      pool.insert(pool.end(), group.makers.begin(), group.makers.end());
      if (name == "score_order") continue;
      note(at, name, "(best setting)", base, truth_of(drawn, (*pages)[group.best]));
      for (std::size_t e = 0; e < kEvaluators.size(); ++e) {
        note(at, name, kEvaluators[e], base, truth_of(drawn, pick(e, drawn, *pages, group.makers)));
      }
    }
    for (std::size_t e = 0; e < kEvaluators.size(); ++e) {
      const double clicks = truth_of(drawn, pick(e, drawn, *pages, pool));
      note(at, "all of them", kEvaluators[e], base, clicks);
      if (e == Learned && has_ssd_) {
        against_ssd_.add(truth_of(drawn, (*pages)[groups_.at("ssd").best]), clicks);
      }
    }
    const auto beam = [&](const ListModel& model, const std::vector<double>& relevance,
                          const std::vector<double>& preference) {
      return truth_of(drawn,
                      beam_page(films_, drawn, model, relevance, preference, kSlots, kBeamWidth));
    };
    const std::string inside = "beam inside the model";
    note(at, inside, kEvaluators[Learned], base, beam(learned_, drawn.score, drawn.guessed));
    note(at, inside, kEvaluators[Effect], base, beam(truth_, drawn.score, drawn.preference));
    note(at, inside, kEvaluators[Truth], base, beam(truth_, drawn.relevance, drawn.preference));
    Page by_relevance(drawn.films.size());
    std::iota(by_relevance.begin(), by_relevance.end(), 0U);
    std::stable_sort(by_relevance.begin(), by_relevance.end(),
                     [&drawn](std::uint32_t a, std::uint32_t b) {
                       return drawn.relevance[a] > drawn.relevance[b];
                     });
    by_relevance.resize(std::min<std::size_t>(kSlots, by_relevance.size()));
    note(at, "order by true relevance", "none", base, truth_of(drawn, by_relevance));
    return {};
  }

  struct Group {
    std::vector<std::size_t> makers;
    std::size_t best = 0;
  };

  const ListEffectOptions& options_;
  const Films& films_;
  ListModel truth_, learned_;
  std::vector<Maker> makers_;
  std::vector<std::string> missing_;
  std::map<std::string, Group> groups_;
  std::vector<std::pair<std::string, std::string>> tuned_;
  std::vector<Row> rows_;
  Paired score_order_, against_ssd_;
  bool has_ssd_ = false;
  RequestLine request_;
};

}  // namespace

int list_effect_verb(const ListEffectOptions& options) {
  const auto films = Films::read(options.movielens);
  if (!films) return could_not_run(films.error().message);
  Study study(options, *films);
  const auto ran = study.run();
  if (interrupted() != 0) return interrupted_exit_code();
  if (!ran) return could_not_run(ran.error().message);
  if (options.json) {
    study.show_json();
  } else {
    study.show();
  }
  return print_done() ? kYes : kCouldNotRun;
}

}  // namespace lineup::cli
