// SPDX-License-Identifier: Apache-2.0
//
// `lineup evaluate`: a log of requests with what was shown and done, against a bundle. A regular
// file is read twice, once to fit click models, once to judge; a stream once, with models from
// counts that were made before (`--fit`), or without.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/offline/judge.hpp"
#include "cli/offline/report.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"

namespace lineup::cli {

namespace {

// LIMIT: points of a sweep; every one ranks every request again.
constexpr std::uint32_t kSweepMax = 50;

// Counts clicks. One per thread.
class Counter {
 public:
  explicit Counter(const std::string& event) : reader_(event) {}

  void work(LineSource& source) {
    NumberedLine line;
    std::vector<ClickCounts::Shown> shown;
    while (source.take(line)) {
      const auto read = reader_.read(line.text, feedback_);
      if (!read || !feedback_.is_there) {
        // What cannot be judged either is reported there; a line for `--fit` alone is counted.
        unread_ += read ? 0 : 1;
        continue;
      }
      shown.clear();
      for (std::size_t i = 0; i < feedback_.exposed.size(); ++i) {
        shown.push_back({feedback_.exposed[i], feedback_.slots[i], feedback_.rewards[i] > 0.0});
      }
      counts_.add(shown);
    }
  }
  [[nodiscard]] const ClickCounts& counts() const { return counts_; }
  [[nodiscard]] std::uint64_t unread() const { return unread_; }

 private:
  FeedbackReader reader_;
  Feedback feedback_;
  ClickCounts counts_;
  std::uint64_t unread_ = 0;
};

template <typename Worker>
void run_all(const std::vector<std::unique_ptr<Worker>>& workers, LineSource& source) {
  std::vector<std::jthread> running;
  for (const auto& worker : workers) {
    running.emplace_back([&worker, &source] { worker->work(source); });
  }
}

std::uint32_t threads_of(const EvaluateOptions& options) {
  return options.threads > 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
}

Result<ClickCounts> count_clicks(const EvaluateOptions& options, std::uint64_t& unread) {
  auto source = LineSource::open(options.data);
  if (!source) return tl::unexpected(source.error());
  std::vector<std::unique_ptr<Counter>> counters;
  for (std::uint32_t i = 0; i < threads_of(options); ++i) {
    counters.push_back(std::make_unique<Counter>(options.event));
  }
  run_all(counters, *source);
  if (!source->fault().empty()) return failure("io/read", source->fault());
  ClickCounts all;
  for (const auto& counter : counters) {
    all.merge(counter->counts());
    unread += counter->unread();
  }
  return all;
}

Result<ClickCounts> read_counts(const std::vector<std::string>& paths) {
  ClickCounts all;
  for (const std::string& path : paths) {
    auto reader = LineReader::open(path);
    if (!reader) return tl::unexpected(reader.error());
    std::string line;
    for (std::uint64_t number = 1;; ++number) {
      const auto next = reader->next(line);
      if (next == LineReader::Next::End) break;
      if (next != LineReader::Next::Line) {
        return failure("io/read", fmt::format("cannot read `{}`: {}", path,
                                              reader->fault().empty() ? "a line is too long"
                                                                      : reader->fault()));
      }
      if (line.empty()) continue;
      auto counts = ClickCounts::read(line);
      if (!counts) {
        return failure(counts.error().code,
                       fmt::format("{}:{}: {}", path, number, counts.error().message));
      }
      all.merge(*counts);
    }
  }
  return all;
}

bool is_file(const std::string& path) {
  struct stat facts {};
  return path != "-" && ::stat(path.c_str(), &facts) == 0 && S_ISREG(facts.st_mode);
}

std::string known_settings(const std::vector<SceneDescription>& scenes) {
  std::string out;
  for (const SceneDescription& scene : scenes) {
    for (const SettingDescription& setting : scene.settings) {
      out += fmt::format("{}`{}`", out.empty() ? "" : ", ", setting.name);
    }
  }
  return out.empty() ? "there is none" : "there are " + out;
}

// PARAMETER=a:b:n
Result<Sweep> read_sweep(const std::string& text, const std::vector<SceneDescription>& scenes) {
  const auto wrong = [&text] {
    return failure("evaluate/sweep",
                   fmt::format("`--sweep {}` must be PARAMETER=FROM:TO:POINTS with 2 to {} points, "
                               "such as `relevance=0:2:9`",
                               text, kSweepMax));
  };
  const std::size_t equals = text.find('=');
  const std::size_t first = text.find(':', equals);
  const std::size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  if (equals == std::string::npos || equals == 0 || second == std::string::npos) return wrong();
  double from = 0.0;
  double to = 0.0;
  std::uint32_t points = 0;
  const auto read = [&text](std::size_t begin, std::size_t end, auto& out) {
    const auto [stop, fault] = std::from_chars(text.data() + begin, text.data() + end, out);
    return fault == std::errc() && stop == text.data() + end;
  };
  if (!read(equals + 1, first, from) || !read(first + 1, second, to) ||
      !read(second + 1, text.size(), points) || points < 2 || points > kSweepMax) {
    return wrong();
  }
  Sweep out;
  out.name = text.substr(0, equals);
  bool is_known = false;
  for (const SceneDescription& scene : scenes) {
    for (const SettingDescription& setting : scene.settings) is_known |= setting.name == out.name;
    for (const ObjectiveDescription& one : scene.objectives) out.is_weight |= one.name == out.name;
  }
  if (!is_known) {
    return failure("evaluate/sweep", fmt::format("no weight or live parameter is called `{}`; {}",
                                                 out.name, known_settings(scenes)));
  }
  for (std::uint32_t i = 0; i < points; ++i) {
    out.values.push_back(from + (to - from) * i / (points - 1));
  }
  return out;
}

Result<EngineHandle> open_one(const BundleOptions& bundle, const char* who, std::uint32_t threads) {
  auto engine = open_engine(bundle, {.sessions = 2 * threads});
  if (engine) return engine;
  return failure(engine.error().code,
                 fmt::format("{} `{}`: {}", who, bundle.bundle, engine.error().message));
}

// The models, and what the report says of them.
Result<void> make_models(const EvaluateOptions& options, JudgeSetup& setup) {
  setup.head.models = "none: give click counts with --models, or a file as --data";
  if (options.models.empty() && !is_file(options.data)) return {};
  std::uint64_t unread = 0;
  const auto counts =
      options.models.empty() ? count_clicks(options, unread) : read_counts(options.models);
  if (!counts) return tl::unexpected(counts.error());
  setup.models = fit(*counts);
  if (setup.models.pages == 0) {
    setup.head.models = "none: the log has no feedback";
    return {};
  }
  setup.head.models = fmt::format("from {} pages{}, {} items, {} slots ({})", setup.models.pages,
                                  options.models.empty() ? " of the log that is judged" : "",
                                  setup.models.items.size(), setup.models.looks.size(),
                                  content_hash(counts->json()).substr(0, 12));
  return {};
}

Result<JudgeSetup> set_up(const EvaluateOptions& options, std::uint32_t threads) {
  JudgeSetup setup;
  auto engine = open_one(options.bundle, "bundle", threads);
  if (!engine) return tl::unexpected(engine.error());
  setup.engine = std::move(*engine);
  setup.scenes = describe_scenes(*setup.engine);
  setup.head.bundle = options.bundle.bundle;
  if (!setup.scenes.empty()) setup.head.revision = setup.scenes.front().revision;
  setup.head.baseline = "the order by score";
  if (!options.baseline.empty()) {
    BundleOptions bundle = options.bundle;
    bundle.bundle = options.baseline;
    auto baseline = open_one(bundle, "baseline", threads);
    if (!baseline) return tl::unexpected(baseline.error());
    setup.baseline = std::move(*baseline);
    setup.head.baseline = "bundle " + options.baseline;
  }
  setup.event = setup.head.event = options.event;
  setup.category = options.category;
  setup.embedding = options.embedding;
  setup.now_ms = options.at.value_or(wall_ms());
  setup.is_at = options.at.has_value();
  setup.head.arms = {options.baseline.empty() ? "score order" : "baseline"};
  if (options.sweep.empty()) {
    setup.head.arms.emplace_back("bundle");
  } else {
    auto sweep = read_sweep(options.sweep, setup.scenes);
    if (!sweep) return tl::unexpected(sweep.error());
    setup.sweep = std::move(*sweep);
    setup.head.sweep = setup.sweep.name;
    setup.head.sweep_values = setup.sweep.values;
    for (const double value : setup.sweep.values) {
      setup.head.arms.push_back(fmt::format("{}={:g}", setup.sweep.name, value));
    }
  }
  setup.head.arms.emplace_back("logged");
  auto made = make_models(options, setup);
  if (!made) return tl::unexpected(made.error());
  return setup;
}

int show(const Tally& tally, const EvaluateOptions& options) {
  const Tally::Group& all = tally.groups().at(kAllRequests);
  if (options.partial) {
    // A part may be empty; the whole may not.
    print_line(tally.json());
    return print_done() ? kYes : kCouldNotRun;
  }
  if (all.requests == 0) {
    return could_not_run(tally.left_out() > 0
                             ? fmt::format("none of {} requests could be judged; {}",
                                           tally.left_out(), tally.first_left_out())
                             : "there is no request with feedback");
  }
  if (!options.html.empty()) {
    auto writer = LineWriter::open(options.html);
    if (!writer) return could_not_run(writer.error().message);
    if (!writer->write(evaluation_html(tally)) || !writer->flush()) {
      return could_not_run(writer->fault());
    }
  }
  if (options.json) {
    print_line(evaluation_json(tally));
  } else {
    for (const std::string& line : evaluation_lines(tally, terminal_width(STDOUT_FILENO))) {
      print_line(line);
    }
  }
  return print_done() ? kYes : kCouldNotRun;
}

int merge_parts(const EvaluateOptions& options) {
  std::unique_ptr<Tally> all;
  for (const std::string& path : options.parts) {
    auto reader = LineReader::open(path);
    if (!reader) return could_not_run(reader.error().message);
    std::string line;
    std::uint64_t number = 0;
    LineReader::Next next{};
    while ((next = reader->next(line)) == LineReader::Next::Line) {
      ++number;
      if (line.empty()) continue;
      auto part = Tally::read(line);
      Result<void> merged;
      if (!part) {
        merged = tl::unexpected(part.error());
      } else if (all == nullptr) {
        all = std::make_unique<Tally>(std::move(*part));
      } else {
        merged = all->merge(*part);
      }
      if (!merged) {
        return could_not_run(fmt::format("{}:{}: {}", path, number, merged.error().message));
      }
    }
    if (interrupted() != 0) return interrupted_exit_code();
    if (next != LineReader::Next::End) {
      return could_not_run(fmt::format("cannot read `{}` after line {}", path, number));
    }
  }
  if (all == nullptr) return could_not_run("there are no partial sums to merge");
  return show(*all, options);
}

int fit_counts(const EvaluateOptions& options) {
  std::uint64_t unread = 0;
  const auto counts = count_clicks(options, unread);
  if (interrupted() != 0) return interrupted_exit_code();
  if (!counts) return could_not_run(counts.error().message);
  if (unread > 0) fmt::print(stderr, "lineup: {} lines could not be read\n", unread);
  print_line(counts->json());
  return print_done() ? kYes : kCouldNotRun;
}

}  // namespace

int evaluate_verb(const EvaluateOptions& options) {
  if (options.merge) return merge_parts(options);
  if (options.data.empty()) return could_not_run("`--data FILE` is missing; - is standard input");
  if (options.fit) return fit_counts(options);
  if (options.bundle.bundle.empty()) {
    return could_not_run("the bundle is missing: lineup evaluate BUNDLE --data FILE");
  }
  const std::uint32_t threads = threads_of(options);
  const auto setup = set_up(options, threads);
  if (interrupted() != 0) return interrupted_exit_code();
  if (!setup) return could_not_run(setup.error().message);
  auto source = LineSource::open(options.data);
  if (!source) return could_not_run(source.error().message);
  std::vector<std::unique_ptr<Judge>> judges;
  for (std::uint32_t i = 0; i < threads; ++i) judges.push_back(std::make_unique<Judge>(*setup));
  run_all(judges, *source);
  if (interrupted() != 0) return interrupted_exit_code();
  if (!source->fault().empty()) return could_not_run(source->fault());
  Tally all(setup->head);
  for (const auto& judge : judges) {
    const auto merged = all.merge(judge->tally());
    if (!merged) return could_not_run(merged.error().message);
  }
  return show(all, options);
}

}  // namespace lineup::cli
