// SPDX-License-Identifier: Apache-2.0
#include "policy/columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/clock.hpp"
#include "policy/fields.hpp"
#include "policy/scalars.hpp"

namespace lineup {

namespace {

const PolicyKeyTable& column_keys() { return *policy_keys().find("columns")->table; }

// Names that mean something else where conditions are read.
constexpr std::array<std::string_view, 12> kReserved = {
    "id", "context", "segment", "list", "now", "and", "or", "not", "in", "nil", "true", "false"};

class ColumnParser {
 public:
  ColumnParser(const YamlEntry& entry, Diagnostics& diagnostics)
      : entry_(entry),
        fields_(entry.value, column_keys(), diagnostics),
        diagnostics_(diagnostics) {}

  void run(Schema& out) {
    if (!is_usable_name()) return;
    const YamlNode* type = fields_.find("type");
    if (type == nullptr) return;
    column_.name = entry_.key;
    column_.type = column_type(type->text).value();
    column_.span = entry_.key_span;
    read_default();
    read_split();
    read_dimension();
    out.add(std::move(column_));
  }

 private:
  bool is_usable_name() {
    const bool is_reserved =
        std::find(kReserved.begin(), kReserved.end(), entry_.key) != kReserved.end();
    if (is_reserved) {
      error(entry_.key_span, "policy/reserved-name",
            fmt::format("a column cannot be called `{}`", entry_.key),
            entry_.key == kIdName ? "every candidate has an id: it need not be declared"
                                  : "the word has a meaning of its own in conditions");
      return false;
    }
    if (is_identifier(entry_.key)) return true;
    error(entry_.key_span, "policy/name", fmt::format("`{}` is no name of a column", entry_.key),
          "conditions read letters, digits and `_`, and no digit first");
    return false;
  }

  void error(const Span& span, const char* code, std::string message, std::string hint = {}) {
    diagnostics_.error(span, code, std::move(message), std::move(hint)).arguments = {
        {"name", entry_.key}};
  }

  void read_default() {
    const YamlNode* node = fields_.find("default");
    if (node == nullptr) return;
    if (column_.type == ColumnType::Embedding) {
      error(fields_.key_span("default"), "policy/misplaced-key", "an embedding has no default");
      return;
    }
    if (set_default(*node)) return;
    error(node->span, "policy/default",
          fmt::format("the default of `{}` must be {}, found {}", entry_.key, expected_default(),
                      describe(node->kind)));
  }

  [[nodiscard]] std::string_view expected_default() const {
    switch (column_.type) {
      case ColumnType::Float:
        return "a number";
      case ColumnType::Integer:
        return "a whole number";
      case ColumnType::Category:
      case ColumnType::Categories:
        return "text";
      case ColumnType::Bool:
        return "true or false";
      case ColumnType::Time:
        return "a date such as 2026-01-31";
      case ColumnType::Embedding:
        return "left out";
    }
    return "left out";
  }

  // False when `node` does not suit the type.
  bool set_default(const YamlNode& node) {
    using Kind = Value::Kind;
    Scalar& value = column_.default_value;
    switch (column_.type) {
      case ColumnType::Float:
        value = Scalar::of(node.number);
        return node.is_number();
      case ColumnType::Integer:
        value = Scalar::of(node.integer);
        return node.kind == Kind::Integer;
      case ColumnType::Category:
      case ColumnType::Categories:
        column_.default_text = node.text;
        value.kind = Scalar::Kind::Text;
        // A number is taken as it is written: categories are often digits.
        return node.kind == Kind::Text || node.is_number();
      case ColumnType::Bool:
        value = Scalar::of(node.boolean);
        return node.kind == Kind::Bool;
      case ColumnType::Time: {
        const auto moment = parse_time_ms(node.text);
        value = Scalar::of(moment.value_or(0));
        return moment.has_value();
      }
      case ColumnType::Embedding:
        return false;
    }
    return false;
  }

  void read_split() {
    const YamlNode* node = fields_.find("split");
    if (node == nullptr) return;
    if (column_.type != ColumnType::Categories) {
      error(fields_.key_span("split"), "policy/misplaced-key",
            fmt::format("`split` has no meaning for a column of type {}", name_of(column_.type)),
            "only columns of type categories are split");
    } else if (node->text.size() != 1) {
      error(node->span, "policy/range", "`split` must be one character of ASCII",
            "write split: ',' for example");
    } else {
      column_.split = node->text[0];
    }
  }

  void read_dimension() {
    const YamlNode* node = fields_.find("dimension");
    const bool is_embedding = column_.type == ColumnType::Embedding;
    if (node != nullptr && !is_embedding) {
      error(
          fields_.key_span("dimension"), "policy/misplaced-key",
          fmt::format("`dimension` has no meaning for a column of type {}", name_of(column_.type)),
          "only columns of type embedding have one");
    } else if (is_embedding && entry_.value.entry("dimension") == nullptr) {
      error(entry_.value.span, "policy/missing-key",
            fmt::format("the embedding `{}` needs the key `dimension`", entry_.key),
            "write how many numbers a row has");
    } else if (node != nullptr) {
      column_.dimension = static_cast<std::uint32_t>(node->integer);
    }
  }

  const YamlEntry& entry_;
  const PolicyFields fields_;
  Diagnostics& diagnostics_;
  ColumnSpec column_;
};

}  // namespace

void parse_columns(const YamlNode& map, Schema& out, Diagnostics& diagnostics) {
  for (const YamlEntry& entry : map.entries) {
    if (entry.value.kind == Value::Kind::Map) {
      ColumnParser(entry, diagnostics).run(out);
      continue;
    }
    diagnostics
        .error(entry.value.span, "policy/type",
               fmt::format("column `{}` must be a map, found {}", entry.key,
                           describe(entry.value.kind)),
               "write {type: float}, for example")
        .arguments = {{"name", entry.key}};
  }
}

}  // namespace lineup
