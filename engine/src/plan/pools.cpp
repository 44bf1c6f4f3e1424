// SPDX-License-Identifier: Apache-2.0
//
// A value of a pool is held against the type that the policy declares, with the same leniency as
// defaults of columns: a category may be written as a number, anything else has to be what it is.
#include "plan/pools.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "condition/program.hpp"

namespace lineup {

namespace {

using Form = Value::Kind;

std::string_view expected(ColumnType type) {
  switch (type) {
    case ColumnType::Float:
      return "a number";
    case ColumnType::Integer:
      return "a whole number";
    case ColumnType::Category:
      return "text";
    case ColumnType::Categories:
      return "text or a list of texts";
    case ColumnType::Bool:
      return "true or false";
    case ColumnType::Time:
      return "a date such as 2026-01-31";
    case ColumnType::Embedding:
      return "a list of numbers";
  }
  return "a value";
}

}  // namespace

class PoolCompiler {
 public:
  PoolCompiler(const PolicyDocument& document, const Schema& schema, std::int64_t now_ms,
               Diagnostics& diagnostics)
      : document_(document),
        schema_(schema),
        now_ms_(now_ms),
        diagnostics_(diagnostics),
        table_(std::make_unique<PoolTable>()) {
    table_->values_.resize(schema.size());
  }

  void add(const PoolDocument& pool) {
    for (const PoolRow& row : pool.rows) add_row(pool, row);
  }

  std::unique_ptr<const PoolTable> finish() {
    PoolTable& table = *table_;
    const auto row_count = static_cast<std::uint32_t>(table.rows_.size());
    if (row_count == 0) return nullptr;
    for (std::uint32_t index = 0; index < schema_.size(); ++index) {
      PoolTable::Values& values = table.values_[index];
      if (values.is_used) lend(schema_[index], row_count, values);
      table.columns_.push_back(values.is_used ? &values.view : nullptr);
    }
    lend_ids();
    table.input_ = {row_count, &table.ids_, table.columns_};
    return std::move(table_);
  }

 private:
  void error(const PoolDocument& pool, Span span, const char* code, std::string message,
             std::string hint = {}) {
    span.file = pool.path;
    diagnostics_.error(std::move(span), code, std::move(message), std::move(hint));
  }

  void add_row(const PoolDocument& pool, const PoolRow& row) {
    const auto [first, is_new] = pool_of_id_.emplace(row.id, pool.name);
    if (!is_new) {
      error(pool, row.span, "pool/duplicate-id",
            fmt::format("the row `{}` stands in pool `{}` already, which scene `{}` names too",
                        row.id, first->second, document_.scene),
            "an id means one row: give this one another");
      return;
    }
    PoolTable::Row out;
    out.id = row.id;
    out.pool = pool.name;
    const TimeZone zone =
        row.zone.empty() ? document_.zone : TimeZone::find(row.zone).value_or(document_.zone);
    if (const auto from = zone.parse(row.from)) out.from_ms = from->ms;
    if (const auto expires = zone.parse(row.expires)) out.expires_ms = expires->ms;
    if (out.expires_ms <= out.from_ms) {
      error(pool, row.expires_span, "pool/dates", "`expires` is not after `from`");
    } else if (out.expires_ms <= now_ms_) {
      Span span = row.expires_span;
      span.file = pool.path;
      diagnostics_.warning(std::move(span), "pool/expired",
                           fmt::format("row `{}` ended at {} and is not inserted any more", row.id,
                                       format_time(out.expires_ms)),
                           "take it out, or give it another date");
    }
    const auto at = static_cast<std::uint32_t>(table_->rows_.size());
    for (const YamlEntry& entry : row.values) add_value(pool, entry, at);
    table_->rows_.push_back(std::move(out));
  }

  void add_value(const PoolDocument& pool, const YamlEntry& entry, std::uint32_t row) {
    const auto index = schema_.find(entry.key);
    if (!index) {
      const std::string near = nearest(entry.key, schema_.names());
      return error(pool, entry.key_span, "pool/unknown-column",
                   fmt::format("scene `{}` has no column `{}`", document_.scene, entry.key),
                   near.empty() ? "declare it under `columns` of the policy"
                                : fmt::format("did you mean `{}`?", near));
    }
    if (entry.value.kind == Form::Null) return;
    const ColumnSpec& spec = schema_[*index];
    PoolTable::Values& values = table_->values_[*index];
    pad(spec, row, values);
    if (!append(spec, entry.value, values)) {
      error(pool, entry.value.span, "pool/type",
            fmt::format("`{}` must be {}, found {}", entry.key, expected(spec.type),
                        entry.value.kind == Form::List && spec.type == ColumnType::Embedding
                            ? fmt::format("a list of {}", entry.value.items.size())
                            : std::string(describe(entry.value.kind))),
            spec.type == ColumnType::Embedding
                ? fmt::format("scene `{}` declares {} numbers", document_.scene, spec.dimension)
                : std::string());
      append_missing(spec, values);
      return;
    }
    values.is_used = true;
    values.validity.resize(word_count(row + 1), 0);
    set_bit(values.validity.data(), row);
  }

  // Rows that came without a value.
  static void pad(const ColumnSpec& spec, std::uint32_t row_count, PoolTable::Values& values) {
    while (count_of(spec, values) < row_count) append_missing(spec, values);
  }

  static std::size_t count_of(const ColumnSpec& spec, const PoolTable::Values& values) {
    switch (spec.type) {
      case ColumnType::Float:
        return values.floats.size();
      case ColumnType::Integer:
      case ColumnType::Time:
        return values.integers.size();
      case ColumnType::Bool:
        return values.bools.size();
      case ColumnType::Category:
        return values.codes.size();
      case ColumnType::Categories:
        return values.list_offsets.empty() ? 0 : values.list_offsets.size() - 1;
      case ColumnType::Embedding:
        return values.vectors.size() / std::max(1U, spec.dimension);
    }
    return 0;
  }

  static void append_missing(const ColumnSpec& spec, PoolTable::Values& values) {
    switch (spec.type) {
      case ColumnType::Float:
        return values.floats.push_back(0.0);
      case ColumnType::Integer:
      case ColumnType::Time:
        return values.integers.push_back(0);
      case ColumnType::Bool:
        return values.bools.push_back(0);
      case ColumnType::Category:
        return values.codes.push_back(kMissingCode);
      case ColumnType::Categories:
        return end_list(values);
      case ColumnType::Embedding:
        values.vectors.resize(values.vectors.size() + std::max(1U, spec.dimension), 0.0F);
        return;
    }
  }

  static void end_list(PoolTable::Values& values) {
    if (values.list_offsets.empty()) values.list_offsets.push_back(0);
    values.list_offsets.push_back(static_cast<std::uint32_t>(values.codes.size()));
  }

  static std::uint32_t code_of(std::string_view text, PoolTable::Values& values) {
    const auto found = values.code_of.find(text);
    if (found != values.code_of.end()) return found->second;
    const auto code = static_cast<std::uint32_t>(values.code_of.size());
    values.code_of.emplace(text, code);
    if (values.offsets.empty()) values.offsets.push_back(0);
    values.bytes += text;
    values.offsets.push_back(static_cast<std::uint32_t>(values.bytes.size()));
    return code;
  }

  // False when `node` does not suit the type; nothing was appended then.
  bool append(const ColumnSpec& spec, const YamlNode& node, PoolTable::Values& values) {
    switch (spec.type) {
      case ColumnType::Float:
        if (!node.is_number()) return false;
        values.floats.push_back(node.number);
        return true;
      case ColumnType::Integer:
        if (node.kind != Form::Integer) return false;
        values.integers.push_back(node.integer);
        return true;
      case ColumnType::Time: {
        const auto moment = document_.zone.parse(node.kind == Form::Text ? node.text : "");
        if (!moment) return false;
        values.integers.push_back(moment->ms);
        return true;
      }
      case ColumnType::Bool:
        if (node.kind != Form::Bool) return false;
        values.bools.push_back(node.boolean ? 1 : 0);
        return true;
      case ColumnType::Category:
        if (node.kind != Form::Text && !node.is_number()) return false;
        values.codes.push_back(code_of(node.text, values));
        return true;
      case ColumnType::Categories:
        return append_texts(spec, node, values);
      case ColumnType::Embedding:
        return append_vector(spec, node, values);
    }
    return false;
  }

  static bool append_texts(const ColumnSpec& spec, const YamlNode& node,
                           PoolTable::Values& values) {
    const auto is_text = [](const YamlNode& item) {
      return item.kind == Form::Text || item.is_number();
    };
    if (node.kind == Form::List) {
      if (!std::all_of(node.items.begin(), node.items.end(), is_text)) return false;
      for (const YamlNode& item : node.items) values.codes.push_back(code_of(item.text, values));
    } else {
      if (!is_text(node)) return false;
      for_each_part(node.text, spec.split,
                    [&](std::string_view part) { values.codes.push_back(code_of(part, values)); });
    }
    end_list(values);
    return true;
  }

  static bool append_vector(const ColumnSpec& spec, const YamlNode& node,
                            PoolTable::Values& values) {
    const auto is_number = [](const YamlNode& item) { return item.is_number(); };
    if (node.kind != Form::List || node.items.size() != spec.dimension ||
        !std::all_of(node.items.begin(), node.items.end(), is_number)) {
      return false;
    }
    for (const YamlNode& item : node.items) {
      values.vectors.push_back(static_cast<float>(item.number));
    }
    return true;
  }

  static void lend(const ColumnSpec& spec, std::uint32_t row_count, PoolTable::Values& values) {
    pad(spec, row_count, values);
    values.validity.resize(word_count(row_count), 0);
    const bool has_all = count_bits(values.validity) == row_count;
    lineup_column& view = values.view;
    view.struct_size = sizeof view;
    view.validity = has_all ? nullptr : values.validity.data();
    switch (spec.type) {
      case ColumnType::Float:
        view.type = LINEUP_TYPE_F64;
        view.data = values.floats.data();
        return;
      case ColumnType::Integer:
        view.type = LINEUP_TYPE_I64;
        view.data = values.integers.data();
        return;
      case ColumnType::Time:
        view.type = LINEUP_TYPE_TIME_MS;
        view.data = values.integers.data();
        return;
      case ColumnType::Bool:
        view.type = LINEUP_TYPE_BOOL;
        view.data = values.bools.data();
        return;
      case ColumnType::Embedding:
        view.type = LINEUP_TYPE_VECTOR;
        view.dimension = spec.dimension;
        view.data = values.vectors.data();
        return;
      case ColumnType::Category:
      case ColumnType::Categories:
        break;
    }
    view.type = spec.type == ColumnType::Category ? LINEUP_TYPE_CODE : LINEUP_TYPE_CODE_LIST;
    view.data = values.codes.data();
    if (spec.type == ColumnType::Categories) view.list_offsets = values.list_offsets.data();
    values.dictionary.struct_size = sizeof values.dictionary;
    values.dictionary.count = static_cast<std::uint32_t>(values.code_of.size());
    values.dictionary.offsets = values.offsets.data();
    values.dictionary.bytes = values.bytes.data();
    view.dictionary = &values.dictionary;
  }

  // Numbers when all of them are: then they need not be written out beside a batch of numbers.
  void lend_ids() {
    PoolTable& table = *table_;
    table.ids_.struct_size = sizeof table.ids_;
    table.id_offsets_.push_back(0);
    for (const PoolTable::Row& row : table.rows_) {
      std::int64_t number = 0;
      if (decimal_of(row.id, number)) table.id_numbers_.push_back(number);
      table.id_bytes_ += row.id;
      table.id_offsets_.push_back(static_cast<std::uint32_t>(table.id_bytes_.size()));
    }
    if (table.id_numbers_.size() == table.rows_.size()) {
      table.ids_.numbers = table.id_numbers_.data();
    } else {
      table.ids_.offsets = table.id_offsets_.data();
      table.ids_.bytes = table.id_bytes_.data();
    }
  }

  const PolicyDocument& document_;
  const Schema& schema_;
  std::int64_t now_ms_;
  Diagnostics& diagnostics_;
  std::unique_ptr<PoolTable> table_;
  std::map<std::string, std::string> pool_of_id_;
};

std::unique_ptr<const PoolTable> compile_pools(const PolicyDocument& document, const Schema& schema,
                                               const Pools& pools, std::int64_t now_ms,
                                               Diagnostics& diagnostics) {
  PoolCompiler compiler(document, schema, now_ms, diagnostics);
  for (const PolicyPool& named : document.pools) {
    const auto found = pools.find(named.name);
    if (found != pools.end()) {
      if (found->second.rows.empty()) {
        diagnostics.warning(named.span, "policy/empty-pool",
                            fmt::format("pool `{}` has no rows", named.name),
                            fmt::format("it is the file {}", found->second.path));
      }
      compiler.add(found->second);
      continue;
    }
    std::vector<std::string> names;
    for (const auto& [name, pool] : pools) names.push_back(name);
    const std::string near = nearest(named.name, names);
    diagnostics.error(named.span, "policy/unknown-pool",
                      fmt::format("unknown pool `{}`", named.name),
                      near.empty() ? fmt::format("a pool is a file: pools/{}.yaml", named.name)
                                   : fmt::format("did you mean `{}`?", near));
  }
  return compiler.finish();
}

}  // namespace lineup
