// SPDX-License-Identifier: Apache-2.0
//
// Dictionaries are numbered in order of first appearance, as a service would meet the values.
#include "cli/bench/bench_columns.hpp"

#include <fmt/format.h>

#include <unordered_map>

namespace lineup::cli {

namespace {

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

BenchColumns::BenchColumns(const BenchRows& rows, ColumnForm form, More more) {
  constexpr std::string_view kTextNames[] = {"category", "author", "type"};
  std::vector<std::string> values[3];
  for (const BenchRow& row : rows.rows) {
    scores_.push_back(row.score);
    prices_.push_back(row.price);
    clicks_.push_back(row.pctr);
    continues_.push_back(row.pnext);
    is_new_.push_back(row.is_new ? 1 : 0);
    ids_.push_back(row.id);
    values[0].push_back(fmt::format("c{}", row.category));
    values[1].push_back(fmt::format("a{}", row.author));
    values[2].emplace_back(kBenchTypes[row.type]);
  }
  id_view_.struct_size = sizeof(id_view_);
  id_view_.flags = form == ColumnForm::Coded ? LINEUP_IDS_UNIQUE : 0U;
  id_view_.numbers = ids_.data();
  add("score", score_column_, LINEUP_TYPE_F64, scores_.data());
  for (std::uint32_t i = 0; i < 3; ++i) {
    fill(texts_[i], values[i], form, i + 1);
    add(kTextNames[i], texts_[i].column);
  }
  if (more.attributes) {
    add("price", price_column_, LINEUP_TYPE_F64, prices_.data());
    add("is_new", is_new_column_, LINEUP_TYPE_BOOL, is_new_.data());
    fill_tags(rows, form);
    add("tags", texts_[3].column);
  }
  if (more.predictions) {
    add("pctr", clicks_column_, LINEUP_TYPE_F64, clicks_.data());
    add("pnext", continues_column_, LINEUP_TYPE_F64, continues_.data());
  }
  if (more.attributes || more.predictions) {
    embedding_column_.dimension = kBenchDimension;
    add("embedding", embedding_column_, LINEUP_TYPE_VECTOR, rows.embeddings.data());
  }
}

void BenchColumns::add(std::string_view name, const lineup_column& column) {
  names_[count_] = name;
  columns_[count_++] = &column;
}

void BenchColumns::add(std::string_view name, lineup_column& column, lineup_type type,
                       const void* data) {
  column.struct_size = sizeof(column);
  column.type = type;
  column.data = data;
  add(name, column);
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

void BenchColumns::fill_tags(const BenchRows& rows, ColumnForm form) {
  Texts& tags = texts_[3];
  std::vector<std::string> values;
  tags.list_offsets.push_back(0);
  for (const BenchRow& row : rows.rows) {
    for (std::uint32_t tag = 0; tag < kBenchTags; ++tag) {
      if ((row.tags >> tag & 1U) != 0) values.push_back(fmt::format("t{}", tag));
    }
    tags.list_offsets.push_back(static_cast<std::uint32_t>(values.size()));
  }
  fill(tags, values, form, 4);
  tags.column.type = form == ColumnForm::Coded ? LINEUP_TYPE_CODE_LIST : LINEUP_TYPE_TEXT_LIST;
  tags.column.list_offsets = tags.list_offsets.data();
}

lineup_rows BenchColumns::view(const lineup_handle* handles) const {
  lineup_rows rows{};
  rows.struct_size = sizeof(rows);
  rows.row_count = static_cast<std::uint32_t>(scores_.size());
  rows.column_count = static_cast<std::uint32_t>(count_);
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
