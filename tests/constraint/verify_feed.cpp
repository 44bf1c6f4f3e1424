// SPDX-License-Identifier: Apache-2.0
#include "verify_feed.hpp"

#include <set>

namespace lineup::test {

namespace {

bool is_missing(const Cell& cell) { return std::holds_alternative<std::monostate>(cell); }

}  // namespace

Feed::Feed(const std::vector<std::pair<std::string, ColumnType>>& columns) {
  for (const auto& [name, type] : columns) {
    ColumnSpec spec;
    spec.name = name;
    spec.type = type;
    if (type == ColumnType::Embedding) spec.dimension = kDimension;
    schema_.add(std::move(spec));
  }
  is_absent.resize(columns.size());
}

std::uint32_t Feed::code(std::size_t column, const std::string& text) {
  const auto next = static_cast<std::uint32_t>(codes_[column].size());
  const auto [at, is_new] = codes_[column].emplace(text, next);
  if (is_new) texts_[column].push_back(at->first);
  return at->second;
}

void Feed::make_column(const std::vector<Row>& source, std::uint32_t column, TableStore& store) {
  Column& out = store.columns[column];
  out.type = schema_[column].type;
  if (is_absent[column]) return;
  out.present = true;
  auto& valid = store.valid[column];
  valid.assign(word_count(source.size()), 0);
  store.offsets[column].push_back(0);
  bool complete = true;
  for (std::size_t r = 0; r < source.size(); ++r) {
    const Cell& cell = source[r].cells[column];
    const bool missing = is_missing(cell);
    complete = complete && !missing;
    if (!missing) set_bit(valid.data(), r);
    switch (out.type) {
      case ColumnType::Float:
        store.floats[column].push_back(missing ? 0.0 : std::get<double>(cell));
        break;
      case ColumnType::Bool:
        store.bools[column].push_back(!missing && std::get<bool>(cell) ? 1 : 0);
        break;
      case ColumnType::Category:
        store.codes[column].push_back(missing ? kMissingCode
                                              : code(column, std::get<std::string>(cell)));
        break;
      case ColumnType::Categories:
        if (!missing) {
          for (const std::string& text : std::get<Texts>(cell)) {
            store.codes[column].push_back(code(column, text));
          }
        }
        store.offsets[column].push_back(static_cast<std::uint32_t>(store.codes[column].size()));
        break;
      case ColumnType::Embedding: {
        const Vector vector = missing ? Vector(kDimension) : std::get<Vector>(cell);
        auto& floats = store.vectors[column];
        floats.insert(floats.end(), vector.begin(), vector.end());
        break;
      }
      default:
        store.integers[column].push_back(missing ? 0 : std::get<std::int64_t>(cell));
    }
  }
  const bool has_codes = out.type == ColumnType::Category || out.type == ColumnType::Categories;
  out.valid = complete || has_codes ? nullptr : valid.data();
  out.floats = store.floats[column].data();
  out.integers = store.integers[column].data();
  out.bools = store.bools[column].data();
  out.codes = store.codes[column].data();
  out.offsets = store.offsets[column].data();
  out.vectors = store.vectors[column].data();
  out.dimension = kDimension;
}

Table Feed::make_table(const std::vector<Row>& source, TableStore& store) {
  const std::size_t width = schema_.size();
  store = {};
  store.floats.resize(width);
  store.integers.resize(width);
  store.bools.resize(width);
  store.codes.resize(width);
  store.offsets.resize(width);
  store.vectors.resize(width);
  store.valid.resize(width);
  store.columns.resize(width);
  for (std::uint32_t column = 0; column < width; ++column) make_column(source, column, store);
  Table table;
  table.row_count = static_cast<std::uint32_t>(source.size());
  table.columns = store.columns;
  store.id_offsets.push_back(0);
  for (const Row& row : source) {
    if (numeric_ids) store.id_numbers.push_back(std::stoll(row.id));
    store.id_bytes += row.id;
    store.id_offsets.push_back(static_cast<std::uint32_t>(store.id_bytes.size()));
  }
  if (numeric_ids) {
    store.id_numbers.reserve(1);  // never null
    table.ids.numbers = store.id_numbers.data();
  } else {
    table.ids.offsets = store.id_offsets.data();
    table.ids.bytes = store.id_bytes.data();
  }
  return table;
}

const Batch& Feed::make() {
  codes_.assign(schema_.size(), {});
  texts_.assign(schema_.size(), {});
  batch_.rows = make_table(rows, row_store_);
  batch_.history = make_table(history, history_store_);
  vocabularies_.clear();
  for (const auto& texts : texts_) vocabularies_.push_back({texts});
  batch_.vocabularies = vocabularies_;
  return batch_;
}

Spec spec_of(Kind kind, std::string where, std::vector<std::string> by) {
  Spec spec;
  spec.kind = kind;
  spec.where = std::move(where);
  spec.by = std::move(by);
  return spec;
}

RuleUse compiled(std::vector<Spec> specs, const Schema& schema, Strength strength) {
  RuleUse use;
  use.strength = strength;
  ConditionScope scope;
  scope.schema = &schema;
  Diagnostics diagnostics;
  compile_constraints(std::move(specs), scope, use, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    INFO(render(diagnostic, {}));
    REQUIRE(diagnostic.severity == Severity::Warning);
  }
  return use;
}

std::vector<Word> candidates_of(const std::vector<RuleUse>& uses, const std::vector<Idle>& idle,
                                const RuleInput& input, Arena& arena) {
  const Table& rows = input.batch->rows;
  std::vector<Word> candidates(word_count(rows.row_count));
  std::set<std::string> seen;
  for (std::uint32_t row = 0; row < rows.row_count; ++row) {
    const std::string id = rows.ids.is_numeric() ? std::to_string(rows.ids.numbers[row])
                                                 : std::string(rows.ids.text(row));
    if (seen.insert(id).second) set_bit(candidates.data(), row);
  }
  filter_rows(uses, idle, input, arena, candidates);
  return candidates;
}

}  // namespace lineup::test
