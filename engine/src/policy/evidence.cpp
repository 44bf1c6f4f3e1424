// SPDX-License-Identifier: Apache-2.0
//
// Columns that the engine fills itself, with what feedback told of each item.
#include <fmt/format.h>

#include "policy/parse.hpp"

namespace lineup {

namespace {

void say(const Span& span, const char* code, std::string message, std::string hint,
         const std::string& name, Diagnostics& diagnostics) {
  diagnostics.error(span, code, std::move(message), std::move(hint)).arguments = {{"name", name}};
}

// A column that was refused has been reported.
bool is_float_column(const YamlEntry& entry, const YamlNode* columns, const PolicyDocument& out,
                     Diagnostics& diagnostics) {
  const auto index = out.columns.find(entry.key);
  if (!index) {
    if (columns == nullptr || columns->entry(entry.key) != nullptr) return false;
    say(entry.key_span, "policy/unknown-column", fmt::format("unknown column `{}`", entry.key),
        key_hint(entry.key, out.columns.names()), entry.key, diagnostics);
    return false;
  }
  const ColumnType type = out.columns[*index].type;
  if (type == ColumnType::Float) return true;
  say(entry.key_span, "policy/evidence",
      fmt::format("`{}` holds no counts: it is declared as {}", entry.key, name_of(type)),
      "declare it as {type: float}", entry.key, diagnostics);
  return false;
}

}  // namespace

void parse_evidence(const YamlNode& map, const YamlNode* columns, PolicyDocument& out,
                    Diagnostics& diagnostics) {
  for (const YamlEntry& entry : map.entries) {
    if (entry.value.kind != Value::Kind::Map) {
      say(entry.value.span, "policy/type",
          fmt::format("what `{}` counts must be a map, found {}", entry.key,
                      describe(entry.value.kind)),
          "write {event: click}, or {exposed: true} for rows that were seen", entry.key,
          diagnostics);
      continue;
    }
    const PolicyFields fields(entry.value, *policy_keys().find("evidence")->table, diagnostics);
    if (!is_float_column(entry, columns, out, diagnostics)) continue;
    PolicyEvidence evidence;
    evidence.column = entry.key;
    evidence.event = fields.text("event");
    evidence.half_life_ms = static_cast<std::int64_t>(fields.number("half_life_ms", 0.0));
    evidence.items = static_cast<std::uint32_t>(fields.number("items", evidence.items));
    if (evidence.event.empty() != fields.boolean("exposed", false)) {
      say(entry.key_span, "policy/evidence",
          fmt::format("`{}` counts {}", entry.key,
                      evidence.event.empty() ? "nothing" : "two things"),
          "name one `event`, or write `exposed: true` for rows that were seen", entry.key,
          diagnostics);
      continue;
    }
    out.evidence.push_back(std::move(evidence));
  }
}

}  // namespace lineup
