// SPDX-License-Identifier: Apache-2.0
//
// `lineup verify`: pages that anybody made, held against the rules. The slates are read whole, the
// requests one by one: requests are the large file.
#include <fmt/format.h>
#include <unistd.h>

#include <unordered_map>

#include "cli/audit.hpp"
#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/lines.hpp"
#include "cli/print.hpp"
#include "cli/report_json.hpp"
#include "cli/terminal.hpp"
#include "cli/text_table.hpp"
#include "cli/text_view.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

// LIMIT: examples kept per rule, and pages named that are none: enough to look at.
constexpr std::size_t kExamplesMax = 3;
constexpr std::size_t kBrokenShownMax = 20;

using Slates = std::unordered_map<std::string, std::vector<std::string>>;

Result<Slates> read_slates(const std::string& path) {
  auto reader = LineReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  RequestReader parser;
  Slates slates;
  std::string line;
  SlateLine slate;
  for (std::uint64_t number = 1;; ++number) {
    const auto next = reader->next(line);
    if (next == LineReader::Next::Failed) return failure("io/read", reader->fault());
    if (next == LineReader::Next::End) return slates;
    const auto read = parser.read_slate(line, slate);
    if (!read) {
      return failure("slate/line", fmt::format("{}:{}: {}", path, number, read.error().message));
    }
    if (!slates.emplace(slate.id, slate.slate).second) {
      return failure("slate/twice",
                     fmt::format("{}:{}: a second page for request `{}`", path, number, slate.id));
    }
  }
}

// Rows of the ids. Of a candidate that occurs twice the first is meant.
Result<std::vector<std::uint32_t>> rows_of(const OwnedIds& ids,
                                           const std::vector<std::string>& slate) {
  std::unordered_map<std::string, std::uint32_t> rows;
  for (std::uint32_t row = 0; row < ids.count(); ++row) rows.emplace(ids.text(row), row);
  std::vector<std::uint32_t> out;
  for (std::size_t slot = 0; slot < slate.size(); ++slot) {
    const auto found = rows.find(slate[slot]);
    if (found == rows.end()) {
      return failure("slate/unknown", fmt::format("slot {}: `{}` is not among the candidates",
                                                  slot + 1, slate[slot]));
    }
    out.push_back(found->second);
  }
  return out;
}

class Auditor {
 public:
  explicit Auditor(lineup_engine* engine) : asker_(engine) {}

  void audit(const std::string& line, std::uint64_t number, Slates& slates) {
    const auto read = reader_.read(line, request_);
    if (!read) {
      if (slates.erase(request_.id) > 0) ++report_.pages;
      return add_broken(fmt::format("line {} of the requests: {}", number, read.error().message));
    }
    const auto slate = slates.find(request_.id);
    if (slate == slates.end()) {
      ++report_.requests_without_page;
      return;
    }
    ++report_.pages;
    const auto rows = rows_of(request_.candidates.ids(), slate->second);
    slates.erase(slate);
    if (!rows) return add_broken(rows.error().message);
    const auto answer = asker_.verify(request_, *rows);
    if (!answer) return add_broken(answer.error().message);
    if ((*answer)->answer == LINEUP_ANSWER_ERROR) {
      return add_broken(std::string(view((*answer)->error)));
    }
    count(**answer);
  }

  // Pages whose request was never met.
  void finish(const Slates& left) {
    for (const auto& [id, slate] : left) {
      ++report_.pages;
      report_.broken.push_back({id, "there is no request with this id"});
    }
  }

  [[nodiscard]] const AuditReport& report() const { return report_; }

 private:
  void add_broken(std::string message) {
    report_.broken.push_back({request_.id, std::move(message)});
  }

  void count(const lineup_result& result) {
    bool is_clean = true;
    for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
      const lineup_relaxed& broken = result.relaxed[i];
      AuditedRule& rule = report_.rules[fmt::format("{}/{}", request_.scene, view(broken.rule))];
      rule.is_soft = view(broken.reason) == "soft";
      is_clean = is_clean && rule.is_soft;
      ++rule.pages;
      rule.violations += broken.violations;
      if (rule.examples.size() < kExamplesMax) rule.examples.push_back(request_.id);
    }
    if (is_clean) ++report_.clean;
  }

  Asker asker_;
  RequestReader reader_;
  RequestLine request_;
  AuditReport report_;
};

void print_for_people(const AuditReport& report) {
  const Paint paint(wants_color(STDOUT_FILENO));
  if (!report.rules.empty()) {
    TextTable table;
    table.add_column("rule", TextTable::Align::Left, TextTable::Shrink::Cut);
    table.add_column("strength");
    table.add_column("pages", TextTable::Align::Right);
    table.add_column("violations", TextTable::Align::Right);
    table.add_column("for example", TextTable::Align::Left, TextTable::Shrink::Cut);
    for (const auto& [name, rule] : report.rules) {
      std::string examples;
      for (const std::string& id : rule.examples) {
        examples += fmt::format("{}{}", examples.empty() ? "" : ", ", id);
      }
      table.add_row({name, rule.is_soft ? "soft" : "hard", std::to_string(rule.pages),
                     std::to_string(rule.violations), examples});
    }
    for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
  }
  for (std::size_t i = 0; i < std::min(report.broken.size(), kBrokenShownMax); ++i) {
    const BrokenPage& page = report.broken[i];
    print_line(fmt::format("{}: {}", page.id.empty() ? "without id" : page.id, page.message));
  }
  if (report.broken.size() > kBrokenShownMax) {
    print_line(fmt::format("and {} more", report.broken.size() - kBrokenShownMax));
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
  auto slates = read_slates(options.slates);
  if (!slates) return could_not_run(slates.error().message);
  auto reader = LineReader::open(options.requests);
  if (!reader) return could_not_run(reader.error().message);
  const auto engine = open_engine(options.bundle);
  if (!engine) return could_not_run(engine.error().message);
  Auditor auditor(engine->get());
  Progress progress;
  std::string line;
  for (std::uint64_t number = 1; interrupted() == 0; ++number) {
    const auto next = reader->next(line);
    if (next == LineReader::Next::Failed) return could_not_run(reader->fault());
    if (next == LineReader::Next::End) break;
    auditor.audit(line, number, *slates);
    progress.show(fmt::format("{} pages", auditor.report().pages));
  }
  if (interrupted() != 0) return interrupted_exit_code();
  auditor.finish(*slates);
  if (options.json) {
    print_line(audit_json(auditor.report()));
  } else {
    print_for_people(auditor.report());
  }
  if (!print_done()) return kCouldNotRun;
  return auditor.report().holds() ? kYes : kNo;
}

}  // namespace lineup::cli
