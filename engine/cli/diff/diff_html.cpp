// SPDX-License-Identifier: Apache-2.0
//
// The report of `lineup diff` as one page that needs nothing else: no script, no fonts, no images
// from elsewhere; light or dark as the reader's system is. Everything that came from requests or
// bundles passes html_text().
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "cli/diff/diff_report.hpp"
#include "cli/print/html_plot.hpp"

namespace lineup::cli {

namespace {

// LIMIT: values plotted of one column, bars of a histogram: what can be read.
constexpr std::size_t kValuesPlottedMax = 15;
constexpr std::size_t kBarsMax = 60;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>lineup diff</title>
<style>
:root { color-scheme: light dark; --ink: #1d2430; --faint: #667085; --line: #e2e6ec; --back: #ffffff;
  --card: #f7f8fa; --old: #8b95a5; --new: #2767d8; --gone: #b3261e; --come: #1b7f4b; --moved: #9a6700; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --faint: #98a2b3; --line: #2c3340;
  --back: #12151b; --card: #1a1f28; --old: #7d8899; --new: #6ea3ff; --gone: #ff8a80; --come: #6fd39b;
  --moved: #e6b450; } }
body { margin: 0 auto; max-width: 1080px; padding: 24px 16px 64px; background: var(--back);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 36px 0 8px; }
h3 { font-size: 15px; margin: 20px 0 6px; }
p { margin: 4px 0; } .faint, .note { color: var(--faint); } .note { font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 12px;
  margin: 20px 0; }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px; }
.tile b { display: block; font-size: 22px; font-variant-numeric: tabular-nums; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr));
  gap: 24px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg text.faint { fill: var(--faint); }
svg .axis { stroke: var(--line); } svg .link { stroke: var(--faint); stroke-width: 2; }
svg .old { fill: var(--old); } svg .new { fill: var(--new); }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 50%; }
.dot.old { background: var(--old); } .dot.new { background: var(--new); }
.gone { color: var(--gone); } .come { color: var(--come); } .moved { color: var(--moved); }
</style></head><body>
)";

double percent(double part, double whole) { return whole == 0.0 ? 0.0 : 100.0 * part / whole; }

class Page {
 public:
  explicit Page(const DiffReport& report) : report_(report) {}

  std::string write() {
    out_ = kHead;
    add_head();
    add_tiles();
    add_overlap();
    add_sides();
    add_rules();
    add_exposure();
    add_pages();
    add_left_out();
    return out_ + "</body></html>\n";
  }

 private:
  template <typename... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void add_head() {
    add("<h1>{} of {} pages change</h1>\n", report_.pages_changed, report_.pages);
    for (std::size_t side = 0; side < 2; ++side) {
      add("<p><span class=\"dot {0}\"></span> {0}: {1} <span class=\"faint\">{2}</span></p>\n",
          side == 0 ? "old" : "new", html_text(report_.sides[side].bundle),
          html_text(report_.sides[side].revision));
    }
    add("<p class=\"faint\">{}{}{}</p>\n", html_text(report_.requests),
        report_.at.empty() ? "" : ", as at " + html_text(report_.at),
        report_.segment.empty() ? ""
                                : fmt::format(", segment {} ({} others passed over)",
                                              html_text(report_.segment), report_.not_in_segment));
  }

  void add_tile(std::string_view value, std::string_view about) {
    add("<div class=\"tile\"><b>{}</b>{}</div>\n", value, about);
  }

  void add_tiles() {
    const auto pages = static_cast<double>(report_.pages);
    const auto slots = static_cast<double>(report_.slots);
    out_ += "<div class=\"tiles\">\n";
    add_tile(fmt::format("{:.2f} %", percent(static_cast<double>(report_.pages_changed), pages)),
             "pages changed");
    add_tile(fmt::format("{:.2f} %", percent(static_cast<double>(report_.slots_changed), slots)),
             "slots changed");
    add_tile(fmt::format("{:.4f}", report_.overlap_whole), "overlap of whole pages");
    add_tile(fmt::format("{:.4f}", report_.rbo),
             fmt::format("rank-biased overlap, p {}", kRboPersistence));
    out_ += "</div>\n";
  }

  void add_overlap() {
    std::vector<Bar> changed;
    const auto& by_slots = report_.pages_by_slots_changed;
    // A page has at most so many slots; beyond what can be read several go into one bar.
    const std::size_t width = by_slots.size() / kBarsMax + 1;
    for (std::size_t first = 0; first < by_slots.size(); first += width) {
      const std::size_t end = std::min(first + width, by_slots.size());
      Bar bar{std::to_string(first), 0.0, {}};
      for (std::size_t i = first; i < end; ++i) bar.value += static_cast<double>(by_slots[i]);
      bar.title = end - first == 1
                      ? fmt::format("{} pages change {} slots", bar.value, first)
                      : fmt::format("{} pages change {} to {} slots", bar.value, first, end - 1);
      changed.push_back(std::move(bar));
    }
    std::vector<Bar> overlap;
    for (std::size_t i = 0; i < kOverlapDepths.size() && kOverlapDepths[i] < report_.longest; ++i) {
      overlap.push_back(
          {fmt::format("{}", kOverlapDepths[i]), report_.overlap[i],
           fmt::format("first {} slots: {:.4f}", kOverlapDepths[i], report_.overlap[i])});
    }
    overlap.push_back(
        {"page", report_.overlap_whole, fmt::format("whole page: {:.4f}", report_.overlap_whole)});
    out_ += "<div class=\"plots\"><div><h2>Pages by slots changed</h2>\n";
    out_ += bar_plot(changed, "pages by the number of slots that changed");
    out_ += "</div><div><h2>Overlap of the first slots</h2>\n";
    out_ += bar_plot(overlap, "mean overlap of old and new page by depth");
    out_ += "</div></div>\n";
  }

  void add_row(std::string_view word, std::string_view before, std::string_view after) {
    add("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n", word, before,
        after);
  }

  void add_sides() {
    constexpr const char* kAnswers[] = {"ok", "relaxed", "fallback", "error"};
    const auto& [before, after] = report_.sides;
    out_ +=
        "<h2>Answers, worth and time</h2><div class=\"scroll\"><table><tr><th></th>"
        "<th class=\"n\">old</th><th class=\"n\">new</th></tr>\n";
    for (std::size_t i = 0; i < std::size(kAnswers); ++i) {
      add_row(fmt::format("status {}", kAnswers[i]), std::to_string(before.answers[i]),
              std::to_string(after.answers[i]));
    }
    add_row("search cut by its limit", std::to_string(before.searches[1]),
            std::to_string(after.searches[1]));
    for (const DiffObjective& objective : report_.objectives) {
      const auto text = [&](std::size_t side) {
        return objective.is_used[side] ? fmt::format("{:.4f}", objective.mean[side]) : "none";
      };
      add_row(fmt::format("expected {}, per page", html_text(objective.objective)), text(0),
              text(1));
    }
    add_row("latency p50, us", fmt::format("{:.1f}", before.p50_us),
            fmt::format("{:.1f}", after.p50_us));
    add_row("latency p99, us", fmt::format("{:.1f}", before.p99_us),
            fmt::format("{:.1f}", after.p99_us));
    out_ +=
        "</table></div>\n<p class=\"note\">Expected: the objective's column summed over the page, "
        "each slot counting 1 / log2(slot + 1).</p>\n";
  }

  void add_rules() {
    if (report_.rules.empty()) return;
    out_ +=
        "<h2>Rules</h2><div class=\"scroll\"><table><tr><th>rule</th>"
        "<th class=\"n\">acts on, old</th><th class=\"n\">new</th>"
        "<th class=\"n\">not kept, old</th><th class=\"n\">new</th>"
        "<th class=\"n\">violations, old</th><th class=\"n\">new</th></tr>\n";
    for (const DiffRule& rule : report_.rules) {
      add("<tr><td>{}/{}{}</td>", html_text(rule.scene), html_text(rule.rule),
          rule.is_soft ? " <span class=\"faint\">wish</span>" : "");
      for (const auto* counts : {&rule.pages_acted, &rule.pages_broken, &rule.violations}) {
        for (std::size_t side = 0; side < 2; ++side) {
          add("<td class=\"n\">{}</td>",
              rule.is_used[side] ? std::to_string((*counts)[side]) : "none");
        }
      }
      out_ += "</tr>\n";
    }
    out_ +=
        "</table></div>\n<p class=\"note\">Pages. A rule acts on a page that the order by score "
        "alone would break.</p>\n";
  }

  void add_exposure() {
    if (report_.columns.empty()) return;
    out_ +=
        "<h2>Exposure</h2><p class=\"note\">Share of attention, where a slot counts "
        "1 / log2(slot + 1): <span class=\"dot old\"></span> old, <span class=\"dot new\"></span> "
        "new; what changed most first.</p>\n<div class=\"plots\">";
    for (const DiffColumn& column : report_.columns) {
      std::vector<Dumbbell> rows;
      for (std::size_t i = 0; i < std::min(column.exposure.size(), kValuesPlottedMax); ++i) {
        const DiffExposure& value = column.exposure[i];
        const std::array<double, 2> shares = {percent(value.attention[0], column.attention[0]),
                                              percent(value.attention[1], column.attention[1])};
        rows.push_back({value.value, shares,
                        fmt::format("{}: {:.2f} % to {:.2f} %, shown {} to {}", value.value,
                                    shares[0], shares[1], value.shown[0], value.shown[1])});
      }
      add("<div><h3>by {} <span class=\"faint\">({} values)</span></h3>\n",
          html_text(column.column), column.values);
      out_ += dumbbell_plot(rows, " %", "exposure by " + column.column + ", old and new");
      out_ += "</div>\n";
    }
    out_ += "</div>\n";
  }

  void add_cell(const ChangedPage& page, std::size_t side, std::size_t slot) {
    if (slot >= page.items[side].size()) {
      out_ += "<td></td>";
      return;
    }
    const ShownItem& item = page.items[side][slot];
    const char* change = !item.is_kept   ? (side == 0 ? "gone" : "come")
                         : item.is_moved ? "moved"
                                         : "";
    const char* mark = !item.is_kept ? (side == 0 ? "&minus; " : "+ ") : item.is_moved ? "~ " : "";
    add("<td><span class=\"{}\">{}{}</span> <span class=\"faint\">{}</span></td>", change, mark,
        html_text(item.id), html_text(item.label));
  }

  void add_pages() {
    if (report_.most_changed.empty()) return;
    out_ += "<h2>The pages that changed most</h2>\n";
    for (const ChangedPage& page : report_.most_changed) {
      add("<h3>{} <span class=\"faint\">line {}, {} slots changed, rank-biased overlap "
          "{:.4f}</span>"
          "</h3><div class=\"scroll\"><table><tr><th class=\"n\">slot</th>",
          html_text(page.id.empty() ? "a request without id" : page.id), page.line,
          page.slots_changed, page.rbo);
      for (std::size_t side = 0; side < 2; ++side) {
        add("<th>{}: {}", side == 0 ? "old" : "new", page.status[side]);
        for (const std::string& rule : page.given_up[side]) add(", not {}", html_text(rule));
        out_ += "</th>";
      }
      out_ += "</tr>\n";
      const std::size_t slots = std::max(page.items[0].size(), page.items[1].size());
      for (std::size_t slot = 0; slot < slots; ++slot) {
        add("<tr><td class=\"n\">{}</td>", slot + 1);
        add_cell(page, 0, slot);
        add_cell(page, 1, slot);
        out_ += "</tr>\n";
      }
      out_ += "</table></div>\n";
    }
  }

  void add_left_out() {
    if (report_.left_out_count == 0) return;
    add("<h2>{} requests could not be compared</h2><ul>\n", report_.left_out_count);
    for (const LeftOut& request : report_.left_out) {
      add("<li>line {}: {}</li>\n", request.line, html_text(request.message));
    }
    out_ += "</ul>\n";
  }

  const DiffReport& report_;
  std::string out_;
};

}  // namespace

std::string diff_html(const DiffReport& report) { return Page(report).write(); }

}  // namespace lineup::cli
