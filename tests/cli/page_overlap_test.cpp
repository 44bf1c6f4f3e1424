// SPDX-License-Identifier: Apache-2.0
//
// Figures of `lineup diff` against their definitions: overlap and rank-biased overlap against sums
// over sets, quantiles of times against the sorted times.
#include "cli/diff/page_overlap.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <random>
#include <set>

#include "cli/bench/latencies.hpp"
#include "cli/print/html_plot.hpp"

using namespace lineup::cli;

namespace {

using Page = std::vector<std::uint32_t>;

constexpr std::uint32_t kRows = 60;

std::size_t shared_at(const Page& a, const Page& b, std::size_t depth) {
  const std::set<std::uint32_t> first(a.begin(), a.begin() + std::min(depth, a.size()));
  std::size_t shared = 0;
  for (std::size_t i = 0; i < std::min(depth, b.size()); ++i) shared += first.count(b[i]);
  return shared;
}

// Webber, Moffat and Zobel 2010, equation 32, term by term.
double rbo_by_definition(const Page& a, const Page& b) {
  const double p = kRboPersistence;
  const double s = static_cast<double>(std::min(a.size(), b.size()));
  const double l = static_cast<double>(std::max(a.size(), b.size()));
  if (l == 0) return 1.0;
  if (s == 0) return 0.0;
  const auto x = [&](double d) {
    return static_cast<double>(shared_at(a, b, static_cast<std::size_t>(d)));
  };
  double first = 0.0;
  for (double d = 1; d <= l; ++d) first += x(d) / d * std::pow(p, d);
  double second = 0.0;
  for (double d = s + 1; d <= l; ++d) second += x(s) * (d - s) / (s * d) * std::pow(p, d);
  return (1 - p) / p * (first + second) + ((x(l) - x(s)) / l + x(s) / s) * std::pow(p, l);
}

}  // namespace

TEST_CASE("overlap of pages is what sets say", "[diff]") {
  std::mt19937 random(7);
  PageComparer comparer;
  for (int round = 0; round < 500; ++round) {
    Page all(kRows);
    std::iota(all.begin(), all.end(), 0U);
    std::shuffle(all.begin(), all.end(), random);
    const Page a(all.begin(), all.begin() + random() % 30);
    std::shuffle(all.begin(), all.begin() + 35, random);
    const Page b(all.begin(), all.begin() + random() % 30);
    const PageOverlap overlap = comparer.compare(a, b, kRows);
    CHECK(overlap.rbo == Approx(rbo_by_definition(a, b)).margin(1e-12));
    const std::size_t longer = std::max(a.size(), b.size());
    std::size_t changed = 0;
    for (std::size_t i = 0; i < longer; ++i) {
      changed += i >= a.size() || i >= b.size() || a[i] != b[i] ? 1 : 0;
    }
    CHECK(overlap.slots == longer);
    CHECK(overlap.slots_changed == changed);
    for (std::size_t i = 0; i < kOverlapDepths.size() && longer > 0; ++i) {
      const std::size_t depth = std::min<std::size_t>(kOverlapDepths[i], longer);
      CHECK(overlap.at[i] ==
            Approx(static_cast<double>(shared_at(a, b, depth)) / static_cast<double>(depth)));
    }
  }
}

TEST_CASE("the same page overlaps wholly and pages without a common row not at all", "[diff]") {
  PageComparer comparer;
  const Page page = {3, 1, 4, 15, 9};
  const PageOverlap same = comparer.compare(page, page, kRows);
  CHECK(same.rbo == 1.0);
  CHECK(same.whole == 1.0);
  CHECK(same.slots_changed == 0);
  const PageOverlap other = comparer.compare(page, Page{20, 21, 22, 23, 24}, kRows);
  CHECK(other.rbo == 0.0);
  CHECK(other.whole == 0.0);
  CHECK(comparer.compare({}, {}, kRows).rbo == 1.0);
  CHECK(comparer.compare(page, {}, kRows).rbo == 0.0);
}

TEST_CASE("a change at the head counts more than the same change at the tail", "[diff]") {
  PageComparer comparer;
  const Page page = {0, 1, 2, 3, 4, 5};
  const double head = comparer.compare(page, Page{9, 1, 2, 3, 4, 5}, kRows).rbo;
  const double tail = comparer.compare(page, Page{0, 1, 2, 3, 4, 9}, kRows).rbo;
  CHECK(head < tail);
}

TEST_CASE("quantiles of times are right to three percent", "[diff]") {
  std::mt19937_64 random(11);
  std::vector<std::int64_t> times;
  Latencies latencies;
  for (int i = 0; i < 20'000; ++i) {
    times.push_back(static_cast<std::int64_t>(std::exp(5.0 + random() % 1000 / 70.0)));
    Latencies one;
    one.add(times.back());
    latencies.merge(one);
  }
  std::sort(times.begin(), times.end());
  for (const double share : {0.0, 0.5, 0.9, 0.99, 1.0}) {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(times.size() - 1));
    CHECK(latencies.quantile_us(share) ==
          Approx(static_cast<double>(times[index]) / 1000.0).epsilon(0.03));
  }
  CHECK(Latencies().quantile_us(0.5) == 0.0);
}

TEST_CASE("nothing of a request becomes markup of the page", "[diff]") {
  CHECK(html_text("<script>alert(\"1\")</script>&'") ==
        "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;");
  const std::string plot = dumbbell_plot({{"<b>", {1.0, 2.0}, "\"x\""}}, "%", "a < b");
  CHECK(plot.find("<b>") == std::string::npos);
  CHECK(plot.find("a &lt; b") != std::string::npos);
  // A plot of nothing, or of zeros, is a plot.
  CHECK(bar_plot({}, "none").find("nan") == std::string::npos);
  CHECK(bar_plot({{"0", 0.0, ""}}, "zero").find("nan") == std::string::npos);
}
