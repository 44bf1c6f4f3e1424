// SPDX-License-Identifier: Apache-2.0
#include "condition/table_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

namespace lineup {

namespace {

using Kind = Value::Kind;

constexpr std::array<std::string_view, 7> kComparisons = {"==", "~=", "!=", "<", "<=", ">", ">="};
// LIMIT: tables inside tables; the parser of conditions has its own, which is higher.
constexpr int kDepthMax = 16;

bool is_comparison(std::string_view text) {
  return std::find(kComparisons.begin(), kComparisons.end(), text) != kComparisons.end();
}
bool is_operator(const Value& value) {
  if (value.kind != Kind::Text) return false;
  const std::string_view text = value.text;
  return is_comparison(text) || text == "in" || text == "not in" || text == "starts with" ||
         text == "ends with";
}

// `price`, `context.trigger.category`, ...
bool is_path(std::string_view text) {
  bool is_start = true;
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                           static_cast<unsigned char>(c) >= 0x80;
    const bool fits = is_letter || (!is_start && ((c >= '0' && c <= '9') || c == '.'));
    if (!fits) return false;
    is_start = c == '.';
  }
  return !is_start;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n' || c == '\t') {
      out += c == '\n' ? "\\n" : "\\t";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A moment relative to the clock is no text: "now", "now - 7d".
bool is_clock(std::string_view text) {
  return text == "now" || text.starts_with("now -") || text.starts_with("now +");
}

class Writer {
 public:
  Result<std::string> all_of(const Value& table, int depth) {
    if (depth > kDepthMax) return fail("the tables are nested too deep");
    if (table.kind != Kind::Map || table.entries.empty()) {
      return fail(fmt::format("a condition is a table of names and values, found {}",
                              table.kind == Kind::Map ? "an empty one" : describe(table.kind)));
    }
    std::vector<const ValueEntry*> entries;
    for (const ValueEntry& entry : table.entries) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(),
              [](const ValueEntry* a, const ValueEntry* b) { return a->key < b->key; });
    std::vector<std::string> parts;
    for (const ValueEntry* entry : entries) {
      auto part = of_entry(*entry, depth);
      if (!part) return part;
      parts.push_back(*std::move(part));
    }
    return joined(parts, " and ");
  }

 private:
  static tl::unexpected<Error> fail(std::string message) {
    return failure("condition/table", std::move(message));
  }

  static std::string joined(const std::vector<std::string>& parts, std::string_view word) {
    return parts.size() == 1 ? parts[0] : fmt::format("{}", fmt::join(parts, word));
  }

  Result<std::string> of_entry(const ValueEntry& entry, int depth) {
    const std::string& name = entry.key;
    const bool is_group = name == "all" || name == "any" || name == "none";
    if (is_group && entry.value.kind == Kind::List && !entry.value.items.empty() &&
        entry.value.items[0].kind == Kind::Map) {
      return of_group(entry, depth);
    }
    if (!is_path(name)) {
      return fail(
          fmt::format("`{}` is no column, `context.NAME`, `segment.NAME` or "
                      "`experiment.NAME`",
                      name));
    }
    if (name.starts_with("segment.")) {
      if (entry.value.kind != Kind::Bool) return fail(fmt::format("`{}` is true or false", name));
      return entry.value.boolean ? name : "not " + name;
    }
    if (entry.value.kind == Kind::List) return of_list(name, entry.value);
    return compared(name, "==", entry.value);
  }

  Result<std::string> of_group(const ValueEntry& entry, int depth) {
    std::vector<std::string> parts;
    for (const Value& item : entry.value.items) {
      auto part = all_of(item, depth + 1);
      if (!part) return part;
      parts.push_back("(" + *part + ")");
    }
    const std::string out = joined(parts, entry.key == "all" ? " and " : " or ");
    return entry.key == "none" ? fmt::format("not ({})", out) : fmt::format("({})", out);
  }

  // Operators, each with what stands behind it; or the values of a set.
  Result<std::string> of_list(const std::string& name, const Value& list) {
    if (list.items.empty() || !is_operator(list.items[0])) return in_set(name, "in", list);
    if (list.items.size() % 2 != 0) {
      return fail(fmt::format("`{}`: behind every operator stands one value", name));
    }
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < list.items.size(); i += 2) {
      if (!is_operator(list.items[i])) {
        return fail(fmt::format("`{}`: operators and values take turns", name));
      }
      auto part = of_operator(name, list.items[i].text, list.items[i + 1]);
      if (!part) return part;
      parts.push_back(*std::move(part));
    }
    return joined(parts, " and ");
  }

  Result<std::string> of_operator(const std::string& name, const std::string& word,
                                  const Value& value) {
    if (is_comparison(word)) return compared(name, word, value);
    if (word == "in" || word == "not in") {
      if (value.kind == Kind::List) return in_set(name, word, value);
      const bool is_list =
          value.kind == Kind::Text && value.text.starts_with("list.") && is_path(value.text);
      if (is_list) return fmt::format("{} {} {}", name, word, value.text);
      return fail(
          fmt::format("`{}`: behind `{}` stands a list of values, or `list.NAME`", name, word));
    }
    if (value.kind != Kind::Text) {
      return fail(fmt::format("`{}`: behind `{}` stands a text", name, word));
    }
    return fmt::format("{} {} {}", name, word, quoted(value.text));
  }

  Result<std::string> in_set(const std::string& name, const std::string& word, const Value& list) {
    std::vector<std::string> values;
    for (const Value& item : list.items) {
      auto value = literal(name, item);
      if (!value) return value;
      values.push_back(*std::move(value));
    }
    return fmt::format("{} {} {{{}}}", name, word, fmt::join(values, ", "));
  }

  Result<std::string> compared(const std::string& name, const std::string& word,
                               const Value& value) {
    auto written = literal(name, value);
    if (!written) return written;
    return fmt::format("{} {} {}", name, word, *written);
  }

  Result<std::string> literal(const std::string& name, const Value& value) {
    switch (value.kind) {
      case Kind::Null:
        return std::string("nil");
      case Kind::Bool:
        return std::string(value.boolean ? "true" : "false");
      case Kind::Integer:
        return fmt::format("{}", value.integer);
      case Kind::Float:
        return fmt::format("{}", value.number);
      case Kind::Text:
        return is_clock(value.text) ? value.text : quoted(value.text);
      case Kind::List:
      case Kind::Map:
        break;
    }
    return fail(fmt::format("`{}` is compared with {}", name, describe(value.kind)));
  }
};

}  // namespace

Result<std::string> condition_text(const Value& table) { return Writer().all_of(table, 0); }

}  // namespace lineup
