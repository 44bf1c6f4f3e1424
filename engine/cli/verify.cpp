// SPDX-License-Identifier: Apache-2.0
//
// `lineup verify`: pages that anybody made, held against the rules. Pages are judged on all
// processors, each request by one thread with a report of its own; the reports are merged.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/print/text_view.hpp"
#include "cli/request/line_source.hpp"
#include "cli/request/page_audit.hpp"
#include "cli/request/slates.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

// What one thread does.
class Auditor {
 public:
  Auditor(lineup_engine* engine, const std::vector<SceneDescription>& scenes, Slates& slates,
          const At& at)
      : asker_(engine), scenes_(scenes), slates_(slates), at_(at) {
    asker_.lift_deadline();
  }

  void work(LineSource& source) {
    NumberedLine line;
    while (source.take(line)) audit(line);
  }

  [[nodiscard]] const AuditReport& report() const { return report_; }

 private:
  void audit(const NumberedLine& line) {
    request_.reset();
    const auto read =
        line.is_too_long
            ? failure("request/size", fmt::format("longer than {} MiB", kLineBytesMax >> 20))
            : reader_.read(line.text, request_);
    const Slates::Page* page = slates_.take(request_.id, line.ordinal);
    if (page == nullptr) {
      if (read) {
        ++report_.requests_without_page;
      } else {
        add_unjudged(line, read.error().message);
      }
      return;
    }
    ++report_.pages;
    if (!read) return add_unjudged(line, read.error().message);
    if (at_) request_.now_ms = *at_;
    const auto rows = asker_.find_rows(request_, page->items);
    if (!rows) return add_unjudged(line, rows.error().message);
    lengthen(*rows);
    const auto answer = asker_.verify(request_, *rows);
    if (!answer) return add_unjudged(line, answer.error().message);
    // A page that filters forbid is no page to the engine, and yet it says which filters.
    if ((*answer)->answer == LINEUP_ANSWER_ERROR && (*answer)->relaxed_count == 0) {
      return add_unjudged(line, std::string(view((*answer)->error)));
    }
    count(line, **answer, *page);
  }

  // A page may be longer than the policy's: it is judged at its own length.
  void lengthen(const std::vector<std::uint32_t>& rows) {
    std::uint32_t wanted = request_.page;
    for (const SceneDescription& scene : scenes_) {
      if (wanted == 0 && scene.scene == request_.scene) wanted = scene.page;
    }
    if (rows.size() > wanted) request_.page = static_cast<std::uint32_t>(rows.size());
  }

  void add_unjudged(const NumberedLine& line, std::string message) {
    report_.add_unjudged({line.number, request_.id, std::move(message)});
  }

  void count(const NumberedLine& line, const lineup_result& result, const Slates::Page& slate) {
    WorstPage page{{line.number, request_.id, 0}, {}, {}};
    for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
      const lineup_relaxed& broken = result.relaxed[i];
      const bool is_soft = view(broken.reason) == "soft";
      const std::string name = fmt::format("{}/{}", request_.scene, view(broken.rule));
      report_.add_broken_rule(name, is_soft, {line.number, request_.id, broken.violations});
      if (is_soft) continue;
      page.page.violations += broken.violations;
      page.rules.emplace_back(view(broken.rule), broken.violations);
    }
    if (!page.rules.empty()) page.items = slate.items;
    report_.add_page(std::move(page));
  }

  Asker asker_;
  const std::vector<SceneDescription>& scenes_;
  Slates& slates_;
  At at_;
  RequestReader reader_;
  RequestLine request_;
  AuditReport report_;
};

AuditReport audit_all(lineup_engine* engine, LineSource& source, Slates& slates, const At& at,
                      std::uint32_t threads) {
  const auto scenes = describe_scenes(*engine);
  std::vector<std::unique_ptr<Auditor>> auditors;
  for (std::uint32_t i = 0; i < threads; ++i) {
    auditors.push_back(std::make_unique<Auditor>(engine, scenes, slates, at));
  }
  {
    std::vector<std::jthread> running;
    for (const auto& auditor : auditors) {
      running.emplace_back([&auditor, &source] { auditor->work(source); });
    }
  }
  AuditReport report;
  for (const auto& auditor : auditors) report.merge(auditor->report());
  for (const Slates::Page* page : slates.left()) {
    ++report.pages;
    report.add_unjudged({page->line, page->id,
                         page->id.empty() ? fmt::format("line {} of the pages: there is no request "
                                                        "for it",
                                                        page->line)
                                          : "there is no request with this id"});
  }
  return report;
}

std::string name_of(const std::string& id, std::uint64_t line) {
  return id.empty() ? fmt::format("line {}", line) : id;
}

void print_rules(const AuditReport& report) {
  TextTable table;
  table.add_column("rule", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_column("strength");
  table.add_column("pages", TextTable::Align::Right);
  table.add_column("violations", TextTable::Align::Right);
  table.add_column("for example", TextTable::Align::Left, TextTable::Shrink::Cut);
  for (const auto& [name, rule] : report.rules) {
    std::string examples;
    for (const AuditExample& example : rule.examples) {
      examples += fmt::format("{}{} ({})", examples.empty() ? "" : ", ",
                              name_of(example.id, example.line), example.violations);
    }
    table.add_row({name, rule.is_soft ? "soft" : "hard", std::to_string(rule.pages),
                   std::to_string(rule.violations), examples});
  }
  for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
}

void print_worst(const AuditReport& report) {
  print_line("");
  TextTable table;
  table.add_column("worst pages");
  table.add_column("violations", TextTable::Align::Right);
  table.add_column("of", TextTable::Align::Left, TextTable::Shrink::Cut);
  for (const WorstPage& page : report.worst) {
    std::string rules;
    for (const auto& [rule, violations] : page.rules) {
      rules += fmt::format("{}{} ({})", rules.empty() ? "" : ", ", rule, violations);
    }
    table.add_row({name_of(page.page.id, page.page.line), std::to_string(page.page.violations),
                   std::move(rules)});
  }
  for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
}

void print_for_people(const AuditReport& report) {
  const Paint paint(wants_color(STDOUT_FILENO));
  if (!report.rules.empty()) print_rules(report);
  if (!report.worst.empty()) print_worst(report);
  if (report.broken_count > 0) {
    print_line("");
    print_line(paint.yellow(fmt::format("{} pages could not be judged", report.broken_count)));
  }
  for (const BrokenPage& page : report.broken) {
    print_line(fmt::format("  {}: {}", name_of(page.id, page.line), page.message));
  }
  if (report.broken_count > report.broken.size()) {
    print_line(fmt::format("  and {} more", report.broken_count - report.broken.size()));
  }
  if (report.requests_without_page > 0) {
    print_line(fmt::format("{} requests have no page", report.requests_without_page));
  }
  print_line(fmt::format("{}: {} of {} pages break no hard rule",
                         report.holds() ? paint.green("ok") : paint.red("not ok"), report.clean,
                         report.pages));
}

}  // namespace

int verify_verb(const VerifyOptions& options) {
  auto slates = Slates::read(options.slates);
  if (!slates) return could_not_run(slates.error().message);
  auto source = LineSource::open(options.requests);
  if (!source) return could_not_run(source.error().message);
  const std::uint32_t threads = std::max(1U, std::thread::hardware_concurrency());
  const auto engine = open_engine(options.bundle, {.sessions = threads + 1});
  if (!engine) return could_not_run(engine.error().message);
  const AuditReport report = audit_all(engine->get(), *source, *slates, options.at, threads);
  if (interrupted() != 0) return interrupted_exit_code();
  if (!source->fault().empty()) return could_not_run(source->fault());
  if (options.json) {
    print_line(audit_json(report));
  } else {
    print_for_people(report);
  }
  if (!print_done()) return kCouldNotRun;
  return report.holds() ? kYes : kNo;
}

}  // namespace lineup::cli
