// SPDX-License-Identifier: Apache-2.0
//
// `lineup diff`: recorded requests through two bundles. A line is read once and its rows are lent
// to both engines; every thread has a tally of its own. Deadlines are lifted: pages then depend on
// counts alone, and a difference is one of the bundles, not of the machine.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "cli/diff/diff_tally.hpp"
#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_view.hpp"
#include "cli/request/line_source.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

struct Question {
  Pair<EngineHandle> engines;
  Pair<std::vector<SceneDescription>> scenes;
  std::string segment;                   // empty: all requests
  std::int64_t now_ms = LINEUP_NO_TIME;  // what requests without a clock see
  bool is_at = false;                    // --at: what all requests see
};

// What one thread does.
class Comparer {
 public:
  explicit Comparer(const Question& question)
      : question_(question),
        askers_{Asker(question.engines[0].get()), Asker(question.engines[1].get())},
        tally_(question.scenes) {
    for (Asker& asker : askers_) asker.lift_deadline();
  }

  void work(LineSource& source) {
    NumberedLine line;
    while (source.take(line)) {
      const auto compared = compare(line);
      if (!compared) {
        tally_.add_left_out({line.number, request_.id, compared.error().message});
      }
    }
  }

  [[nodiscard]] const DiffTally& tally() const { return tally_; }

 private:
  Result<void> compare(const NumberedLine& line) {
    request_.id.clear();
    if (line.is_too_long) {
      return failure("request/size", fmt::format("longer than {} MiB", kLineBytesMax >> 20));
    }
    auto read = reader_.read(line.text, request_);
    if (!read) return read;
    if (question_.is_at || request_.now_ms == LINEUP_NO_TIME) request_.now_ms = question_.now_ms;
    request_.explain = false;
    request_.revision.clear();  // of the engine that recorded it
    if (!is_in_segment()) {
      tally_.add_not_in_segment();
      return {};
    }
    Pair<Answer> pages;
    Pair<Answer> audits;
    Pair<Answer> ranked;
    // Who comes second finds the request in the caches: they take turns.
    const std::size_t first = line.number % 2;
    for (const std::size_t side : {first, 1 - first}) {
      auto asked = ask(side, pages[side], [&] { return askers_[side].rerank(request_); });
      if (!asked) return asked;
    }
    rank_rows();
    for (std::size_t side = 0; side < 2; ++side) {
      slate_.assign(pages[side]->slate, pages[side]->slate + pages[side]->slate_count);
      auto asked = ask(side, audits[side], [&] { return askers_[side].verify(request_, slate_); });
      if (!asked) return asked;
      slate_.assign(order_.begin(), order_.begin() + pages[side]->slate_count);
      // A page that filters forbid is no error here: that they do is what is counted.
      auto order = askers_[side].verify(request_, slate_);
      if (!order) return tl::unexpected(order.error());
      ranked[side] = std::move(*order);
    }
    tally_.add({line.number,
                &request_,
                {&*pages[0], &*pages[1]},
                {&*audits[0], &*audits[1]},
                {&*ranked[0], &*ranked[1]}});
    return {};
  }

  // An answer, or what is wrong with the question.
  template <typename Ask>
  Result<void> ask(std::size_t side, Answer& out, Ask&& question) {
    auto answer = question();
    const char* name = side == 0 ? "old" : "new";
    if (!answer) {
      return failure(answer.error().code, fmt::format("{}: {}", name, answer.error().message));
    }
    if ((*answer)->answer == LINEUP_ANSWER_ERROR) {
      return failure("diff/error", fmt::format("{}: {}", name, view((*answer)->error)));
    }
    out = std::move(*answer);
    return {};
  }

  bool is_in_segment() {
    if (question_.segment.empty()) return true;
    return askers_[0].is_in_segment(request_, question_.segment) ||
           askers_[1].is_in_segment(request_, question_.segment);
  }

  // Rows by score alone, best first; those without a score last.
  void rank_rows() {
    const std::uint32_t rows = request_.candidates.row_count();
    order_.resize(rows);
    std::iota(order_.begin(), order_.end(), 0U);
    const OwnedColumn* scores = request_.candidates.find("score");
    if (scores == nullptr) return;
    scores_.resize(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      scores_[row] = number_at(*scores, row).value_or(-std::numeric_limits<double>::infinity());
    }
    std::stable_sort(order_.begin(), order_.end(),
                     [this](std::uint32_t a, std::uint32_t b) { return scores_[a] > scores_[b]; });
  }

  const Question& question_;
  Pair<Asker> askers_;
  DiffTally tally_;
  RequestReader reader_;
  RequestLine request_;
  std::vector<std::uint32_t> slate_, order_;
  std::vector<double> scores_;
};

Result<void> check_segment(const Question& question) {
  if (question.segment.empty()) return {};
  std::vector<std::string> known;
  for (const auto& side : question.scenes) {
    for (const SceneDescription& scene : side) {
      known.insert(known.end(), scene.segments.begin(), scene.segments.end());
    }
  }
  if (std::find(known.begin(), known.end(), question.segment) != known.end()) return {};
  std::sort(known.begin(), known.end());
  known.erase(std::unique(known.begin(), known.end()), known.end());
  std::string list;
  for (const std::string& name : known)
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", name);
  return failure("diff/segment",
                 fmt::format("neither bundle has a segment `{}`; {}", question.segment,
                             list.empty() ? "they have none" : "they have " + list));
}

Result<Question> ask_of(const DiffOptions& options, std::uint32_t threads) {
  Question question;
  question.segment = options.segment;
  question.now_ms = wall_ms();
  if (options.at) {
    question.now_ms = *options.at;
    question.is_at = true;
  }
  for (std::size_t side = 0; side < 2; ++side) {
    BundleOptions bundle = options.bundle;
    bundle.bundle = side == 0 ? options.old_bundle : options.new_bundle;
    // A page and two audits are held at once, and one request more is asked.
    auto engine = open_engine(bundle, {.sessions = 4 * threads});
    if (!engine) {
      return failure(engine.error().code,
                     fmt::format("{} bundle `{}`: {}", side == 0 ? "old" : "new", bundle.bundle,
                                 engine.error().message));
    }
    question.engines[side] = std::move(*engine);
    question.scenes[side] = describe_scenes(*question.engines[side]);
  }
  auto known = check_segment(question);
  if (!known) return tl::unexpected(known.error());
  return question;
}

DiffReport compare_all(const Question& question, LineSource& source, std::uint32_t threads) {
  std::vector<std::unique_ptr<Comparer>> comparers;
  for (std::uint32_t i = 0; i < threads; ++i) {
    comparers.push_back(std::make_unique<Comparer>(question));
  }
  {
    std::vector<std::jthread> running;
    for (const auto& comparer : comparers) {
      running.emplace_back([&comparer, &source] { comparer->work(source); });
    }
  }
  DiffTally all(question.scenes);
  for (const auto& comparer : comparers) all.merge(comparer->tally());
  return all.finish();
}

int show(const DiffReport& report, const DiffOptions& options) {
  if (!options.html.empty()) {
    auto writer = LineWriter::open(options.html);
    if (!writer) return could_not_run(writer.error().message);
    if (!writer->write(diff_html(report)) || !writer->flush()) {
      return could_not_run(writer->fault());
    }
  }
  if (options.json) {
    print_line(diff_json(report));
  } else {
    for (const std::string& line :
         diff_lines(report, terminal_width(STDOUT_FILENO), wants_color(STDOUT_FILENO))) {
      print_line(line);
    }
  }
  if (!print_done()) return kCouldNotRun;
  return report.pages_changed > 0 ? kNo : kYes;
}

}  // namespace

int diff_verb(const DiffOptions& options) {
  const std::uint32_t threads =
      options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
  auto source = LineSource::open(options.requests);
  if (!source) return could_not_run(source.error().message);
  const auto question = ask_of(options, threads);
  if (!question) return could_not_run(question.error().message);
  const std::int64_t began_ns = monotonic_ns();
  DiffReport report = compare_all(*question, *source, threads);
  if (interrupted() != 0) return interrupted_exit_code();
  if (!source->fault().empty()) return could_not_run(source->fault());
  report.requests = options.requests;
  if (options.at) report.at = format_time(*options.at);
  report.segment = options.segment;
  report.threads = threads;
  report.elapsed_s = static_cast<double>(monotonic_ns() - began_ns) / 1e9;
  for (std::size_t side = 0; side < 2; ++side) {
    report.sides[side].bundle = side == 0 ? options.old_bundle : options.new_bundle;
    report.sides[side].revision =
        question->scenes[side].empty() ? "" : question->scenes[side].front().revision;
  }
  if (report.pages == 0) {
    const std::string why =
        report.left_out.empty()
            ? (report.not_in_segment > 0 ? fmt::format("none of {} requests is in segment `{}`",
                                                       report.not_in_segment, options.segment)
                                         : fmt::format("`{}` has no requests", options.requests))
            : fmt::format("none of {} requests could be compared; line {}: {}",
                          report.left_out_count, report.left_out.front().line,
                          report.left_out.front().message);
    return could_not_run(why);
  }
  return show(report, options);
}

}  // namespace lineup::cli
