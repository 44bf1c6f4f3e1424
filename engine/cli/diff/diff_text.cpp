// SPDX-License-Identifier: Apache-2.0
//
// The report of `lineup diff` as text: what changed first, then why it may have, then pages.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/diff/diff_report.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"

namespace lineup::cli {

namespace {

// LIMIT: rows of one table: what fits a screen. `--json` and `--html` have more.
constexpr std::size_t kValuesShownMax = 6;
constexpr std::size_t kPagesShownMax = 10;
constexpr std::size_t kLeftOutShownMax = 5;

constexpr const char* kAnswers[] = {"ok", "relaxed", "fallback", "error"};
constexpr const char* kSearches[] = {"complete", "limit", "deadline"};

double percent(double part, double whole) { return whole == 0.0 ? 0.0 : 100.0 * part / whole; }

std::string signed_percent(double value) {
  return std::abs(value) < 0.005 ? "0.00 %" : fmt::format("{:+.2f} %", value);
}

class Writer {
 public:
  Writer(const DiffReport& report, std::size_t width, bool color)
      : report_(report), width_(width), paint_(color) {}

  std::vector<std::string> write() {
    add_head();
    add_change();
    add_sides();
    add_rules();
    for (const DiffColumn& column : report_.columns) add_column(column);
    for (std::size_t i = 0; i < std::min(report_.most_changed.size(), kPagesShownMax); ++i) {
      add_page(report_.most_changed[i]);
    }
    add_verdict();
    return std::move(out_);
  }

 private:
  void add(std::string line) { out_.push_back(std::move(line)); }
  void add(const TextTable& table) {
    auto lines = table.lines(width_);
    if (!lines.empty()) lines.front() = paint_.bold(lines.front());
    out_.insert(out_.end(), lines.begin(), lines.end());
  }
  // With several scenes a name alone would be two things.
  [[nodiscard]] std::string named(const std::string& scene, const std::string& name) const {
    const bool one = std::all_of(report_.rules.begin(), report_.rules.end(),
                                 [&](const DiffRule& r) { return r.scene == scene; });
    return one ? name : fmt::format("{}/{}", scene, name);
  }

  void add_head() {
    for (std::size_t side = 0; side < 2; ++side) {
      add(fmt::format("{}  {}, revision {}", side == 0 ? "old" : "new", report_.sides[side].bundle,
                      report_.sides[side].revision));
    }
    std::string compared = fmt::format("{} requests compared", report_.pages);
    if (!report_.at.empty()) compared += fmt::format(", as at {}", report_.at);
    if (!report_.segment.empty()) {
      compared += fmt::format(", segment {} ({} others passed over)", report_.segment,
                              report_.not_in_segment);
    }
    add(compared);
    if (report_.left_out_count == 0) return;
    add(paint_.yellow(fmt::format("{} requests could not be compared", report_.left_out_count)));
    for (std::size_t i = 0; i < std::min(report_.left_out.size(), kLeftOutShownMax); ++i) {
      const LeftOut& left = report_.left_out[i];
      add(fmt::format("  line {}{}: {}", left.line, left.id.empty() ? "" : ", `" + left.id + "`",
                      left.message));
    }
  }

  void add_change() {
    add("");
    const auto pages = static_cast<double>(report_.pages);
    const auto slots = static_cast<double>(report_.slots);
    const auto changed = static_cast<double>(report_.pages_changed);
    const auto slots_changed = static_cast<double>(report_.slots_changed);
    add(fmt::format("pages changed        {} of {} ({:.2f} %)", report_.pages_changed,
                    report_.pages, percent(changed, pages)));
    add(fmt::format("slots changed        {} of {} ({:.2f} %)", report_.slots_changed,
                    report_.slots, percent(slots_changed, slots)));
    std::string overlap;
    for (std::size_t i = 0; i < kOverlapDepths.size() && kOverlapDepths[i] < report_.longest; ++i) {
      overlap += fmt::format("@{} {:.4f}  ", kOverlapDepths[i], report_.overlap[i]);
    }
    add(fmt::format("overlap              {}page {:.4f}", overlap, report_.overlap_whole));
    add(fmt::format("rank-biased overlap  {:.4f} (p {})", report_.rbo, kRboPersistence));
  }

  void add_counts(TextTable& table, const char* word, std::uint64_t before, std::uint64_t after) {
    if (before == 0 && after == 0) return;
    const auto pages = static_cast<double>(report_.pages);
    table.add_row(
        {word, std::to_string(before), std::to_string(after),
         signed_percent(percent(static_cast<double>(after) - static_cast<double>(before), pages))});
  }

  void add_sides() {
    add("");
    TextTable table;
    table.add_column("per request", TextTable::Align::Left, TextTable::Shrink::Cut);
    table.add_column("old", TextTable::Align::Right);
    table.add_column("new", TextTable::Align::Right);
    table.add_column("change", TextTable::Align::Right);
    const auto& [before, after] = report_.sides;
    for (std::size_t i = 0; i < std::size(kAnswers); ++i) {
      add_counts(table, kAnswers[i], before.answers[i], after.answers[i]);
    }
    for (std::size_t i = 1; i < std::size(kSearches); ++i) {
      add_counts(table, kSearches[i], before.searches[i], after.searches[i]);
    }
    for (const DiffObjective& objective : report_.objectives) {
      const auto text = [&](std::size_t side) {
        return objective.is_used[side] ? fmt::format("{:.4f}", objective.mean[side]) : "-";
      };
      const bool both = objective.is_used[0] && objective.is_used[1];
      table.add_row({fmt::format("expected {}", named(objective.scene, objective.objective)),
                     text(0), text(1),
                     both ? signed_percent(percent(objective.mean[1] - objective.mean[0],
                                                   std::abs(objective.mean[0])))
                          : "-"});
    }
    const auto add_time = [&](const char* word, double old_us, double new_us) {
      table.add_row({word, fmt::format("{:.1f} us", old_us), fmt::format("{:.1f} us", new_us),
                     signed_percent(percent(new_us - old_us, old_us))});
    };
    add_time("latency p50", before.p50_us, after.p50_us);
    add_time("latency p99", before.p99_us, after.p99_us);
    add(table);
  }

  void add_rules() {
    if (report_.rules.empty()) return;
    TextTable table;
    table.add_column("rule", TextTable::Align::Left, TextTable::Shrink::Cut);
    table.add_column("acts on old", TextTable::Align::Right);
    table.add_column("new", TextTable::Align::Right);
    table.add_column("not kept old", TextTable::Align::Right);
    table.add_column("new", TextTable::Align::Right);
    table.add_column("violations old", TextTable::Align::Right);
    table.add_column("new", TextTable::Align::Right);
    for (const DiffRule& rule : report_.rules) {
      const auto text = [&](std::size_t side, std::uint64_t count) {
        return rule.is_used[side] ? std::to_string(count) : "-";
      };
      table.add_row({named(rule.scene, rule.rule) + (rule.is_soft ? " (wish)" : ""),
                     text(0, rule.pages_acted[0]), text(1, rule.pages_acted[1]),
                     text(0, rule.pages_broken[0]), text(1, rule.pages_broken[1]),
                     text(0, rule.violations[0]), text(1, rule.violations[1])});
    }
    add("");
    add(table);
    add(paint_.faint("acts: pages that the order by score alone would break; - : no such rule"));
  }

  void add_column(const DiffColumn& column) {
    TextTable table;
    table.add_column(fmt::format("exposure by {}", column.column), TextTable::Align::Left,
                     TextTable::Shrink::Cut);
    table.add_column("shown old", TextTable::Align::Right);
    table.add_column("new", TextTable::Align::Right);
    table.add_column("attention old", TextTable::Align::Right);
    table.add_column("new", TextTable::Align::Right);
    table.add_column("change", TextTable::Align::Right);
    const std::size_t shown = std::min(column.exposure.size(), kValuesShownMax);
    for (std::size_t i = 0; i < shown; ++i) {
      const DiffExposure& value = column.exposure[i];
      const double before = percent(value.attention[0], column.attention[0]);
      const double after = percent(value.attention[1], column.attention[1]);
      table.add_row({value.value, std::to_string(value.shown[0]), std::to_string(value.shown[1]),
                     fmt::format("{:.2f} %", before), fmt::format("{:.2f} %", after),
                     signed_percent(after - before)});
    }
    add("");
    add(table);
    if (column.values > shown) {
      add(paint_.faint(fmt::format("and {} values that changed less", column.values - shown)));
    }
  }

  static std::string shown(const ChangedPage& page, std::size_t side, std::size_t slot) {
    if (slot >= page.items[side].size()) return {};
    const ShownItem& item = page.items[side][slot];
    const char* mark = !item.is_kept ? (side == 0 ? "- " : "+ ") : item.is_moved ? "~ " : "  ";
    return fmt::format("{}{}{}{}", mark, item.id, item.label.empty() ? "" : "  ", item.label);
  }

  void add_page(const ChangedPage& page) {
    add("");
    add(paint_.bold(fmt::format("{} (line {}): {} slots changed, rank-biased overlap {:.4f}",
                                page.id.empty() ? "a request without id" : "request " + page.id,
                                page.line, page.slots_changed, page.rbo)));
    TextTable table;
    table.add_column("slot", TextTable::Align::Right);
    const auto heading = [&](std::size_t side) {
      std::string text = fmt::format("{}: {}", side == 0 ? "old" : "new", page.status[side]);
      for (const std::string& rule : page.given_up[side]) text += fmt::format(", not {}", rule);
      return text;
    };
    table.add_column(heading(0), TextTable::Align::Left, TextTable::Shrink::Cut);
    table.add_column(heading(1), TextTable::Align::Left, TextTable::Shrink::Cut);
    const std::size_t slots = std::max(page.items[0].size(), page.items[1].size());
    for (std::size_t slot = 0; slot < slots; ++slot) {
      table.add_row({std::to_string(slot + 1), shown(page, 0, slot), shown(page, 1, slot)});
    }
    add(table);
  }

  void add_verdict() {
    add("");
    const std::string took = fmt::format("{:.1f} s on {} thread{}", report_.elapsed_s,
                                         report_.threads, report_.threads == 1 ? "" : "s");
    add(report_.pages_changed == 0
            ? fmt::format("{}: no page changes ({})", paint_.green("same"), took)
            : fmt::format("{}: {} of {} pages change ({})", paint_.yellow("changed"),
                          report_.pages_changed, report_.pages, took));
  }

  const DiffReport& report_;
  std::size_t width_;
  Paint paint_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> diff_lines(const DiffReport& report, std::size_t width, bool color) {
  return Writer(report, width, color).write();
}

}  // namespace lineup::cli
