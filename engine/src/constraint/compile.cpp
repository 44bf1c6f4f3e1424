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
  Diagnostic& diagnostic = report.error(
      "rule/column-type",
      "column `" + name + "` is of type " + std::string(name_of(type)) + ", which `" +
          std::string(field) + "` cannot use",
      "it takes columns of type " + list_of(right) + (field == "by" ? ", or `id`" : ""));
  diagnostic.arguments.emplace_back("column", name);
  diagnostic.arguments.emplace_back("type", name_of(type));
  return std::nullopt;
}

void compile_by(CompiledConstraint& compiled, const Schema& schema, SpecReport& report) {
  for (const std::string& name : compiled.spec.by) {
    if (name == kIdName) {
      compiled.by.push_back(kIdColumn);
    } else if (const auto index = resolve("by", name,
                                          {ColumnType::Category, ColumnType::Categories,
                                           ColumnType::Integer, ColumnType::Bool},
                                          schema, report)) {
      compiled.by.push_back(*index);
    }
  }
  std::vector<std::uint32_t> sorted = compiled.by;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    report.error("rule/conflicting-fields", "a column stands twice in `by`", "name it once");
  }
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
  if (!written.where.empty()) {
    compiled.where.compile(written.where, scope, written.span, 0, diagnostics);
  }
  compile_by(compiled, *scope.schema, report);
  if (written.id) compiled.id_number = number_of(*written.id);
  if (!written.slot_column.empty()) {
    const auto index = resolve("slot_column", written.slot_column,
                               {ColumnType::Integer, ColumnType::Float}, *scope.schema, report);
    if (index) compiled.slot_column = static_cast<std::int32_t>(*index);
  }
  if (written.kind == Kind::Boost) {
    if (written.column.empty()) written.column = "score";
    const auto index =
        resolve("column", written.column, {ColumnType::Float}, *scope.schema, report);
    if (index) compiled.column = static_cast<std::int32_t>(*index);
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
