// SPDX-License-Identifier: Apache-2.0
//
// Rules written in a test: loading them, and what is said of them.
#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "script/rule.hpp"
#include "support/paths.hpp"

namespace lineup::test {

// All findings, one a line: `file:line:col-endcol code: message; hint`.
inline std::string summary(const Diagnostics& diagnostics) {
  std::ostringstream out;
  for (const Diagnostic& d : diagnostics.all()) {
    out << d.span.file << ':' << d.span.line << ':' << d.span.column << '-' << d.span.end_column
        << ' ' << d.code << ": " << d.message << (d.hint.empty() ? "" : "; " + d.hint) << '\n';
  }
  return out.str();
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// What loading `source` says: "" when all is well.
inline std::string faults_of(const std::string& source, const std::string& path = "r.lua") {
  Diagnostics diagnostics;
  static_cast<void>(load_rule(path, source, ScriptLimits{}, diagnostics));
  return summary(diagnostics);
}

// A rule that must load.
inline std::shared_ptr<const RuleFile> rule_of(const std::string& source,
                                               const std::string& path = "r.lua") {
  Diagnostics diagnostics;
  auto rule = load_rule(path, source, ScriptLimits{}, diagnostics);
  if (rule == nullptr) throw std::runtime_error(summary(diagnostics));
  return rule;
}

// A header around the fields of a rule, all on one line: line 1 of the file is the header's.
inline std::string header(const std::string& fields) {
  return "return rule { name = 'r', about = 'a', " + fields + " }";
}

inline std::shared_ptr<const RuleFile> shipped(const std::string& name) {
  const std::string path = "rules/" + name + ".lua";
  return rule_of(read_file(kSourceDir + "/" + path), path);
}

inline ColumnSpec column(std::string name, ColumnType type) {
  ColumnSpec out;
  out.name = std::move(name);
  out.type = type;
  return out;
}

// Arguments as a policy gives them.
inline Value number(double value) {
  Value out;
  const auto whole = static_cast<std::int64_t>(value);
  out.kind = static_cast<double>(whole) == value ? Value::Kind::Integer : Value::Kind::Float;
  out.integer = whole;
  out.number = value;
  out.span = {"p.yaml", 9, 30, 9, 31};
  return out;
}
inline Value text(std::string value) {
  Value out;
  out.kind = Value::Kind::Text;
  out.span = {"p.yaml", 9, 30, 9, static_cast<std::uint32_t>(32 + value.size())};
  out.text_offset = 1;
  out.text = std::move(value);
  return out;
}
inline Value list(std::vector<Value> items) {
  Value out;
  out.kind = Value::Kind::List;
  out.items = std::move(items);
  out.span = {"p.yaml", 9, 30, 9, 40};
  return out;
}
inline Value with(std::vector<ValueEntry> entries) {
  Value out;
  out.kind = Value::Kind::Map;
  out.entries = std::move(entries);
  out.span = {"p.yaml", 9, 20, 9, 60};
  return out;
}

}  // namespace lineup::test
