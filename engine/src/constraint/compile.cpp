// SPDX-License-Identifier: Apache-2.0
//
// Names become indexes here, once per revision. A spec with a fault is compiled as far as it goes,
// so that all faults are found in one pass; the caller throws the result away.
#include "constraint/compile.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <initializer_list>

#include "constraint/compile_check.hpp"

namespace lineup {

namespace {

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += "`" + name + "`";
  }
  return out;
}

std::string hint_for(std::string_view column, const Schema& schema) {
  const std::vector<std::string> names = schema.names();
  const std::string near = nearest(column, names);
  if (!near.empty()) return "did you mean `" + near + "`?";
  return names.empty() ? "the policy declares no columns" : "the columns are " + list_of(names);
}

// The index of the column `name`, which must be of one of `types`. Nothing after an error.
std::optional<std::uint32_t> resolve(std::string_view field, const std::string& name,
                                     std::initializer_list<ColumnType> types, const Schema& schema,
                                     SpecReport& report) {
  const auto index = schema.find(name);
  if (!index) {
    report
        .error("rule/unknown-column",
               "unknown column `" + name + "` in `" + std::string(field) + "`",
               hint_for(name, schema))
        .arguments.emplace_back("column", name);
    return std::nullopt;
  }
  const ColumnType type = schema[*index].type;
  if (std::find(types.begin(), types.end(), type) != types.end()) return index;
  std::vector<std::string> right;
  for (const ColumnType each : types) right.emplace_back(name_of(each));
  const bool is_group =
      std::find(types.begin(), types.end(), ColumnType::Categories) != types.end();
  Diagnostic& diagnostic =
      report.error("rule/column-type",
                   "column `" + name + "` is of type " + std::string(name_of(type)) + ", which `" +
                       std::string(field) + "` cannot use",
                   "it takes columns of type " + list_of(right) + (is_group ? ", or `id`" : ""));
  diagnostic.arguments.emplace_back("column", name);
  diagnostic.arguments.emplace_back("type", name_of(type));
  return std::nullopt;
}

void refuse_repeated(std::string_view field, std::vector<std::uint32_t> columns,
                     SpecReport& report) {
  std::sort(columns.begin(), columns.end());
  if (std::adjacent_find(columns.begin(), columns.end()) == columns.end()) return;
  report.error("rule/conflicting-fields", "a column stands twice in `" + std::string(field) + "`",
               "name it once");
}

// Columns in which rows agree or not.
std::vector<std::uint32_t> compile_groups(std::string_view field,
                                          const std::vector<std::string>& names,
                                          const Schema& schema, SpecReport& report) {
  std::vector<std::uint32_t> out;
  for (const std::string& name : names) {
    if (name == kIdName) {
      out.push_back(kIdColumn);
    } else if (const auto index = resolve(field, name,
                                          {ColumnType::Category, ColumnType::Categories,
                                           ColumnType::Integer, ColumnType::Bool},
                                          schema, report)) {
      out.push_back(*index);
    }
  }
  refuse_repeated(field, out, report);
  return out;
}

// Columns whose values come before or after each other.
std::vector<std::uint32_t> compile_order(const std::vector<std::string>& names,
                                         const Schema& schema, SpecReport& report) {
  std::vector<std::uint32_t> out;
  for (const std::string& name : names) {
    const auto index = resolve(
        "by", name, {ColumnType::Integer, ColumnType::Float, ColumnType::Time}, schema, report);
    if (index) out.push_back(*index);
  }
  refuse_repeated("by", out, report);
  return out;
}

std::int32_t compile_column(std::string_view field, const std::string& name,
                            std::initializer_list<ColumnType> types, const Schema& schema,
                            SpecReport& report) {
  if (name.empty()) return -1;
  const auto index = resolve(field, name, types, schema, report);
  return index ? static_cast<std::int32_t>(*index) : -1;
}

// A number only when it is written the one way that numbers are: "042" is a text.
std::optional<std::int64_t> number_of(const std::string& id) {
  std::int64_t number = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == id.data() + id.size();
  if (!whole || std::to_string(number) != id) return std::nullopt;
  return number;
}

CompiledConstraint compile_one(Spec spec, const ConditionScope& scope, Diagnostics& diagnostics) {
  CompiledConstraint compiled;
  compiled.spec = std::move(spec);
  Spec& written = compiled.spec;
  SpecReport report(written, diagnostics);
  check_spec(written, report);
  const auto compile = [&](const std::string& text, Condition& out) {
    if (!text.empty()) out.compile(text, scope, written.span, 0, diagnostics);
  };
  compile(written.kind == Kind::Adjacent ? written.left : written.where, compiled.where);
  compile(written.right, compiled.right);
  for (const Channel& channel : written.channels) {
    compile(channel.where, compiled.channels.emplace_back());
  }
  const Schema& schema = *scope.schema;
  compiled.by = written.kind == Kind::Order ? compile_order(written.by, schema, report)
                                            : compile_groups("by", written.by, schema, report);
  compiled.within = compile_groups("within", written.within, schema, report);
  if (written.id) compiled.id_number = number_of(*written.id);
  compiled.slot_column = compile_column("slot_column", written.slot_column,
                                        {ColumnType::Integer, ColumnType::Float}, schema, report);
  if (written.kind == Kind::Boost) {
    if (written.column.empty()) written.column = "score";
    compiled.column = compile_column("column", written.column, {ColumnType::Float}, schema, report);
  } else if (written.kind == Kind::Budget) {
    compiled.column = compile_column("column", written.column,
                                     {ColumnType::Integer, ColumnType::Float}, schema, report);
  } else if (written.kind == Kind::Similar) {
    compiled.column =
        compile_column("embedding", written.column, {ColumnType::Embedding}, schema, report);
  }
  normalize(written.slots);
  return compiled;
}

std::size_t error_count(const Diagnostics& diagnostics) {
  return static_cast<std::size_t>(
      std::count_if(diagnostics.all().begin(), diagnostics.all().end(),
                    [](const Diagnostic& d) { return d.severity == Severity::Error; }));
}

// Filters and boosts have no priority: nothing about them can be relaxed.
bool needs_level(const RuleUse& use) {
  if (use.strength.kind != Strength::Kind::Hard) return false;
  return use.constraints.empty() ||
         std::any_of(use.constraints.begin(), use.constraints.end(), [](const auto& constraint) {
           return constraint.spec.kind != Kind::Filter && constraint.spec.kind != Kind::Boost;
         });
}

}  // namespace

bool compile_constraints(std::vector<Spec> specs, const ConditionScope& scope, RuleUse& use,
                         Diagnostics& diagnostics) {
  const std::size_t errors_before = error_count(diagnostics);
  std::uint32_t codes = 0;
  for (Spec& spec : specs) {
    use.constraints.push_back(compile_one(std::move(spec), scope, diagnostics));
    CompiledConstraint& compiled = use.constraints.back();
    if (compiled.spec.kind == Kind::Code) compiled.opaque_index = codes++;
  }
  return error_count(diagnostics) == errors_before;
}

std::uint32_t assign_levels(std::span<RuleUse> uses) {
  std::vector<double> priorities;
  for (const RuleUse& use : uses) {
    if (needs_level(use)) priorities.push_back(use.strength.priority);
  }
  std::sort(priorities.begin(), priorities.end(), std::greater<>());
  priorities.erase(std::unique(priorities.begin(), priorities.end()), priorities.end());
  for (RuleUse& use : uses) {
    if (!needs_level(use)) continue;
    const auto at = std::lower_bound(priorities.begin(), priorities.end(), use.strength.priority,
                                     std::greater<>());
    use.level = static_cast<std::uint16_t>(at - priorities.begin());
  }
  return static_cast<std::uint32_t>(priorities.size());
}

}  // namespace lineup
