// SPDX-License-Identifier: Apache-2.0
//
// The page takes good rows in roughly their order and keeps like things apart where that is easy;
// what it happens to keep is counted and becomes the bounds.
#include "cli/bench/bench_planted.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <vector>

#include "base/hash.hpp"
#include "cli/bench/bench_rules.hpp"

namespace lineup::cli {

namespace {

using Keys = std::vector<std::uint32_t>;
using KeysOf = std::function<Keys(const BenchRow&)>;
using Holds = std::function<bool(const BenchRow&)>;

// A condition as the policy writes it and as this file asks it.
struct Condition {
  const char* text;
  Holds holds;
};

class Planter {
 public:
  Planter(const BenchRows& rows, std::uint32_t slots, std::uint64_t seed)
      : rows_(rows.rows), embeddings_(rows.embeddings), slots_(slots), lot_(seed) {
    draw_page();
  }

  Planted rules(const std::string& name) {
    windows();
    conditions();
    places();
    pairs();
    sums_and_mixes();
    // The row that is pinned to the first slot must not stand there.
    const double price = page_[0]->price;
    return {std::move(out_),
            bench_use("place", name,
                      fmt::format("where: 'price > {:.3f} and price < {:.3f}', slots: 1, mode: "
                                  "never_in",
                                  price - 0.004, price + 0.004),
                      "priority: 10")};
  }

 private:
  std::uint32_t draw(std::size_t end) {
    lot_ = mix64(lot_ + 0x9E3779B97F4A7C15ULL);
    return static_cast<std::uint32_t>((lot_ >> 32) % end);
  }

  bool stands_apart(const BenchRow& row) const {
    for (std::size_t back = 1; back <= std::min<std::size_t>(page_.size(), 6); ++back) {
      const BenchRow& other = *page_[page_.size() - back];
      if (back <= 2 && other.category == row.category) return false;
      if (back <= 5 && other.author == row.author) return false;
      if (other.type == 2 && row.type == 2) return false;
    }
    return true;
  }

  void draw_page() {
    const std::size_t slots = std::min<std::size_t>(slots_, rows_.size());
    std::vector<bool> used(rows_.size());
    for (std::uint32_t tries = 0; page_.size() < slots; ++tries) {
      const std::uint32_t at = std::min(draw(rows_.size()), draw(rows_.size()));
      // LIMIT: tries after which a row is taken as it is, so that odd batches end too.
      if (used[at] || (tries < 100'000 && !stands_apart(rows_[at]))) continue;
      used[at] = true;
      page_.push_back(&rows_[at]);
    }
  }

  void use(const char* kind, const std::string& with) {
    ++count_;
    out_ += bench_use(kind, fmt::format("rule_{}", count_), with,
                      fmt::format("priority: {}", 100 - count_ % 8));
  }

  static std::uint32_t more(std::uint32_t count) { return count + (count + 19) / 20; }
  static std::uint32_t less(std::uint32_t count) { return count - (count + 19) / 20; }

  // The most rows of one key in any run of the page.
  std::uint32_t most_in_run(const KeysOf& keys_of, std::size_t size) const {
    std::uint32_t most = 1;
    for (std::size_t begin = 0; begin < page_.size(); ++begin) {
      std::map<std::uint32_t, std::uint32_t> counts;
      for (std::size_t i = begin; i < std::min(page_.size(), begin + size); ++i) {
        for (const std::uint32_t key : keys_of(*page_[i])) most = std::max(most, ++counts[key]);
      }
    }
    return most;
  }

  void window(const char* by, const KeysOf& keys_of, std::uint32_t size) {
    use("window", fmt::format("by: {}, size: {}, max: {}", by, size, most_in_run(keys_of, size)));
  }

  void windows() {
    const KeysOf category = [](const BenchRow& row) { return Keys{row.category}; };
    const KeysOf author = [](const BenchRow& row) { return Keys{row.author}; };
    const KeysOf type = [](const BenchRow& row) { return Keys{row.type}; };
    const KeysOf pair = [](const BenchRow& row) { return Keys{row.category * 3 + row.type}; };
    const KeysOf tags = [](const BenchRow& row) {
      Keys out;
      for (std::uint32_t tag = 0; tag < kBenchTags; ++tag) {
        if ((row.tags >> tag & 1U) != 0) out.push_back(tag);
      }
      return out;
    };
    for (const std::uint32_t size : {2U, 5U, 8U}) window("category", category, size);
    for (const std::uint32_t size : {10U, 20U}) window("author", author, size);
    for (const std::uint32_t size : {3U, 6U}) window("type", type, size);
    for (const std::uint32_t size : {4U, 8U}) window("tags", tags, size);
    window("[category, type]", pair, 4);
    const auto whole = static_cast<std::uint32_t>(page_.size());
    use("cap", fmt::format("by: author, max: {}", more(most_in_run(author, whole))));
    use("cap", fmt::format("by: tags, max: {}", more(most_in_run(tags, whole))));
  }

  std::vector<std::uint32_t> slots_of(const Condition& condition, std::size_t first,
                                      std::size_t last) const {
    std::vector<std::uint32_t> out;
    for (std::size_t slot = first; slot < std::min(last, page_.size()); ++slot) {
      if (condition.holds(*page_[slot])) out.push_back(static_cast<std::uint32_t>(slot));
    }
    return out;
  }

  void spacing(const Condition& condition) {
    const auto at = slots_of(condition, 0, page_.size());
    auto gap = static_cast<std::uint32_t>(page_.size());
    for (std::size_t i = 1; i < at.size(); ++i) gap = std::min(gap, at[i] - at[i - 1] - 1);
    if (at.size() < 2) gap = 3;
    use("spacing", fmt::format("where: '{}', gap: {}, first_slot: {}", condition.text, gap,
                               at.empty() ? 1 : at[0] + 1));
  }

  void quota(const Condition& condition, std::uint32_t first, std::uint32_t last) {
    const auto count = static_cast<std::uint32_t>(slots_of(condition, first, last).size());
    use("quota", fmt::format("where: '{}', min: {}, max: {}, slots: '{}..{}'", condition.text,
                             less(count), more(count), first + 1, last));
  }

  void run(const Condition& condition, std::uint32_t size) {
    std::uint32_t most = 1;
    std::uint32_t least = size;
    for (std::uint32_t begin = 0; begin + size <= page_.size(); ++begin) {
      const auto count =
          static_cast<std::uint32_t>(slots_of(condition, begin, begin + size).size());
      most = std::max(most, count);
      least = std::min(least, count);
    }
    use("window", fmt::format("where: '{}', size: {}, max: {}, min: {}", condition.text, size, most,
                              std::min(least, most)));
  }

  void conditions() {
    const Condition ads = {R"(type == "ad")", [](const BenchRow& row) { return row.type == 2; }};
    const Condition articles = {R"(type == "article")",
                                [](const BenchRow& row) { return row.type == 1; }};
    const Condition fresh = {"is_new", [](const BenchRow& row) { return row.is_new; }};
    const Condition cheap = {"price < 20.5", [](const BenchRow& row) { return row.price < 20.5; }};
    const Condition dear = {"price > 79.5 and not is_new",
                            [](const BenchRow& row) { return row.price > 79.5 && !row.is_new; }};
    const auto page = static_cast<std::uint32_t>(page_.size());
    spacing(ads);
    spacing(dear);
    quota(ads, 0, page);
    quota(fresh, 0, page);
    quota(articles, 0, page);
    quota(cheap, 0, std::max(1U, page / 2));
    quota(fresh, 0, std::max(1U, page / 5));
    run(articles, std::min(page, 6U));
    run(cheap, std::min(page, 8U));
  }

  void places() {
    const auto pin = [&](std::uint32_t slot, std::uint32_t slots_more, const char* mode) {
      const auto last = static_cast<std::uint32_t>(page_.size()) - 1;
      const std::uint32_t at = std::min(slot, last);
      use("place", fmt::format("id: {}, slots: {}, mode: {}", page_[at]->id,
                               std::min(at + slots_more, last) + 1, mode));
    };
    pin(0, 0, "exactly");
    pin(16, 0, "exactly");
    pin(10, 2, "at_or_above");
    use("place", R"(where: 'type == "ad" and price > 99.0', slots: 1, mode: never_in)");
  }

  [[nodiscard]] double cosine(const BenchRow& a, const BenchRow& b) const {
    const float* left = embeddings_.data() + std::size_t{a.id} * kBenchDimension;
    const float* right = embeddings_.data() + std::size_t{b.id} * kBenchDimension;
    double sum = 0.0;
    for (std::uint32_t d = 0; d < kBenchDimension; ++d) sum += double{left[d]} * double{right[d]};
    return sum;
  }

  // Pairs of the page in the wrong order, of the cheap rows of one category.
  [[nodiscard]] bool is_ordered(double price) const {
    for (std::size_t i = 0; i < page_.size(); ++i) {
      for (std::size_t j = i + 1; j < page_.size(); ++j) {
        const bool is_compared = page_[i]->category == page_[j]->category &&
                                 page_[i]->price < price && page_[j]->price < price;
        if (is_compared && page_[i]->price > page_[j]->price) return false;
      }
    }
    return true;
  }

  void pairs() {
    double dearest = 0.0;  // right after an ad
    double closest = -1.0;
    constexpr std::size_t kNear = 3;
    for (std::size_t i = 0; i < page_.size(); ++i) {
      if (i > 0 && page_[i - 1]->type == 2) dearest = std::max(dearest, page_[i]->price);
      for (std::size_t j = i + 1; j < std::min(page_.size(), i + kNear); ++j) {
        closest = std::max(closest, cosine(*page_[i], *page_[j]));
      }
    }
    use("adjacent",
        fmt::format("left: 'type == \"ad\"', right: 'price > {:.3f}'", dearest + 0.005));
    use("similar", fmt::format("size: {}, max_cosine: {:.4f}", kNear, closest + 0.001));
    double price = 40.5;
    while (price > 1.0 && !is_ordered(price)) price -= 1.0;
    use("order", fmt::format("by: price, within: category, where: 'price < {:.3f}'", price));
  }

  void sums_and_mixes() {
    const std::size_t half = std::max<std::size_t>(1, page_.size() / 2);
    double sum = 0.0;
    for (std::size_t i = 0; i < half; ++i) sum += page_[i]->price;
    use("budget", fmt::format("column: price, min: {:.2f}, max: {:.2f}, slots: '1..{}'", sum * 0.95,
                              sum * 1.05, half));
    const std::size_t head = std::min<std::size_t>(page_.size(), 6);
    std::string pattern;
    for (std::size_t i = 0; i < head; ++i) {
      pattern += fmt::format("{}{}", i == 0 ? "" : " ", kBenchTypes[page_[i]->type]);
    }
    use("mix", fmt::format("by: type, pattern: '{}', slots: '1..{}'", pattern, head));
  }

  const std::vector<BenchRow>& rows_;
  const std::vector<float>& embeddings_;
  std::uint32_t slots_;
  std::uint64_t lot_;
  std::vector<const BenchRow*> page_;
  std::string out_;
  int count_ = 0;
};

}  // namespace

Planted plant_rules(const BenchRows& rows, std::uint32_t slots, std::uint64_t seed,
                    const std::string& name) {
  return Planter(rows, slots, seed).rules(name);
}

}  // namespace lineup::cli
