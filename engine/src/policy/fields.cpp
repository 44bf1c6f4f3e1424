// SPDX-License-Identifier: Apache-2.0
#include "policy/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cmath>

#include "base/clock.hpp"
#include "base/zone.hpp"
#include "policy/scalars.hpp"

namespace lineup {

namespace {

using Kind = Value::Kind;

// What a key takes, as a sentence goes on after "must be".
std::string_view expected(KeyShape shape) {
  switch (shape) {
    case KeyShape::Integer:
      return "a whole number";
    case KeyShape::Number:
      return "a number";
    case KeyShape::Steered:
      return "a number or {value, live}";
    case KeyShape::Boolean:
      return "true or false";
    case KeyShape::Text:
      return "text";
    case KeyShape::Name:
      return "a name";
    case KeyShape::Condition:
      return "a condition in quotes";
    case KeyShape::Date:
      return "a date";
    case KeyShape::Zone:
      return "a time zone";
    case KeyShape::Choice:
      return "a word";
    case KeyShape::Scalar:
      return "a single value";
    case KeyShape::Names:
      return "a name or a list of names";
    case KeyShape::Page:
      return "a whole number or {size, columns}";
    case KeyShape::Tables:
      return "a list";
    case KeyShape::Arguments:
    case KeyShape::Table:
    case KeyShape::NamedTables:
    case KeyShape::NamedConditions:
      return "a map";
  }
  return "a value";
}

bool fits(const YamlNode& node, KeyShape shape) {
  const bool is_scalar =
      node.kind != Kind::Null && node.kind != Kind::List && node.kind != Kind::Map;
  switch (shape) {
    case KeyShape::Integer:
      return node.kind == Kind::Integer;
    case KeyShape::Number:
      return node.is_number();
    case KeyShape::Steered:
      return node.is_number() || node.kind == Kind::Map;
    case KeyShape::Boolean:
      return node.kind == Kind::Bool;
    case KeyShape::Text:
      return node.kind == Kind::Text || node.is_number();
    case KeyShape::Name:
    case KeyShape::Condition:
    case KeyShape::Date:
    case KeyShape::Zone:
    case KeyShape::Choice:
      return node.kind == Kind::Text;
    case KeyShape::Scalar:
      return is_scalar;
    case KeyShape::Names:
      return node.kind == Kind::Text || node.kind == Kind::List;
    case KeyShape::Page:
      return node.kind == Kind::Integer || node.kind == Kind::Map;
    // A key with nothing after it is an empty collection: all its entries are commented out.
    case KeyShape::Tables:
      return node.kind == Kind::List || node.kind == Kind::Null;
    case KeyShape::Arguments:
    case KeyShape::Table:
    case KeyShape::NamedTables:
    case KeyShape::NamedConditions:
      return node.kind == Kind::Map || node.kind == Kind::Null;
  }
  return false;
}

// What to write instead of a value of the wrong type.
std::string type_hint(const YamlNode& node, KeyShape shape) {
  if (shape == KeyShape::Boolean && node.kind == Kind::Text) {
    if (node.text == "no" || node.text == "off" || node.text == "No" || node.text == "Off") {
      return "write `false`";
    }
    if (node.text == "yes" || node.text == "on" || node.text == "Yes" || node.text == "On") {
      return "write `true`";
    }
  }
  const bool wants_number = shape == KeyShape::Integer || shape == KeyShape::Number ||
                            shape == KeyShape::Steered || shape == KeyShape::Page;
  if (wants_number && node.kind == Kind::Text) {
    YamlNode plain;
    plain.text = node.text;
    resolve_plain(plain);
    if (node.text_offset > 0 && plain.is_number()) return "write it without quotes";
  }
  if (shape == KeyShape::Integer && node.kind == Kind::Float &&
      std::trunc(node.number) == node.number) {
    return fmt::format("write {:.0f}", node.number);
  }
  if (shape == KeyShape::Date) return "dates are written 2026-01-31 or 2026-01-31T09:00";
  if ((shape == KeyShape::Name || shape == KeyShape::Condition || shape == KeyShape::Choice) &&
      (node.is_number() || node.kind == Kind::Bool)) {
    return "put quotes around a text";
  }
  return {};
}

// The place that was probably meant: its letters may be large or small, and its continent left out.
std::string nearest_zone(const std::string& text) {
  const auto small = [](std::string out) {
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
  };
  const std::string wanted = small(text);
  std::vector<std::string> names = zone_names();
  for (const std::string& name : names) {
    if (small(name) == wanted || small(name.substr(name.rfind('/') + 1)) == wanted) return name;
  }
  return nearest(text, names);
}

class Check {
 public:
  Check(const PolicyKey& key, const YamlNode& node, Diagnostics& diagnostics)
      : key_(key), node_(node), diagnostics_(diagnostics) {}

  // False after reporting.
  bool run() {
    if (!fits(node_, key_.shape)) {
      return fail(node_, "policy/type",
                  fmt::format("`{}` must be {}, found {}", key_.name, expected(key_.shape),
                              describe(node_.kind)),
                  type_hint(node_, key_.shape), {{"found", std::string(describe(node_.kind))}});
    }
    switch (key_.shape) {
      case KeyShape::Integer:
      case KeyShape::Number:
        return within_bounds(node_);
      case KeyShape::Steered:
      case KeyShape::Page:
        return node_.kind == Kind::Map || within_bounds(node_);
      case KeyShape::Text:
      case KeyShape::Condition:
        return not_empty();
      case KeyShape::Name:
        return named(node_);
      case KeyShape::Date:
        return dated();
      case KeyShape::Zone:
        return zoned();
      case KeyShape::Choice:
        return chosen();
      case KeyShape::Names:
        return all_named();
      case KeyShape::Tables:
      case KeyShape::NamedTables:
      case KeyShape::NamedConditions:
        return not_too_many();
      case KeyShape::Boolean:
      case KeyShape::Scalar:
      case KeyShape::Arguments:
      case KeyShape::Table:
        return true;
    }
    return true;
  }

 private:
  using Arguments = std::vector<std::pair<std::string, std::string>>;

  bool fail(const YamlNode& at, std::string code, std::string message, std::string hint,
            Arguments arguments = {}) {
    arguments.insert(arguments.begin(), {"key", std::string(key_.name)});
    diagnostics_.error(at.span, std::move(code), std::move(message), std::move(hint)).arguments =
        std::move(arguments);
    return false;
  }

  bool within_bounds(const YamlNode& node) {
    if (node.number < key_.min) {
      return fail(node, "policy/range",
                  fmt::format("`{}` must be at least {}, got {}", key_.name, key_.min, node.text),
                  {}, {{"min", fmt::format("{}", key_.min)}, {"value", node.text}});
    }
    if (node.number > key_.max) {
      return fail(node, "policy/range",
                  fmt::format("`{}` must be at most {}, got {}", key_.name, key_.max, node.text),
                  {}, {{"max", fmt::format("{}", key_.max)}, {"value", node.text}});
    }
    return true;
  }

  bool not_empty() {
    if (node_.text.find_first_not_of(" \t\r\n") != std::string::npos) return true;
    return fail(node_, "policy/type", fmt::format("`{}` is empty", key_.name), "leave it out");
  }

  bool named(const YamlNode& node) {
    if (node.kind == Kind::Text && is_name(node.text)) return true;
    return fail(node, "policy/name", fmt::format("`{}` is no name", node.text),
                "names begin with a letter and go on with letters, digits, `_` or `-`",
                {{"value", node.text}});
  }

  bool all_named() {
    if (node_.kind == Kind::Text) return named(node_);
    bool good = not_too_many();
    for (const YamlNode& item : node_.items) good = named(item) && good;
    return good;
  }

  bool dated() {
    if (parse_time_ms(node_.text)) return true;
    return fail(node_, "policy/date", fmt::format("`{}` is no date", node_.text),
                type_hint(node_, KeyShape::Date), {{"value", node_.text}});
  }

  bool zoned() {
    if (TimeZone::find(node_.text)) return true;
    const std::string near = nearest_zone(node_.text);
    return fail(node_, "policy/zone", fmt::format("`{}` is no time zone", node_.text),
                near.empty()
                    ? "write a place such as Europe/Berlin, an offset such as '+08:00', or UTC"
                    : fmt::format("did you mean `{}`?", near),
                {{"value", node_.text}});
  }

  bool chosen() {
    const auto& choices = key_.choices;
    if (std::find(choices.begin(), choices.end(), node_.text) != choices.end()) return true;
    return fail(node_, "policy/choice", fmt::format("`{}` cannot be `{}`", key_.name, node_.text),
                key_hint(node_.text, {choices.begin(), choices.end()}), {{"value", node_.text}});
  }

  bool not_too_many() {
    const std::size_t count = node_.items.size() + node_.entries.size();
    if (static_cast<double>(count) <= key_.max) return true;
    return fail(node_, "policy/too-many",
                fmt::format("`{}` has {} entries, more than {}", key_.name, count, key_.max), {});
  }

  const PolicyKey& key_;
  const YamlNode& node_;
  Diagnostics& diagnostics_;
};

std::vector<std::string> names_of(const PolicyKeyTable& table) {
  std::vector<std::string> names;
  for (const PolicyKey& key : table.keys) names.emplace_back(key.name);
  return names;
}

// The sentence about a key, as messages are written: lower case, no full stop.
std::string hint_of(std::string_view about) {
  std::string hint(about.substr(0, about.size() - (about.ends_with('.') ? 1 : 0)));
  if (!hint.empty() && hint[0] >= 'A' && hint[0] <= 'Z') hint[0] += 'a' - 'A';
  return hint;
}

void report_unknown(const YamlEntry& entry, const PolicyKeyTable& table, Diagnostics& diagnostics) {
  diagnostics
      .error(entry.key_span, "policy/unknown-key",
             fmt::format("{} has no key `{}`", table.what, entry.key),
             key_hint(entry.key, names_of(table)))
      .arguments = {{"key", entry.key}};
}

void check_exactly_one(const YamlNode& node, const PolicyKeyTable& table,
                       Diagnostics& diagnostics) {
  if (table.exactly_one.empty()) return;
  const YamlEntry* first = nullptr;
  for (const YamlEntry& entry : node.entries) {
    const auto& names = table.exactly_one;
    if (std::find(names.begin(), names.end(), entry.key) == names.end()) continue;
    if (first == nullptr) {
      first = &entry;
      continue;
    }
    diagnostics
        .error(entry.key_span, "policy/one-of",
               fmt::format("`{}` and `{}` exclude each other", first->key, entry.key),
               fmt::format("{} has one of: {}", table.what, fmt::join(names, ", ")))
        .arguments = {{"key", entry.key}, {"other", first->key}};
  }
  if (first != nullptr) return;
  diagnostics.error(
      node.span, "policy/one-of",
      fmt::format("{} needs one of: {}", table.what, fmt::join(table.exactly_one, ", ")));
}

}  // namespace

std::string key_hint(std::string_view text, const std::vector<std::string>& names) {
  const std::string near = nearest(text, names);
  if (!near.empty()) return fmt::format("did you mean `{}`?", near);
  constexpr std::size_t kFew = 24;
  if (names.empty() || names.size() > kFew) return {};
  return fmt::format("there are: {}", fmt::join(names, ", "));
}

PolicyFields::PolicyFields(const YamlNode& node, const PolicyKeyTable& table,
                           Diagnostics& diagnostics)
    : node_(node), table_(table) {
  const std::vector<std::string> names = names_of(table);
  std::vector<std::string> meant;  // the keys that unknown ones were probably meant to be
  for (const YamlEntry& entry : node.entries) {
    const PolicyKey* key = table.find(entry.key);
    if (key == nullptr) {
      report_unknown(entry, table, diagnostics);
      meant.push_back(nearest(entry.key, names));
    } else if (!Check(*key, entry.value, diagnostics).run()) {
      refused_.push_back(key->name);
    }
  }
  // A mistyped key is not reported a second time for being missing.
  const auto is_meant = [&](std::string_view name) {
    return std::find(meant.begin(), meant.end(), name) != meant.end();
  };
  for (const PolicyKey& key : table.keys) {
    if (!key.required || node.entry(key.name) != nullptr || is_meant(key.name)) continue;
    diagnostics
        .error(node.span, "policy/missing-key",
               fmt::format("{} needs the key `{}`", table.what, key.name), hint_of(key.about))
        .arguments = {{"key", std::string(key.name)}};
  }
  const auto& choices = table.exactly_one;
  if (std::none_of(choices.begin(), choices.end(), is_meant)) {
    check_exactly_one(node, table, diagnostics);
  }
}

const YamlNode* PolicyFields::find(std::string_view key) const {
  assert(table_.find(key) != nullptr);
  const YamlEntry* entry = node_.entry(key);
  const bool is_refused = std::find(refused_.begin(), refused_.end(), key) != refused_.end();
  return entry == nullptr || is_refused ? nullptr : &entry->value;
}

std::string PolicyFields::text(std::string_view key, std::string otherwise) const {
  const YamlNode* node = find(key);
  return node != nullptr ? node->text : std::move(otherwise);
}

double PolicyFields::number(std::string_view key, double otherwise) const {
  const YamlNode* node = find(key);
  return node != nullptr ? node->number : otherwise;
}

bool PolicyFields::boolean(std::string_view key, bool otherwise) const {
  const YamlNode* node = find(key);
  return node != nullptr ? node->boolean : otherwise;
}

Span PolicyFields::span(std::string_view key) const {
  const YamlEntry* entry = node_.entry(key);
  return entry != nullptr ? entry->value.span : node_.span;
}

Span PolicyFields::key_span(std::string_view key) const {
  const YamlEntry* entry = node_.entry(key);
  return entry != nullptr ? entry->key_span : node_.span;
}

}  // namespace lineup
