// SPDX-License-Identifier: Apache-2.0
//
// `lineup rules`: which rules a policy can use, and what each of them takes.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "cli/engine_handle.hpp"
#include "cli/print/print.hpp"
#include "cli/print/report_json.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

namespace {

void print_table(const TextTable& table, const Paint& paint) {
  const auto lines = table.lines(terminal_width(STDOUT_FILENO));
  print_line(paint.bold(lines.front()));
  for (std::size_t i = 1; i < lines.size(); ++i) print_line(lines[i]);
}

void print_faults(const RuleDescription& rule, const Paint& paint) {
  for (const Diagnostic& fault : rule.faults) print_line(paint.red(render(fault, "")));
}

void list_rules(const std::vector<RuleDescription>& rules, const Paint& paint) {
  TextTable table;
  table.add_column("rule");
  table.add_column("parameters", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_column("about", TextTable::Align::Left, TextTable::Shrink::Wrap);
  for (const RuleDescription& rule : rules) {
    std::string parameters;
    for (const ParameterDescription& parameter : rule.parameters) {
      parameters += fmt::format("{}{}", parameters.empty() ? "" : ", ", parameter.name);
    }
    table.add_row({rule.name, parameters, rule.faults.empty() ? rule.about : "does not load"});
  }
  print_table(table, paint);
  for (const RuleDescription& rule : rules) print_faults(rule, paint);
}

// Text as YAML: quoted unless it is a plain word, a number or a list.
std::string quoted(const std::string& text) {
  const auto is_plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
  };
  if (text.starts_with('[') || std::all_of(text.begin(), text.end(), is_plain)) return text;
  return fmt::format("'{}'", text);
}

// A value of the type, for an example.
std::string example_value(const ParameterDescription& parameter) {
  if (!parameter.default_text.empty()) return quoted(parameter.default_text);
  const std::string& type = parameter.type;
  if (type == "integer") return "3";
  if (type == "number") return "0.1";
  if (type == "boolean") return "true";
  if (type == "condition") return "'type == \"ad\"'";
  if (type == "column" || type == "columns") return "category";
  if (type == "slots") return parameter.name == "slot" ? "1" : "'1..4'";
  if (type == "list") return "blocked_authors";
  return "v42";
}

// What must be given; where nothing must, the first that says what is meant, or else what has a
// default: enough to show the form.
std::vector<const ParameterDescription*> example_parameters(const RuleDescription& rule) {
  std::vector<const ParameterDescription*> required, meant, with_default;
  bool needs_slot = false;
  for (const ParameterDescription& parameter : rule.parameters) {
    const std::string& type = parameter.type;
    if (parameter.required) {
      required.push_back(&parameter);
    } else if (!parameter.default_text.empty()) {
      if (with_default.size() < 3) with_default.push_back(&parameter);
    } else if (meant.empty() && (type == "id" || type == "condition" || type == "list")) {
      meant.push_back(&parameter);
      needs_slot = type == "id";
    } else if (needs_slot && type == "slots") {
      meant.push_back(&parameter);
      needs_slot = false;
    }
  }
  return !required.empty() ? required : !meant.empty() ? meant : with_default;
}

std::string example_use(const RuleDescription& rule) {
  std::string with;
  for (const ParameterDescription* parameter : example_parameters(rule)) {
    with += fmt::format("{}{}: {}", with.empty() ? "" : ", ", parameter->name,
                        example_value(*parameter));
  }
  const std::string arguments = with.empty() ? "" : fmt::format(", with: {{{}}}", with);
  const std::string strength = rule.required_by_default ? "" : ", priority: 50";
  return fmt::format("- {{use: {}{}{}}}", rule.name, arguments, strength);
}

void describe_rule(const RuleDescription& rule, const Paint& paint) {
  print_line(fmt::format("{}: {}", paint.bold(rule.name), rule.about));
  print_line(fmt::format("{}{}{}", rule.path, rule.is_code ? ", decides in code" : "",
                         rule.required_by_default ? ", required unless said otherwise" : ""));
  if (!rule.parameters.empty()) {
    print_line("");
    TextTable table;
    table.add_column("parameter");
    table.add_column("type");
    table.add_column("default");
    table.add_column("bounds", TextTable::Align::Left, TextTable::Shrink::Wrap);
    table.add_column("about", TextTable::Align::Left, TextTable::Shrink::Wrap);
    for (const ParameterDescription& parameter : rule.parameters) {
      table.add_row({parameter.name, parameter.type,
                     parameter.required ? "must be given" : parameter.default_text,
                     parameter.bounds, parameter.about});
    }
    print_table(table, paint);
  }
  print_line("");
  print_line("rules:");
  print_line(fmt::format("  {}", example_use(rule)));
  print_faults(rule, paint);
}

}  // namespace

int rules_verb(const RulesOptions& options) {
  const Paint paint(wants_color(STDOUT_FILENO));
  const auto rules = describe_rules(places_of(options.bundle));
  std::vector<std::string> names;
  const RuleDescription* wanted = nullptr;
  for (const RuleDescription& rule : rules) {
    names.push_back(rule.name);
    if (!options.name.empty() && rule.name == options.name) wanted = &rule;
  }
  if (!options.name.empty() && wanted == nullptr) {
    const std::string near = nearest(options.name, names);
    return could_not_run(near.empty() ? fmt::format("there is no rule `{}`", options.name)
                                      : fmt::format("there is no rule `{}`; did you mean `{}`?",
                                                    options.name, near));
  }
  if (wanted != nullptr) {
    options.json ? print_line(rule_json(*wanted)) : describe_rule(*wanted, paint);
  } else if (options.json) {
    for (const RuleDescription& rule : rules) print_line(rule_json(rule));
  } else {
    list_rules(rules, paint);
  }
  if (!print_done()) return kCouldNotRun;
  return wanted != nullptr && !wanted->faults.empty() ? kNo : kYes;
}

}  // namespace lineup::cli
