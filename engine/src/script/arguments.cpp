// SPDX-License-Identifier: Apache-2.0
#include "script/arguments.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "condition/table_form.hpp"

namespace lineup {

std::string_view name_of(ParameterType type) {
  switch (type) {
    case ParameterType::Integer:
      return "integer";
    case ParameterType::Number:
      return "number";
    case ParameterType::Amount:
      return "amount";
    case ParameterType::Boolean:
      return "boolean";
    case ParameterType::Text:
      return "text";
    case ParameterType::Condition:
      return "condition";
    case ParameterType::Column:
      return "column";
    case ParameterType::Columns:
      return "columns";
    case ParameterType::Slots:
      return "slots";
    case ParameterType::List:
      return "list";
    case ParameterType::Id:
      return "id";
    case ParameterType::Choice:
      return "choice";
  }
  return "";
}

std::optional<double> parse_share(std::string_view text) {
  if (text.size() < 2 || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  double percent = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), percent);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(percent >= 0.0 && percent <= 100.0)) return std::nullopt;
  return percent / 100.0;
}

namespace {

// What a person would have to write.
std::string_view wanted(ParameterType type) {
  switch (type) {
    case ParameterType::Integer:
      return "a whole number";
    case ParameterType::Number:
      return "a number";
    case ParameterType::Amount:
      return "a number of rows or a share such as '10%'";
    case ParameterType::Boolean:
      return "true or false";
    case ParameterType::Text:
      return "text";
    case ParameterType::Condition:
      return "a condition such as 'type == \"ad\"'";
    case ParameterType::Column:
      return "the name of a column";
    case ParameterType::Columns:
      return "the name of a column or a list of names";
    case ParameterType::Slots:
      return "slots such as 3, '1..4' or [1, 5, '9..12']";
    case ParameterType::List:
      return "the name of a list";
    case ParameterType::Id:
      return "an id";
    case ParameterType::Choice:
      return "one of its choices";
  }
  return "";
}

bool is_text(const Value& value) { return value.kind == Value::Kind::Text && !value.text.empty(); }

bool is_slots(const Value& value) {
  switch (value.kind) {
    case Value::Kind::Integer:
      return value.integer >= 1 && value.integer <= UINT32_MAX;
    case Value::Kind::Text:
      return parse_slots(value.text).has_value();
    case Value::Kind::List:
      for (const Value& item : value.items) {
        if (item.kind == Value::Kind::List || !is_slots(item)) return false;
      }
      return !value.items.empty();
    default:
      return false;
  }
}

bool are_columns(const Value& value) {
  if (value.kind != Value::Kind::List) return is_text(value);
  for (const Value& item : value.items) {
    if (!is_text(item)) return false;
  }
  return !value.items.empty();
}

// `5.0` is a count like `5`.
bool become_integer(Value& value) {
  if (value.kind == Value::Kind::Integer) return true;
  if (value.kind != Value::Kind::Float || value.number != std::floor(value.number)) return false;
  if (std::fabs(value.number) > 9.0e15) return false;
  value.kind = Value::Kind::Integer;
  value.integer = static_cast<std::int64_t>(value.number);
  return true;
}

// A condition may be written as a table; from here on it is its text.
bool become_condition(Value& value) {
  if (value.kind != Value::Kind::Map) return is_text(value);
  auto text = condition_text(value);
  if (!text) return false;
  value.kind = Value::Kind::Text;
  value.text = *std::move(text);
  value.entries.clear();
  return true;
}

bool has_type(ParameterType type, Value& value) {
  switch (type) {
    case ParameterType::Integer:
      return become_integer(value);
    case ParameterType::Number:
      return value.is_number() && std::isfinite(value.number);
    case ParameterType::Amount:
      return value.kind == Value::Kind::Text ? parse_share(value.text).has_value()
                                             : become_integer(value) && value.integer >= 0;
    case ParameterType::Boolean:
      return value.kind == Value::Kind::Bool;
    case ParameterType::Text:
      return value.kind == Value::Kind::Text;
    case ParameterType::Condition:
      return become_condition(value);
    case ParameterType::Column:
    case ParameterType::List:
      return is_text(value);
    case ParameterType::Columns:
      return are_columns(value);
    case ParameterType::Slots:
      return is_slots(value);
    case ParameterType::Id:
      return is_text(value) || value.kind == Value::Kind::Integer;
    case ParameterType::Choice:
      return value.kind == Value::Kind::Text;
  }
  return false;
}

// Shows a value in a message.
std::string shown(const Value& value) {
  switch (value.kind) {
    case Value::Kind::Bool:
      return value.boolean ? "`true`" : "`false`";
    case Value::Kind::Integer:
      return fmt::format("{}", value.integer);
    case Value::Kind::Float:
      return fmt::format("{}", value.number);
    case Value::Kind::Text:
      return fmt::format("`{}`", value.text);
    default:
      return std::string(describe(value.kind));
  }
}

bool check_bounds(const ParameterSpec& parameter, const Value& value, Diagnostics& diagnostics) {
  const bool low = parameter.min && value.number < *parameter.min;
  const bool high = parameter.max && value.number > *parameter.max;
  if (!value.is_number() || (!low && !high)) return true;
  diagnostics
      .error(value.span, "script/out-of-bounds",
             fmt::format("`{}` must be at {} {}, got {}", parameter.name, low ? "least" : "most",
                         low ? *parameter.min : *parameter.max, shown(value)))
      .arguments = {{"parameter", parameter.name}, {"value", shown(value)}};
  return false;
}

bool check_choice(const ParameterSpec& parameter, const Value& value, Diagnostics& diagnostics) {
  for (const std::string& choice : parameter.choices) {
    if (choice == value.text) return true;
  }
  const std::string near = nearest(value.text, parameter.choices);
  diagnostics
      .error(value.span, "script/unknown-choice",
             fmt::format("`{}` cannot be `{}`", parameter.name, value.text),
             near.empty() ? fmt::format("it is one of `{}`", fmt::join(parameter.choices, "`, `"))
                          : fmt::format("did you mean `{}`?", near))
      .arguments = {{"parameter", parameter.name}, {"value", value.text}};
  return false;
}

bool can_be_live(ParameterType type) {
  return type == ParameterType::Integer || type == ParameterType::Number ||
         type == ParameterType::Amount;
}

}  // namespace

bool check_value(const ParameterSpec& parameter, Value& value, Diagnostics& diagnostics) {
  const std::vector<std::pair<std::string, std::string>> arguments = {{"parameter", parameter.name},
                                                                      {"value", shown(value)}};
  if (!has_type(parameter.type, value)) {
    // A condition that was written as a table says itself what is wrong with it.
    const bool is_table =
        parameter.type == ParameterType::Condition && value.kind == Value::Kind::Map;
    diagnostics
        .error(value.span, "script/wrong-type",
               fmt::format("`{}` must be {}, got {}", parameter.name, wanted(parameter.type),
                           shown(value)),
               is_table ? condition_text(value).error().message : std::string())
        .arguments = arguments;
    return false;
  }
  if (value.live >= 0 && !can_be_live(parameter.type)) {
    diagnostics
        .error(value.span, "script/live",
               fmt::format("`{}` cannot be live: only numbers can", parameter.name))
        .arguments = arguments;
    return false;
  }
  if (parameter.type == ParameterType::Choice) return check_choice(parameter, value, diagnostics);
  return check_bounds(parameter, value, diagnostics);
}

namespace {

std::vector<std::string> names_of(const RuleFile& rule) {
  std::vector<std::string> names;
  for (const ParameterSpec& parameter : rule.parameters) names.push_back(parameter.name);
  return names;
}

bool check_known(const RuleFile& rule, const Value& with, Diagnostics& diagnostics) {
  const std::vector<std::string> names = names_of(rule);
  bool good = true;
  for (const auto& [name, value] : with.entries) {
    bool known = false;
    for (const std::string& each : names) known = known || each == name;
    if (known) continue;
    const std::string near = nearest(name, names);
    const std::string all = names.empty() ? std::string("it has none")
                                          : fmt::format("it has `{}`", fmt::join(names, "`, `"));
    diagnostics
        .error(value.span, "script/unknown-parameter",
               fmt::format("rule `{}` has no parameter `{}`", rule.name, name),
               near.empty() ? all : fmt::format("did you mean `{}`?", near))
        .arguments = {{"rule", rule.name}, {"parameter", name}};
    good = false;
  }
  return good;
}

}  // namespace

bool check_arguments(const RuleFile& rule, const Value& with, Value& out,
                     Diagnostics& diagnostics) {
  out = Value{};
  out.kind = Value::Kind::Map;
  out.span = with.span;
  if (with.kind != Value::Kind::Map && with.kind != Value::Kind::Null) {
    diagnostics.error(with.span, "script/wrong-type",
                      fmt::format("the arguments of rule `{}` are a map, got {}", rule.name,
                                  describe(with.kind)));
    return false;
  }
  bool good = check_known(rule, with, diagnostics);
  for (const ParameterSpec& parameter : rule.parameters) {
    const Value* given = with.find(parameter.name);
    if (given != nullptr && given->kind != Value::Kind::Null) {
      Value value = *given;
      if (check_value(parameter, value, diagnostics)) {
        out.entries.emplace_back(parameter.name, std::move(value));
      } else {
        good = false;
      }
    } else if (parameter.default_value) {
      out.entries.emplace_back(parameter.name, *parameter.default_value);
    } else if (!parameter.optional) {
      diagnostics
          .error(with.span, "script/missing-parameter",
                 fmt::format("rule `{}` needs `{}`", rule.name, parameter.name), parameter.about)
          .arguments = {{"rule", rule.name}, {"parameter", parameter.name}};
      good = false;
    }
  }
  return good;
}

}  // namespace lineup
