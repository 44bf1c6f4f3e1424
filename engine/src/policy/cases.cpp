// SPDX-License-Identifier: Apache-2.0
//
// A case has few keys and most of them hold what somebody else understands, so they are read one by
// one; each reader reports what it cannot take.
#include "policy/cases.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace lineup {

namespace {

const std::vector<std::string> kCaseKeys = {
    "name",       "with",    "priority", "weight", "required", "when",    "segments",
    "objectives", "rules",   "graph",    "page",   "columns",  "context", "time",
    "lists",      "history", "rows",     "given",  "expect"};
const std::vector<std::string> kGivenKeys = {"slate"};
const std::vector<std::string> kExpectKeys = {"slate", "status", "relaxed", "violations",
                                              "refused"};
const std::vector<std::string> kStatuses = {"ok", "relaxed", "fallback", "error"};

class CaseReader {
 public:
  CaseReader(const YamlNode& node, Diagnostics& diagnostics)
      : node_(node), diagnostics_(diagnostics) {}

  // False when something was wrong.
  bool read(RuleCase& out) {
    if (!is_map(node_, "a case")) return false;
    check_keys(node_, kCaseKeys, "a case");
    out.span = node_.span;
    if (const YamlNode* name = find(node_, "name")) {
      out.name = text(*name, "name");
      out.span = name->span;
    }
    if (out.name.empty()) error(out.span, "cases/missing", "a case must have a `name`");
    read_setting(out);
    read_rows("history", false, out.history);
    read_rows("rows", true, out.rows);
    if (const YamlNode* lists = find(node_, "lists")) read_lists(*lists, out);
    if (const YamlNode* given = find(node_, "given")) read_given(*given, out);
    const YamlNode* expect = find(node_, "expect");
    if (expect == nullptr) {
      error(out.span, "cases/missing",
            fmt::format("case `{}` must say what to `expect`", out.name));
    } else {
      read_expectation(*expect, out);
    }
    return is_fine_;
  }

 private:
  void error(const Span& span, std::string code, std::string message, std::string hint = {}) {
    is_fine_ = false;
    diagnostics_.error(span, std::move(code), std::move(message), std::move(hint));
  }

  bool is_map(const YamlNode& node, std::string_view what) {
    if (node.kind == Value::Kind::Map) return true;
    error(node.span, "cases/type", fmt::format("{} must be a map", what));
    return false;
  }

  void check_keys(const YamlNode& map, const std::vector<std::string>& known,
                  std::string_view what) {
    for (const YamlEntry& entry : map.entries) {
      if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
      const std::string near = nearest(entry.key, known);
      error(entry.key_span, "cases/unknown-key", fmt::format("{} has no key `{}`", what, entry.key),
            near.empty() ? std::string() : fmt::format("did you mean `{}`?", near));
    }
  }

  static const YamlNode* find(const YamlNode& map, std::string_view key) {
    const YamlEntry* entry = map.entry(key);
    return entry == nullptr || entry->value.kind == Value::Kind::Null ? nullptr : &entry->value;
  }

  std::string text(const YamlNode& node, std::string_view key) {
    const bool is_scalar = node.kind != Value::Kind::List && node.kind != Value::Kind::Map;
    if (!is_scalar) error(node.span, "cases/type", fmt::format("`{}` must be text", key));
    return node.text;
  }

  std::int64_t count(const YamlNode& node, std::string_view key, std::int64_t min) {
    if (node.kind == Value::Kind::Integer && node.integer >= min) return node.integer;
    error(node.span, "cases/type",
          fmt::format("`{}` must be a whole number of at least {}", key, min));
    return min;
  }

  std::vector<std::string> texts(const YamlNode& node, std::string_view key) {
    std::vector<std::string> out;
    if (node.kind != Value::Kind::List) {
      error(node.span, "cases/type", fmt::format("`{}` must be a list", key));
      return out;
    }
    for (const YamlNode& item : node.items) out.push_back(text(item, key));
    return out;
  }

  YamlNode map_at(std::string_view key) {
    const YamlNode* node = find(node_, key);
    if (node == nullptr || !is_map(*node, fmt::format("`{}`", key))) return {};
    return *node;
  }

  std::optional<YamlNode> any_at(std::string_view key) {
    const YamlNode* node = find(node_, key);
    return node == nullptr ? std::nullopt : std::optional<YamlNode>(*node);
  }

  YamlNode list_at(std::string_view key) {
    const YamlNode* node = find(node_, key);
    if (node == nullptr) return {};
    if (node->kind == Value::Kind::List) return *node;
    error(node->span, "cases/type", fmt::format("`{}` must be a list", key));
    return {};
  }

  void read_setting(RuleCase& out) {
    out.with = map_at("with");
    out.columns = map_at("columns");
    out.context = map_at("context");
    out.segments = map_at("segments");
    out.objectives = map_at("objectives");
    out.graph = list_at("graph");
    out.rules = list_at("rules");
    out.priority = any_at("priority");
    out.weight = any_at("weight");
    out.required = any_at("required");
    if (const YamlNode* when = find(node_, "when")) out.when = *when;
    if (const YamlNode* time = find(node_, "time")) out.time = text(*time, "time");
    if (const YamlNode* page = find(node_, "page")) read_page(*page, out);
  }

  // A number of slots, or {size, columns}.
  void read_page(const YamlNode& page, RuleCase& out) {
    if (page.kind != Value::Kind::Map) {
      out.page = static_cast<std::uint32_t>(count(page, "page", 1));
      return;
    }
    for (const YamlEntry& entry : page.entries) {
      const auto number = static_cast<std::uint32_t>(count(entry.value, entry.key, 1));
      if (entry.key == "size") {
        out.page = number;
      } else if (entry.key == "columns") {
        out.page_columns = number;
      } else {
        error(entry.value.span, "cases/unknown",
              fmt::format("`page` has no key `{}`; it has `size` and `columns`", entry.key));
      }
    }
  }

  void read_rows(std::string_view key, bool needs_ids, std::vector<YamlNode>& out) {
    const YamlNode* list = find(node_, key);
    if (list == nullptr) return;
    if (list->kind != Value::Kind::List) {
      error(list->span, "cases/type", fmt::format("`{}` must be a list of rows", key));
      return;
    }
    for (const YamlNode& row : list->items) {
      if (!is_map(row, "a row")) continue;
      if (needs_ids && find(row, "id") == nullptr) {
        error(row.span, "cases/missing", "a row must have an `id`");
      }
      out.push_back(row);
    }
  }

  void read_lists(const YamlNode& lists, RuleCase& out) {
    if (!is_map(lists, "`lists`")) return;
    for (const YamlEntry& entry : lists.entries) {
      out.lists.emplace_back(entry.key, texts(entry.value, entry.key));
    }
  }

  void read_given(const YamlNode& given, RuleCase& out) {
    if (!is_map(given, "`given`")) return;
    check_keys(given, kGivenKeys, "`given`");
    if (const YamlNode* slate = find(given, "slate")) out.given = texts(*slate, "slate");
  }

  void read_expectation(const YamlNode& expect, RuleCase& out) {
    if (!is_map(expect, "`expect`")) return;
    check_keys(expect, kExpectKeys, "`expect`");
    if (const YamlNode* slate = find(expect, "slate")) out.slate = texts(*slate, "slate");
    if (const YamlNode* status = find(expect, "status")) {
      out.status = text(*status, "status");
      if (std::find(kStatuses.begin(), kStatuses.end(), out.status) == kStatuses.end()) {
        error(status->span, "cases/status", fmt::format("there is no status `{}`", out.status),
              "ok, relaxed, fallback or error");
      }
    }
    if (const YamlNode* refused = find(expect, "refused")) {
      out.refused = text(*refused, "refused");
      if (expect.entries.size() > 1) {
        error(refused->span, "cases/expect", "a use that is refused makes no page",
              "expect `refused` alone");
      }
    }
    if (const YamlNode* violations = find(expect, "violations")) {
      out.violations = count(*violations, "violations", 0);
    }
    if (const YamlNode* relaxed = find(expect, "relaxed")) {
      out.relaxed.emplace();
      if (!is_map(*relaxed, "`relaxed`")) return;
      for (const YamlEntry& entry : relaxed->entries) {
        out.relaxed->emplace_back(entry.key, count(entry.value, entry.key, 0));
      }
    }
    if (out.given && (out.slate || out.relaxed || !out.status.empty())) {
      error(expect.span, "cases/expect", "a page that is given is judged, not made",
            "expect `violations`");
    }
    if (!out.given && out.violations) {
      error(expect.span, "cases/expect", "`violations` are counted on a page that is given",
            "give it: `given: {slate: [...]}`");
    }
  }

  const YamlNode& node_;
  Diagnostics& diagnostics_;
  bool is_fine_ = true;
};

}  // namespace

bool parse_cases(const std::string& path, std::string_view text, std::vector<RuleCase>& out,
                 Diagnostics& diagnostics) {
  YamlNode root;
  Diagnostics found;
  bool is_fine = read_yaml(path, text, root, found, YamlAliases::Followed) && !found.has_errors();
  diagnostics.append(found);
  if (!is_fine) return false;
  if (root.kind != Value::Kind::List) {
    diagnostics.error(root.span, "cases/type", "a cases file must be a list of cases");
    return false;
  }
  for (const YamlNode& node : root.items) {
    RuleCase read;
    is_fine = CaseReader(node, diagnostics).read(read) && is_fine;
    out.push_back(std::move(read));
  }
  return is_fine;
}

}  // namespace lineup
