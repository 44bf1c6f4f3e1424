// SPDX-License-Identifier: Apache-2.0
//
// See the header. The greedy ideal of alpha-NDCG takes, slot by slot, the row of the largest gain
// left, the first of equals.
#include "cli/offline/metrics.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

namespace lineup::cli {

namespace {

double discount(std::size_t slot) { return 1.0 / std::log2(static_cast<double>(slot) + 2.0); }

double gain(double label) { return std::exp2(label) - 1.0; }

// Counts, by group, how many relevant items stood above.
class Above {
 public:
  [[nodiscard]] double gain(double label, const Groups& groups) const {
    if (!(label > 0.0)) return 0.0;
    double sum = 0.0;
    for (const std::uint32_t group : groups) {
      const auto found = counts_.find(group);
      const int count = found == counts_.end() ? 0 : found->second;
      sum += label * std::pow(1.0 - kAlpha, count);
    }
    return sum;
  }
  void add(double label, const Groups& groups) {
    if (!(label > 0.0)) return;
    for (const std::uint32_t group : groups) ++counts_[group];
  }

 private:
  std::unordered_map<std::uint32_t, int> counts_;
};

bool have_common(const Groups& a, const Groups& b) {
  return std::any_of(a.begin(), a.end(), [&b](std::uint32_t group) {
    return std::find(b.begin(), b.end(), group) != b.end();
  });
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double product = 0.0;
  double of_a = 0.0;
  double of_b = 0.0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    product += double{a[i]} * double{b[i]};
    of_a += double{a[i]} * double{a[i]};
    of_b += double{b[i]} * double{b[i]};
  }
  return of_a > 0.0 && of_b > 0.0 ? product / std::sqrt(of_a * of_b) : 0.0;
}

}  // namespace

double ndcg(std::span<const double> page, std::span<const double> offered) {
  std::vector<double> best(offered.begin(), offered.end());
  const std::size_t slots = std::min(page.size(), best.size());
  std::partial_sort(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(slots), best.end(),
                    std::greater<>());
  double ideal = 0.0;
  for (std::size_t slot = 0; slot < slots; ++slot) ideal += gain(best[slot]) * discount(slot);
  if (!(ideal > 0.0)) return 0.0;
  double sum = 0.0;
  for (std::size_t slot = 0; slot < page.size(); ++slot) sum += gain(page[slot]) * discount(slot);
  return sum / ideal;
}

double average_precision(std::span<const double> page) {
  double sum = 0.0;
  double relevant = 0.0;
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    if (!(page[slot] > 0.0)) continue;
    relevant += 1.0;
    sum += relevant / (static_cast<double>(slot) + 1.0);
  }
  return relevant > 0.0 ? sum / relevant : 0.0;
}

double alpha_ndcg(std::span<const double> page, std::span<const Groups> page_groups,
                  std::span<const double> offered, std::span<const Groups> offered_groups) {
  double sum = 0.0;
  Above above;
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    sum += above.gain(page[slot], page_groups[slot]) * discount(slot);
    above.add(page[slot], page_groups[slot]);
  }
  // Only relevant rows gain, and of hundreds there are few.
  std::vector<std::size_t> left;
  for (std::size_t row = 0; row < offered.size(); ++row) {
    if (offered[row] > 0.0) left.push_back(row);
  }
  double ideal = 0.0;
  Above ideal_above;
  for (std::size_t slot = 0; slot < page.size() && !left.empty(); ++slot) {
    std::size_t best = 0;
    double most = -1.0;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const double here = ideal_above.gain(offered[left[i]], offered_groups[left[i]]);
      if (here > most) {
        most = here;
        best = i;
      }
    }
    ideal += most * discount(slot);
    ideal_above.add(offered[left[best]], offered_groups[left[best]]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return ideal > 0.0 ? sum / ideal : 0.0;
}

double different_pairs(std::span<const Groups> page) {
  if (page.size() < 2) return 0.0;
  std::size_t different = 0;
  for (std::size_t a = 0; a < page.size(); ++a) {
    for (std::size_t b = a + 1; b < page.size(); ++b) {
      different += have_common(page[a], page[b]) ? 0U : 1U;
    }
  }
  return 2.0 * static_cast<double>(different) /
         static_cast<double>(page.size() * (page.size() - 1));
}

double err_ia(std::span<const Groups> page) {
  double sum = 0.0;
  double scale = 0.0;
  for (std::size_t slot = 0; slot < page.size(); ++slot) {
    const auto place = static_cast<double>(slot + 1);
    const auto same =
        std::count_if(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(slot),
                      [&](const Groups& above) { return have_common(above, page[slot]); });
    sum += 1.0 / (place * (1.0 + std::exp2(static_cast<double>(same))));
    scale += 1.0 / (place * std::exp2(place));
  }
  return scale > 0.0 ? sum / scale : 0.0;
}

double intra_list_distance(std::span<const std::span<const float>> page) {
  if (page.size() < 2) return 0.0;
  double sum = 0.0;
  for (std::size_t a = 0; a < page.size(); ++a) {
    for (std::size_t b = a + 1; b < page.size(); ++b) sum += 1.0 - cosine(page[a], page[b]);
  }
  return 2.0 * sum / static_cast<double>(page.size() * (page.size() - 1));
}

double group_coverage(std::span<const Groups> page, std::span<const Groups> offered) {
  std::unordered_set<std::uint32_t> shown;
  std::unordered_set<std::uint32_t> all;
  for (const Groups& groups : page) shown.insert(groups.begin(), groups.end());
  for (const Groups& groups : offered) all.insert(groups.begin(), groups.end());
  const std::size_t reachable = std::min(all.size(), page.size());
  if (reachable == 0) return 0.0;
  return std::min(1.0, static_cast<double>(shown.size()) / static_cast<double>(reachable));
}

}  // namespace lineup::cli
