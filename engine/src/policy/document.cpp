// SPDX-License-Identifier: Apache-2.0
//
// Reads the tree of a policy file into a document. Findings are collected over the whole file; a
// part that is wrong is left out and reading goes on with the next.
#include "policy/document.hpp"

#include <fmt/format.h>

#include <utility>

#include "policy/columns.hpp"
#include "policy/fields.hpp"
#include "policy/parse.hpp"
#include "policy/scalars.hpp"
#include "policy/yaml.hpp"

namespace lineup {

namespace {

// The version of the schema that this engine reads.
constexpr std::int64_t kVersion = 1;

class PolicyParser {
 public:
  PolicyParser(PolicyDocument& document, Diagnostics& diagnostics)
      : document_(document), diagnostics_(diagnostics) {}

  void run(const YamlNode& root) {
    if (root.kind != Value::Kind::Map) {
      diagnostics_.error(root.span, "policy/type",
                         fmt::format("a policy must be a map, found {}", describe(root.kind)),
                         "begin with `lineup: 1`");
      return;
    }
    if (!is_known_version(root)) return;
    const PolicyFields fields(root, policy_keys(), diagnostics_);
    document_.scene = fields.text("scene");
    document_.scene_span = fields.span("scene");
    if (const YamlNode* zone = fields.find("zone")) document_.zone = *TimeZone::find(zone->text);
    if (const YamlNode* page = fields.find("page")) parse_page(*page);
    if (const YamlNode* columns = fields.find("columns")) {
      columns_ = columns;
      parse_columns(*columns, document_.columns, diagnostics_);
      if (columns->entries.empty()) {
        error(columns->span, "policy/missing-key", "`columns` declares no column",
              "write score: {type: float}, for example", "columns");
      }
    }
    if (const YamlNode* objectives = fields.find("objectives")) parse_objectives(*objectives);
    if (const YamlNode* segments = fields.find("segments")) parse_segments(*segments);
    if (const YamlNode* pools = fields.find("pools")) parse_pools(*pools);
    if (const YamlNode* steer = fields.find("steer")) parse_steer(*steer, document_, diagnostics_);
    if (const YamlNode* map = fields.find("experiments")) {
      parse_experiments(*map, document_, diagnostics_);
    }
    if (const YamlNode* load = fields.find("load")) parse_load(*load, document_, diagnostics_);
    if (const YamlNode* map = fields.find("holdout")) parse_holdout(*map, document_, diagnostics_);
    if (const YamlNode* map = fields.find("controllers")) {
      parse_controllers(*map, document_, diagnostics_);
    }
    if (const YamlNode* map = fields.find("evidence")) {
      parse_evidence(*map, columns_, document_, diagnostics_);
    }
    if (const YamlNode* rules = fields.find("rules")) parse_rules(*rules, document_, diagnostics_);
    if (const YamlNode* switches = fields.find("switches")) {
      parse_switches(*switches, document_, diagnostics_);
    }
    parse_graph(fields.find("graphs"), fields.find("graph"), document_, diagnostics_);
    if (const YamlNode* limits = fields.find("limits")) parse_limits(*limits);
    if (const YamlNode* fallback = fields.find("fallback")) {
      document_.fallback = fallback->text;
      document_.fallback_span = fallback->span;
    }
    if (fields.text("fill") == "short") document_.fill = PolicyDocument::Fill::Short;
    if (fields.text("on_violation") == "discard") {
      document_.on_violation = PolicyDocument::OnViolation::Discard;
    }
  }

 private:
  void error(const Span& span, const char* code, std::string message, std::string hint,
             const std::string& name) {
    diagnostics_.error(span, code, std::move(message), std::move(hint)).arguments = {
        {"name", name}};
  }

  // A file of another version has other keys: what else could be said of it would be wrong.
  bool is_known_version(const YamlNode& root) {
    const YamlEntry* version = root.entry("lineup");
    if (version == nullptr || version->value.kind != Value::Kind::Integer) return true;
    if (version->value.integer == kVersion) return true;
    error(version->value.span, "policy/version",
          fmt::format("version {} of the schema is not known", version->value.integer),
          fmt::format("this engine reads version {}", kVersion), version->value.text);
    return false;
  }

  void parse_page(const YamlNode& page) {
    document_.page_span = page.span;
    if (page.kind == Value::Kind::Integer) {
      document_.page = static_cast<std::uint32_t>(page.integer);
      return;
    }
    const PolicyFields fields(page, *policy_keys().find("page")->table, diagnostics_);
    document_.page = static_cast<std::uint32_t>(fields.number("size", 0));
    document_.page_columns = static_cast<std::uint32_t>(fields.number("columns", 1));
  }

  void parse_objectives(const YamlNode& map) {
    for (const YamlEntry& entry : map.entries) {
      if (!is_name(entry.key)) {
        error(entry.key_span, "policy/name", fmt::format("`{}` is no name", entry.key),
              "names begin with a letter and go on with letters, digits, `_` or `-`", entry.key);
      } else if (entry.value.kind != Value::Kind::Map) {
        error(entry.value.span, "policy/type",
              fmt::format("objective `{}` must be a map, found {}", entry.key,
                          describe(entry.value.kind)),
              "write {column: score, default: 1.0}, for example", entry.key);
      } else {
        parse_objective(entry);
      }
    }
  }

  void parse_objective(const YamlEntry& entry) {
    const PolicyFields fields(entry.value, *policy_keys().find("objectives")->table, diagnostics_);
    PolicyObjective objective;
    objective.name = entry.key;
    objective.span = entry.key_span;
    objective.column = fields.text("column");
    objective.weight = fields.number("default", 1.0);
    objective.min = fields.number("min", objective.weight);
    objective.max = fields.number("max", objective.weight);
    objective.max_step = fields.number("max_step", objective.max - objective.min);
    if (objective.min > objective.max) {
      error(
          fields.span("min"), "policy/bounds",
          fmt::format("`{}`: `min` {} is above `max` {}", entry.key, objective.min, objective.max),
          {}, entry.key);
    } else if (objective.weight < objective.min || objective.weight > objective.max) {
      error(fields.span("default"), "policy/bounds",
            fmt::format("`{}`: the default {} is outside of {}..{}", entry.key, objective.weight,
                        objective.min, objective.max),
            {}, entry.key);
    }
    check_column(fields, objective);
    document_.objectives.push_back(std::move(objective));
  }

  void check_column(const PolicyFields& fields, const PolicyObjective& objective) {
    const YamlNode* node = fields.find("column");
    if (node == nullptr) return;
    // A column that was refused has been reported.
    if (columns_ == nullptr || columns_->entry(objective.column) != nullptr) return;
    error(node->span, "policy/unknown-column", fmt::format("unknown column `{}`", objective.column),
          key_hint(objective.column, document_.columns.names()), objective.column);
  }

  void parse_segments(const YamlNode& map) {
    for (const YamlEntry& entry : map.entries) {
      const YamlNode& condition = entry.value;
      if (!is_identifier(entry.key)) {
        error(entry.key_span, "policy/name", fmt::format("`{}` is no name of a segment", entry.key),
              "conditions read letters, digits and `_`, and no digit first", entry.key);
      } else if (condition.kind != Value::Kind::Text ||
                 condition.text.find_first_not_of(" \t\r\n") == std::string::npos) {
        error(
            condition.span, "policy/type",
            fmt::format("segment `{}` must be a condition in quotes, found {}", entry.key,
                        condition.kind == Value::Kind::Text ? "nothing" : describe(condition.kind)),
            "write 'context.days_since_signup < 7', for example", entry.key);
      } else {
        document_.segments.push_back({entry.key,
                                      parse_value(condition, entry.key, document_, diagnostics_),
                                      entry.key_span});
      }
    }
  }

  void parse_pools(const YamlNode& node) {
    const auto add = [this](const YamlNode& name) {
      for (const PolicyPool& pool : document_.pools) {
        if (pool.name != name.text) continue;
        return error(name.span, "policy/duplicate-name",
                     fmt::format("pool `{}` is named twice", name.text), {}, name.text);
      }
      document_.pools.push_back({name.text, name.span});
    };
    if (node.kind == Value::Kind::Text) return add(node);
    for (const YamlNode& name : node.items) add(name);
  }

  void parse_limits(const YamlNode& node) {
    const PolicyFields fields(node, *policy_keys().find("limits")->table, diagnostics_);
    PolicyLimits& limits = document_.limits;
    const auto whole = [&](const char* key, auto otherwise) {
      const YamlNode* value = fields.find(key);
      return value != nullptr ? static_cast<decltype(otherwise)>(value->integer) : otherwise;
    };
    limits.deadline_ms = fields.number("deadline_ms", limits.deadline_ms);
    limits.work = whole("work", limits.work);
    limits.gap = fields.number("gap", limits.gap);
    // Who wants the best page there is wants the work spent on it.
    limits.improve = whole("improve", limits.gap > 0.0 ? limits.improve : limits.work);
    limits.slates = whole("slates", limits.slates);
    limits.rows_max = whole("rows_max", limits.rows_max);
  }

  PolicyDocument& document_;
  Diagnostics& diagnostics_;
  const YamlNode* columns_ = nullptr;  // as written
};

}  // namespace

bool parse_policy(const std::string& path, std::string_view text, PolicyDocument& out,
                  Diagnostics& diagnostics) {
  out = PolicyDocument();
  out.path = path;
  Diagnostics found;
  YamlNode root;
  if (read_yaml(path, text, root, found)) PolicyParser(out, found).run(root);
  found.sort();
  diagnostics.append(found);
  return !found.has_errors();
}

}  // namespace lineup
