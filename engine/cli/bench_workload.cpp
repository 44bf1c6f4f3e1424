// SPDX-License-Identifier: Apache-2.0
//
// The bundles bring a rule of their own, so that a benchmark measures the engine and not whichever
// rules happen to be installed.
#include "cli/bench_workload.hpp"

#include <fmt/format.h>

#include <unordered_map>

namespace lineup::cli {

namespace {

constexpr std::string_view kRule = R"(return rule {
  name = "bench_window",
  about = "At most `max` rows of one value in `size` neighbouring slots.",
  parameters = {
    by   = columns { about = "The columns that must agree." },
    size = integer { min = 1, about = "Slots of the window." },
    max  = integer { min = 1, about = "Most rows of one value." },
  },
  constraints = function(p)
    return { window { by = p.by, size = p.size, max = p.max } }
  end,
}
)";

constexpr std::string_view kPolicy = R"(lineup: 1
scene: bench
page: {}
columns:
  score:    {{type: float}}
  category: {{type: category}}
  author:   {{type: category}}
  type:     {{type: category}}
rules:
{}graph:
  - {{id: page, generate: score_order}}
fallback: score_order
limits: {{deadline_ms: 1000, work: 200000, gap: 0.005}}
)";

std::string window(std::string_view name, std::string_view by, int size, int max) {
  return fmt::format(
      "  - {{use: bench_window, as: {}, with: {{by: {}, size: {}, max: {}}}, priority: 50}}\n",
      name, by, size, max);
}

Workload make(std::string name, std::uint32_t page, const std::string& rules) {
  return {std::move(name),
          "satisfiable",
          page,
          {{"policies/bench.yaml", fmt::format(kPolicy, page, rules)},
           {"rules/bench_window.lua", std::string(kRule)}}};
}

// The distinct values in order of first appearance, and each row's number among them.
std::vector<std::string> distinct(const std::vector<std::string>& values,
                                  std::vector<std::uint32_t>& codes) {
  std::unordered_map<std::string, std::uint32_t> known;
  std::vector<std::string> out;
  for (const std::string& value : values) {
    const auto [entry, is_new] = known.emplace(value, static_cast<std::uint32_t>(out.size()));
    if (is_new) out.push_back(value);
    codes.push_back(entry->second);
  }
  return out;
}

}  // namespace

Result<std::vector<Workload>> make_workloads(const std::string& name, const std::string& variant,
                                             std::uint32_t page) {
  std::vector<Workload> all;
  if (name == "w1") {
    all.push_back(make("w1", page == 0 ? 50 : page,
                       window("category", "category", 5, 2) + window("author", "author", 10, 1) +
                           window("type", "type", 3, 2) +
                           window("pair", "[category, type]", 2, 1)));
  } else if (name == "w5") {
    all.push_back(make("w5", page == 0 ? 20 : page,
                       window("category", "category", 5, 1) + window("author", "author", 4, 1)));
  } else {
    return failure("bench/unknown", fmt::format("there is no workload `{}`; w1, w5", name));
  }
  if (!variant.empty() && variant != all.front().variant) {
    return failure("bench/unknown", fmt::format("workload `{}` has no variant `{}`; {}", name,
                                                variant, all.front().variant));
  }
  return all;
}

BenchColumns::BenchColumns(const BenchRows& rows, ColumnForm form) {
  std::vector<std::string> values[3];
  for (const BenchRow& row : rows.rows) {
    scores_.push_back(row.score);
    ids_.push_back(row.id);
    values[0].push_back(fmt::format("c{}", row.category));
    values[1].push_back(fmt::format("a{}", row.author));
    values[2].emplace_back(kBenchTypes[row.type]);
  }
  id_view_.struct_size = sizeof(id_view_);
  id_view_.flags = form == ColumnForm::Coded ? LINEUP_IDS_UNIQUE : 0U;
  id_view_.numbers = ids_.data();
  score_column_.struct_size = sizeof(score_column_);
  score_column_.type = LINEUP_TYPE_F64;
  score_column_.data = scores_.data();
  columns_[0] = &score_column_;
  for (std::uint32_t i = 0; i < 3; ++i) {
    fill(texts_[i], values[i], form, i + 1);
    columns_[i + 1] = &texts_[i].column;
  }
}

void BenchColumns::fill(Texts& texts, const std::vector<std::string>& values, ColumnForm form,
                        std::uint64_t identity) {
  const auto entries = form == ColumnForm::Coded ? distinct(values, texts.codes) : values;
  texts.offsets.push_back(0);
  for (const std::string& entry : entries) {
    texts.bytes += entry;
    texts.offsets.push_back(static_cast<std::uint32_t>(texts.bytes.size()));
  }
  texts.column.struct_size = sizeof(texts.column);
  if (form == ColumnForm::Strings) {
    texts.column.type = LINEUP_TYPE_TEXT;
    texts.column.data = texts.bytes.data();
    texts.column.offsets = texts.offsets.data();
    return;
  }
  texts.dictionary = {sizeof(texts.dictionary), static_cast<std::uint32_t>(entries.size()),
                      texts.offsets.data(), texts.bytes.data(), identity};
  texts.column.type = LINEUP_TYPE_CODE;
  texts.column.data = texts.codes.data();
  texts.column.dictionary = &texts.dictionary;
}

lineup_rows BenchColumns::view(const lineup_handle* handles) const {
  lineup_rows rows{};
  rows.struct_size = sizeof(rows);
  rows.row_count = static_cast<std::uint32_t>(scores_.size());
  rows.column_count = kCount;
  rows.ids = &id_view_;
  rows.handles = handles;
  rows.columns = columns_;
  return rows;
}

std::string bench_request(const BenchRows& rows, std::uint32_t page) {
  std::string out = fmt::format(R"({{"id":"bench","scene":"bench","page":{},"candidates":[)", page);
  for (const BenchRow& row : rows.rows) {
    out += fmt::format(R"({}{{"id":{},"score":{},"category":"c{}","author":"a{}","type":"{}"}})",
                       row.id == 0 ? "" : ",", row.id, row.score, row.category, row.author,
                       kBenchTypes[row.type]);
  }
  return out + "]}";
}

}  // namespace lineup::cli
