// SPDX-License-Identifier: Apache-2.0
//
// The report as one page that needs nothing else: no script, no fonts, no images from elsewhere.
// Everything that came from logs or bundles passes html_text().
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "cli/offline/report.hpp"
#include "cli/print/html_plot.hpp"

namespace lineup::cli {

namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>lineup evaluate</title>
<style>
:root { color-scheme: light dark; --ink: #1d2430; --faint: #667085; --line: #e2e6ec; --back: #fff;
  --new: #2767d8; --band: #2767d833; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --faint: #98a2b3; --line: #2c3340;
  --back: #12151b; --new: #6ea3ff; --band: #6ea3ff33; } }
body { margin: 0 auto; max-width: 1080px; padding: 24px 16px 64px; background: var(--back);
  color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 36px 0 8px; }
h3 { font-size: 15px; margin: 20px 0 6px; } p { margin: 4px 0; } .faint { color: var(--faint); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 460px), 1fr));
  gap: 24px; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; max-width: 760px; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--ink); } svg text.faint { fill: var(--faint); }
svg .axis { stroke: var(--line); } svg .zero { stroke: var(--faint); }
svg .bar { stroke: var(--new); stroke-width: 2; } svg .point { fill: var(--new); }
svg .path { fill: none; stroke: var(--new); stroke-width: 2; }
</style></head><body>
)";

// A point with what is known of where it could be: from low to high.
struct Point {
  std::string label;
  double x = 0.0, y = 0.0, low = 0.0, high = 0.0;
};

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  // Never empty: what is all the same is put in the middle.
  void widen() {
    const double by = high > low ? 0.05 * (high - low) : std::max(1e-9, std::abs(high) * 0.1);
    low -= by;
    high += by;
  }
  [[nodiscard]] double share(double value) const { return (value - low) / (high - low); }
};

constexpr double kWidth = 640.0;

// Points with their intervals, joined in order when `is_joined`.
std::string point_plot(const std::vector<Point>& points, bool is_joined, std::string_view x_about,
                       std::string_view about) {
  constexpr double kHeight = 260.0;
  constexpr double kLeft = 84.0;
  constexpr double kBottom = 216.0;
  constexpr double kTop = 10.0;
  Range across;
  Range up;
  for (const Point& point : points) {
    across.add(point.x);
    up.add(point.low);
    up.add(point.high);
  }
  across.widen();
  up.widen();
  const auto x_of = [&](double x) { return kLeft + (kWidth - kLeft - 10) * across.share(x); };
  const auto y_of = [&](double y) { return kBottom - (kBottom - kTop) * up.share(y); };
  std::string out = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
                                kWidth, kHeight, html_text(about));
  auto into = std::back_inserter(out);
  for (int tick = 0; tick <= 4; ++tick) {
    const double y = up.low + (up.high - up.low) * tick / 4;
    fmt::format_to(into, "<line class=\"axis\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                   kLeft, kWidth, y_of(y), y_of(y));
    fmt::format_to(into,
                   "<text class=\"faint\" x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.4g}</text>",
                   kLeft - 6, y_of(y) + 4, y);
    const double x = across.low + (across.high - across.low) * tick / 4;
    fmt::format_to(
        into, "<text class=\"faint\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.3g}</text>",
        std::clamp(x_of(x), kLeft, kWidth - 24), kBottom + 18, x);
  }
  fmt::format_to(into, "<text class=\"faint\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                 kWidth - 10, kBottom + 38, html_text(x_about));
  std::string path;
  for (const Point& point : points) {
    path += fmt::format("{:.1f},{:.1f} ", x_of(point.x), y_of(point.y));
    fmt::format_to(into,
                   "<g><title>{}: {:.5g} ({:.5g} to {:.5g})</title><line class=\"bar\" "
                   "x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/><circle "
                   "class=\"point\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\"/></g>",
                   html_text(point.label), point.y, point.low, point.high, x_of(point.x),
                   x_of(point.x), y_of(point.low), y_of(point.high), x_of(point.x), y_of(point.y));
  }
  if (is_joined) fmt::format_to(into, "<polyline class=\"path\" points=\"{}\"/>", path);
  return out + "</svg>";
}

// Intervals of differences around zero, one line each.
std::string interval_plot(const std::vector<Point>& rows, std::string_view about) {
  constexpr double kRow = 24.0;
  constexpr double kLeft = 240.0;
  // Never less than what one decimal of a percent can tell apart.
  constexpr double kLeast = 0.5;
  Range range;
  range.add(-kLeast);
  range.add(kLeast);
  for (const Point& row : rows) {
    range.add(row.low);
    range.add(row.high);
  }
  range.widen();
  const double bottom = kRow * static_cast<double>(rows.size()) + 6;
  const auto at = [&](double value) { return kLeft + (kWidth - kLeft - 20) * range.share(value); };
  std::string out = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">",
                                kWidth, bottom + 24, html_text(about));
  auto into = std::back_inserter(out);
  fmt::format_to(into, "<line class=\"zero\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1}\"/>",
                 at(0.0), bottom);
  for (const double tick : {range.low, 0.0, range.high}) {
    fmt::format_to(
        into, "<text class=\"faint\" x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.1f} %</text>",
        std::clamp(at(tick), kLeft, kWidth - 30), bottom + 18, tick);
  }
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double y = kRow * (static_cast<double>(i) + 0.5);
    fmt::format_to(into,
                   "<g><title>{0}: {1:+.2f} % ({2:+.2f} to {3:+.2f})</title><text x=\"{4}\" "
                   "y=\"{5:.1f}\" text-anchor=\"end\">{0}</text><line class=\"bar\" x1=\"{6:.1f}\" "
                   "x2=\"{7:.1f}\" y1=\"{8:.1f}\" y2=\"{8:.1f}\"/><circle class=\"point\" "
                   "cx=\"{9:.1f}\" cy=\"{8:.1f}\" r=\"4\"/></g>",
                   html_text(rows[i].label), rows[i].y, rows[i].low, rows[i].high, kLeft - 10,
                   y + 4, at(rows[i].low), at(rows[i].high), y, at(rows[i].y));
  }
  return out + "</svg>";
}

class Page {
 public:
  explicit Page(const Tally& tally) : tally_(tally), head_(tally.head()) {}

  std::string write() {
    out_ = kHead;
    const Tally::Group& all = tally_.groups().at(kAllRequests);
    add("<h1>{} requests, judged offline</h1>\n", all.requests);
    add("<p>bundle {} <span class=\"faint\">{}</span>, compared with {}</p>\n",
        html_text(head_.bundle), html_text(head_.revision), html_text(head_.baseline));
    add("<p class=\"faint\">reward: {}; click models: {}; intervals: 95 %, paired, bootstrap by "
        "user with {} replicates, not corrected for the number of comparisons</p>\n",
        html_text(head_.event), html_text(head_.models), kReplicates);
    if (head_.sweep_values.empty()) {
      add_differences(all);
    } else {
      add_sweep(all);
    }
    for (const auto& [name, group] : tally_.groups()) add_table(name, group);
    add_weighted(all);
    if (tally_.left_out() > 0) {
      add("<p>{} requests could not be judged; {}</p>\n", tally_.left_out(),
          html_text(tally_.first_left_out()));
    }
    return out_ + "</body></html>\n";
  }

 private:
  template <typename... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  // In percent of the first arm's mean.
  static std::optional<Point> relative(const std::string& label, const PairSums& sums) {
    const double base = sums.mean() - sums.mean_difference();
    if (sums.pages == 0 || base == 0.0) return {};
    const Interval interval = sums.interval();
    const double scale = 100.0 / std::abs(base);
    return Point{label, 0.0, scale * sums.mean_difference(), scale * interval.low,
                 scale * interval.high};
  }

  void add_differences(const Tally::Group& all) {
    std::vector<Point> rows;
    for (std::size_t i = 0; i < kMetrics; ++i) {
      const auto row = relative(words_of(static_cast<Metric>(i)).about, all.arms[1].metrics[i]);
      if (row) rows.push_back(*row);
    }
    add("<h2>The bundle against {}</h2>\n", html_text(head_.baseline));
    out_ += interval_plot(rows, "differences with their intervals");
    add_groups(Metric::Ndcg);
    add_groups(Metric::ClicksPositionBased);
  }

  void add_groups(Metric metric) {
    std::vector<Point> rows;
    for (const auto& [name, group] : tally_.groups()) {
      const auto row = relative(fmt::format("{} ({})", name, group.requests),
                                group.arms[1].metrics[static_cast<std::size_t>(metric)]);
      if (row) rows.push_back(*row);
    }
    if (rows.size() < 2) return;
    add("<h2>{} by group</h2>\n", words_of(metric).about);
    out_ += interval_plot(rows, "differences by group");
  }

  void add_sweep(const Tally::Group& all) {
    add("<h2>{} from {:g} to {:g}</h2><div class=\"plots\">\n", html_text(head_.sweep),
        head_.sweep_values.front(), head_.sweep_values.back());
    for (std::size_t metric = 0; metric < kMetrics; ++metric) {
      if (all.arms[1].metrics[metric].pages == 0) continue;
      add("<div><h3>{}</h3>", words_of(static_cast<Metric>(metric)).about);
      out_ += point_plot(sweep_points(all, metric, {}), true, head_.sweep, "the metric by point");
      out_ += "</div>\n";
    }
    out_ += "</div>\n";
    add_trade(all, Metric::ClicksDependent, Metric::DifferentPairs);
    add_trade(all, Metric::Ndcg, Metric::DifferentPairs);
  }

  [[nodiscard]] std::vector<Point> sweep_points(const Tally::Group& all, std::size_t up,
                                                std::optional<std::size_t> across) const {
    std::vector<Point> points;
    for (std::size_t i = 0; i < head_.sweep_values.size(); ++i) {
      const PairSums& sums = all.arms[1 + i].metrics[up];
      const Interval interval = sums.interval();
      const double base = sums.mean() - sums.mean_difference();
      points.push_back({head_.arms[1 + i],
                        across ? all.arms[1 + i].metrics[*across].mean() : head_.sweep_values[i],
                        sums.mean(), base + interval.low, base + interval.high});
    }
    return points;
  }

  void add_trade(const Tally::Group& all, Metric up, Metric across) {
    const auto u = static_cast<std::size_t>(up);
    const auto a = static_cast<std::size_t>(across);
    if (all.arms[1].metrics[u].pages == 0 || all.arms[1].metrics[a].pages == 0) return;
    add("<h2>Trade-off: {} against {}</h2>\n", words_of(up).about, words_of(across).about);
    out_ += point_plot(sweep_points(all, u, a), true, words_of(across).about, "trade-off");
  }

  void add_table(const std::string& name, const Tally::Group& group) {
    add("<h2>{} <span class=\"faint\">{} requests</span></h2><div class=\"scroll\"><table><tr>"
        "<th>metric</th><th>arm</th><th class=\"n\">mean</th><th class=\"n\">difference</th>"
        "<th class=\"n\">interval</th><th>verdict</th></tr>\n",
        html_text(name), group.requests);
    for (std::size_t metric = 0; metric < kMetrics; ++metric) {
      for (std::size_t arm = 0; arm < group.arms.size(); ++arm) {
        const PairSums& sums = group.arms[arm].metrics[metric];
        if (sums.pages == 0) continue;
        add("<tr><td>{}</td><td>{}</td><td class=\"n\">{:.5f}</td>",
            arm == 0 ? words_of(static_cast<Metric>(metric)).about : "", html_text(head_.arms[arm]),
            sums.mean());
        const Interval interval = sums.interval();
        if (arm == 0) {
          out_ += "<td></td><td></td><td></td></tr>\n";
        } else {
          add("<td class=\"n\">{:+.5f}</td><td class=\"n\">{:+.5f} to {:+.5f}</td><td>{}</td>"
              "</tr>\n",
              sums.mean_difference(), interval.low, interval.high, verdict_of(sums));
        }
      }
    }
    out_ += "</table></div>\n";
  }

  void add_weighted(const Tally::Group& all) {
    if (all.arms.front().weighted.slots == 0) return;
    out_ +=
        "<h2>Inverse propensities</h2><div class=\"scroll\"><table><tr><th>arm</th>"
        "<th class=\"n\">slots</th><th class=\"n\">effective</th><th class=\"n\">largest weight"
        "</th><th class=\"n\">IPS</th><th class=\"n\">SNIPS</th><th>verdict</th></tr>\n";
    for (std::size_t arm = 0; arm < all.arms.size(); ++arm) {
      const Weighted& weighted = all.arms[arm].weighted;
      add("<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{:.1f}</td><td class=\"n\">{:.1f}"
          "</td><td class=\"n\">{:.6f}</td><td class=\"n\">{:.6f}</td><td>{}</td></tr>\n",
          html_text(head_.arms[arm]), weighted.slots, weighted.effective(), weighted.largest,
          weighted.ips(), weighted.snips().value_or(0.0), verdict_of(weighted));
    }
    out_ += "</table></div>\n";
  }

  const Tally& tally_;
  const TallyHead& head_;
  std::string out_;
};

}  // namespace

std::string evaluation_html(const Tally& tally) { return Page(tally).write(); }

}  // namespace lineup::cli
