// SPDX-License-Identifier: Apache-2.0
//
// `lineup watch`: ranks one request again and again while the bundle is edited, and prints the page
// whenever it changes. The engine reloads by itself; this only looks.
#include <fmt/format.h>
#include <unistd.h>

#include "base/clock.hpp"
#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/manage/reload_status.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/response_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_view.hpp"
#include "cli/request/find_request.hpp"
#include "cli/request/lines.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

constexpr int kLooksForStatus = 20;

class Watching {
 public:
  Watching(lineup_engine* engine, RequestLine& request, std::string bundle, bool json)
      : engine_(engine),
        asker_(engine),
        request_(request),
        bundle_(std::move(bundle)),
        json_(json),
        paint_(wants_color(STDOUT_FILENO)) {}

  // One look. False when it cannot go on.
  [[nodiscard]] bool look() {
    const auto attempt = last_attempt(engine_);
    if (attempt && attempt->number != attempt_) {
      const bool is_first = attempt_ == 0;
      attempt_ = attempt->number;
      if (attempt->state == "rejected") {
        show_refused(*attempt);
      } else if (!is_first && attempt->state == "active") {
        show_reloaded(*attempt);
      }
    }
    const auto answer = asker_.rerank(request_);
    if (!answer) return false;
    if (is_unannounced(view((*answer)->revision))) return true;
    show_page(**answer);
    return print_done();
  }

 private:
  // A revision serves a moment before the engine's status names it: its page waits for the line
  // that announces it, or the page would come first. Not for ever: a rollback is announced by its
  // page.
  [[nodiscard]] bool is_unannounced(std::string_view revision) {
    if (!has_page_ || revision == revision_ || revision == announced_) {
      looks_waited_ = 0;
      return false;
    }
    return ++looks_waited_ <= kLooksForStatus;
  }

  void show_refused(const ReloadAttempt& attempt) {
    if (json_) {
      WatchEvent event;
      event.event = "refused";
      event.revision = revision_;
      event.elapsed_ms = attempt.elapsed_ms;
      event.message = attempt.message;
      event.diagnostics = attempt.diagnostics;
      print_line(watch_json(event));
      return;
    }
    print_line(fmt::format("{}: {}; revision {} keeps serving", paint_.red("refused"),
                           attempt.message, revision_));
    for (const Diagnostic& found : attempt.diagnostics) {
      const auto source = read_text_file(bundle_ + "/" + found.span.file);
      std::string text =
          render(found, source ? *source : "", {.color = wants_color(STDOUT_FILENO)});
      if (text.ends_with('\n')) text.pop_back();
      print_line(text);
    }
  }

  void show_reloaded(const ReloadAttempt& attempt) {
    announced_ = attempt.revision;
    if (json_) {
      WatchEvent event;
      event.event = "reloaded";
      event.revision = attempt.revision;
      event.elapsed_ms = attempt.elapsed_ms;
      print_line(watch_json(event));
      return;
    }
    print_line(fmt::format("{} revision {} in {:.1f} ms", paint_.green("reloaded"),
                           attempt.revision, attempt.elapsed_ms));
  }

  void show_page(const lineup_result& result) {
    const std::vector<std::uint32_t> slate(result.slate, result.slate + result.slate_count);
    const std::string revision(view(result.revision));
    if (has_page_ && revision == revision_ && slate == slate_) return;
    if (json_) {
      WatchEvent event;
      event.event = "page";
      event.revision = revision;
      event.request = &request_;
      event.slate = slate;
      event.status = name_of_answer(result.answer);
      event.elapsed_ms = static_cast<double>(result.elapsed_ns) / 1e6;
      event.message = view(result.error);
      print_line(watch_json(event));
    } else {
      print_page(result, slate, revision);
    }
    has_page_ = true;
    slate_ = slate;
    revision_ = revision;
  }

  void print_page(const lineup_result& result, const std::vector<std::uint32_t>& slate,
                  const std::string& revision) {
    print_line(fmt::format("{} status {}, {} slots{}", paint_.bold("revision " + revision + ":"),
                           name_of_answer(result.answer), slate.size(),
                           result.error.size > 0 ? fmt::format(": {}", view(result.error)) : ""));
    const OwnedColumn* titles = request_.candidates.find("title");
    for (std::size_t slot = 0; slot < slate.size(); ++slot) {
      const bool stays = !has_page_ || (slot < slate_.size() && slate_[slot] == slate[slot]);
      const std::string line =
          fmt::format("{} {:>3}  {}{}{}", stays ? ' ' : '*', slot + 1,
                      request_.candidates.ids().text(slate[slot]), titles == nullptr ? "" : "  ",
                      titles == nullptr ? std::string_view() : titles->text(slate[slot]));
      print_line(stays ? line : paint_.yellow(line));
    }
  }

  lineup_engine* engine_;
  Asker asker_;
  RequestLine& request_;
  std::string bundle_;
  bool json_;
  Paint paint_;
  std::uint64_t attempt_ = 0;
  bool has_page_ = false;
  std::vector<std::uint32_t> slate_;
  std::string revision_;
  std::string announced_;
  int looks_waited_ = 0;
};

}  // namespace

int watch_verb(const WatchOptions& options) {
  const auto found = find_request(options.requests, options.request);
  if (!found) return could_not_run(found.error().message);
  RequestReader reader;
  RequestLine request;
  const auto read = reader.read(found->line, request);
  if (!read) {
    return could_not_run(
        fmt::format("{}:{}: {}", options.requests, found->number, read.error().message));
  }
  const auto engine = open_engine(options.bundle, {.watch = true, .log_level = 4});
  if (!engine) return could_not_run(engine.error().message);
  Watching watching(engine->get(), request, options.bundle.bundle, options.json);
  if (!options.json && is_terminal(STDERR_FILENO)) {
    fmt::print(stderr, "watching {}; Ctrl-C ends\n", options.bundle.bundle);
  }
  while (interrupted() == 0) {
    if (!watching.look()) return kCouldNotRun;
    [[maybe_unused]] const bool readable = wait_readable(-1, static_cast<int>(options.interval_ms));
  }
  return interrupted_exit_code();
}

}  // namespace lineup::cli
