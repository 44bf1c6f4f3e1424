// SPDX-License-Identifier: Apache-2.0
//
// An explanation for people: the page as a table, what held better items back, which rules could
// not hold together, what every rule did and cost, and the answer about one item.
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "cli/explain/explanation.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"

namespace lineup::cli {

namespace {

std::string score_text(double score) {
  return std::isnan(score) ? std::string("none") : fmt::format("{:.4f}", score);
}

std::string title_of(const RequestLine& request, std::uint32_t row) {
  const OwnedColumn* titles = request.candidates.find("title");
  return titles == nullptr ? std::string() : std::string(titles->text(row));
}

void add_table(const TextTable& table, std::size_t width, const Paint& paint,
               std::vector<std::string>& out) {
  const auto lines = table.lines(width);
  out.emplace_back();
  out.push_back(paint.bold(lines.front()));
  out.insert(out.end(), lines.begin() + 1, lines.end());
}

void add_page(const RequestLine& request, const Explanation& explanation, std::size_t width,
              const Paint& paint, std::vector<std::string>& out) {
  TextTable table;
  table.add_column("slot", TextTable::Align::Right);
  table.add_column("item", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_column("title", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_column("rank", TextTable::Align::Right);
  table.add_column("score", TextTable::Align::Right);
  table.add_column("before boosts", TextTable::Align::Right);
  table.add_column("placed by");
  for (const TracedSlot& slot : explanation.trace.slots) {
    const bool is_boosted = slot.score != slot.score_before && !std::isnan(slot.score);
    table.add_row({std::to_string(slot.slot), request.candidates.ids().text(slot.row),
                   title_of(request, slot.row), std::to_string(slot.rank), score_text(slot.score),
                   is_boosted ? score_text(slot.score_before) : "", slot.placed_by});
  }
  add_table(table, width, paint, out);
}

// What held a better item back, in the words of the table.
std::string holder_of(const Explanation& explanation, const HeldBack& held) {
  if (held.because == "rules together") return held.rule + ", further down";
  if (!held.rule.empty()) return held.rule;
  if (held.because == "maker of the page") return explanation.trace.selected_by;
  if (held.because == "not weighed") return "not weighed";
  return "the page as a whole";
}

// The better items that do not stand at a slot, by what held them back.
// Where several nodes made or valued pages, what each came to; else only what went wrong.
void add_nodes(const Explanation& explanation, const Paint& paint, std::vector<std::string>& out) {
  std::size_t makers = 0;
  for (const TracedNode& node : explanation.trace.nodes) makers += node.slates > 0 ? 1 : 0;
  for (const TracedNode& node : explanation.trace.nodes) {
    const bool is_ok = node.status.empty() || node.status == "ok";
    if (is_ok && makers > 1) {
      out.push_back(fmt::format(
          "node {}: {} slates in, {} out{}, {} us", node.id, node.slates_in, node.slates,
          std::isnan(node.best) ? "" : fmt::format(", best {:.4g}", node.best), node.elapsed_us));
    } else if (!is_ok) {
      const std::string line = fmt::format("node {}: {}", node.id, node.status);
      out.push_back(node.status == "another branch" || node.status == "left out under load"
                        ? line
                        : paint.red(line));
    }
  }
}

void add_held_back(const RequestLine& request, const Explanation& explanation, std::size_t width,
                   const Paint& paint, std::vector<std::string>& out) {
  TextTable table;
  table.add_column("slot", TextTable::Align::Right);
  table.add_column("held back by");
  table.add_column("would cost", TextTable::Align::Right);
  table.add_column("items, with their ranks", TextTable::Align::Left, TextTable::Shrink::Cut);
  bool is_empty = true;
  for (const TracedSlot& slot : explanation.trace.slots) {
    std::vector<std::string> holders;  // in the order of the best row that each held back
    std::map<std::string, std::string> items;
    std::map<std::string, double> least;
    for (const HeldBack& held : slot.held_back) {
      const std::string holder = holder_of(explanation, held);
      std::string& list = items[holder];
      if (list.empty()) holders.push_back(holder);
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ",
                          request.candidates.ids().text(held.row), held.rank);
      if (!std::isnan(held.cost)) {
        const auto at = least.emplace(holder, held.cost).first;
        at->second = std::min(at->second, held.cost);
      }
    }
    for (const std::string& holder : holders) {
      is_empty = false;
      const auto cost = least.find(holder);
      table.add_row({&holder == &holders.front() ? std::to_string(slot.slot) : "", holder,
                     cost == least.end() ? "" : fmt::format("{:.4f}", cost->second),
                     items[holder]});
    }
  }
  if (!is_empty) add_table(table, width, paint, out);
}

void add_conflicts(const Explanation& explanation, std::size_t width, const Paint& paint,
                   std::vector<std::string>& out) {
  const auto say = [&](const std::string& text, std::size_t indent) {
    for (const std::string& line : wrap(text, width - indent)) {
      out.push_back(std::string(indent, ' ') + line);
    }
  };
  for (const TracedConflict& conflict : explanation.trace.conflicts) {
    std::vector<std::string> names;
    for (const TracedConflict::Rule& rule : conflict.rules) names.push_back(rule.rule);
    out.emplace_back();
    const std::string what =
        conflict.given_up.empty()
            ? std::string("slots were given up")
            : fmt::format("`{}` was given up, as the least important", conflict.given_up);
    const std::string head = names.size() == 1
                                 ? fmt::format("{} cannot hold on {} slots", listed(names),
                                               explanation.trace.slots_asked)
                                 : fmt::format("{} cannot hold together: {}", listed(names), what);
    for (const std::string& line : wrap(head, width)) out.push_back(paint.bold(line));
    for (const TracedConflict::Rule& rule : conflict.rules) {
      say(fmt::format("`{}`: {}", rule.rule, rule.because), 2);
    }
    if (!conflict.proven_minimal) {
      say("not proven minimal: perhaps fewer of these rules conflict already", 2);
    } else if (names.size() > 1) {
      say("without any one of them the others can hold", 2);
    }
  }
}

const GivenUpRule* given_up(const Explanation& explanation, const std::string& rule) {
  for (const GivenUpRule& entry : explanation.given_up) {
    if (entry.rule == rule) return &entry;
  }
  return nullptr;
}

std::string count(std::size_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

// Why no page keeps the rule, as far as it was found out.
std::string conflict_of(const Explanation& explanation, const std::string& rule) {
  for (const TracedConflict& conflict : explanation.trace.conflicts) {
    if (conflict.given_up != rule) continue;
    std::vector<std::string> others;
    for (const TracedConflict::Rule& each : conflict.rules) {
      if (each.rule != rule) others.push_back(each.rule);
    }
    return others.empty() ? "no page of this batch can hold it"
                          : "it cannot hold together with " + listed(others);
  }
  return explanation.search == "complete" ? "more important rules leave no page without"
                                          : "the search ended before it found a page without";
}

// What became of a rule, in words.
std::string fate_of(const Explanation& explanation, const TracedRule& rule) {
  if (const GivenUpRule* entry = given_up(explanation, rule.rule)) {
    if (entry->reason == "conflict") {
      return fmt::format("given up: {}, {}", count(entry->violations, "violation"),
                         conflict_of(explanation, rule.rule));
    }
    if (entry->reason == "budget") return "given up: it used up its budget";
    return fmt::format("given up: {} ({})", count(entry->violations, "violation"), entry->reason);
  }
  if (rule.status == "pin absent") return "not applied: what it pins is not there, or filtered";
  if (rule.status == "when") return "not applied: its `when` does not hold";
  if (rule.status != "active") return fmt::format("not applied: {}", rule.status);
  if (rule.violations > 0 && rule.strength == "soft") {
    return fmt::format("bent: {}, weighed against the score", count(rule.violations, "violation"));
  }
  return rule.acted == 0 ? "held, and changed nothing here" : "held";
}

std::string deeds_of(const TracedRule& rule) {
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (!rule.slots_placed.empty()) add("placed " + count(rule.slots_placed.size(), "row"));
  if (!rule.slots_held_back.empty()) {
    add("held back at " + count(rule.slots_held_back.size(), "slot"));
  }
  if (rule.rows_filtered.value_or(0) > 0) add("took out " + count(*rule.rows_filtered, "row"));
  if (rule.rows_boosted.value_or(0) > 0) add("boosted " + count(*rule.rows_boosted, "row"));
  return out;
}

void add_rules(const Explanation& explanation, std::size_t width, const Paint& paint,
               std::vector<std::string>& out) {
  if (explanation.trace.rules.empty()) return;
  TextTable table;
  table.add_column("rule");
  table.add_column("strength");
  table.add_column("on this page", TextTable::Align::Left, TextTable::Shrink::Wrap);
  table.add_column("predicted cost", TextTable::Align::Right);
  table.add_column("what became of it", TextTable::Align::Left, TextTable::Shrink::Wrap);
  for (const TracedRule& rule : explanation.trace.rules) {
    std::string fate = fate_of(explanation, rule);
    if (!rule.frees.empty()) fate += fmt::format("; without it {} would hold", listed(rule.frees));
    if (!rule.reason.empty()) fate += fmt::format(" [{}]", rule.reason);
    const std::string strength =
        std::isnan(rule.priority) ? rule.strength : fmt::format("hard {:.6g}", rule.priority);
    table.add_row({rule.rule, strength, deeds_of(rule),
                   std::isnan(rule.cost) ? "" : cost_text(rule.cost, explanation.trace.value),
                   fate});
  }
  add_table(table, width, paint, out);
}

}  // namespace

std::string named_row(const RequestLine& request, std::uint32_t row) {
  const std::string id = request.candidates.ids().text(row);
  const std::string title = title_of(request, row);
  return title.empty() ? id : fmt::format("{} ({})", id, title);
}

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += fmt::format("{}`{}`", out.empty() ? "" : ", ", name);
  return out;
}

std::string cost_text(double cost, double of) {
  if (cost == 0.0) return "0";
  if (!(of > 0.0)) return fmt::format("{:.4f}", cost);
  return fmt::format("{:.4f} ({:.1f} %)", cost, cost / of * 100.0);
}

std::vector<std::string> explanation_lines(const RequestLine& request,
                                           const Explanation& explanation, std::size_t width,
                                           bool color) {
  const Paint paint(color);
  std::vector<std::string> out;
  const std::string status = explanation.status == "ok"      ? paint.green(explanation.status)
                             : explanation.status == "error" ? paint.red(explanation.status)
                                                             : paint.yellow(explanation.status);
  out.push_back(fmt::format("request {}, scene {}, revision {}",
                            request.has_id ? request.id : "without id", request.scene,
                            explanation.revision));
  const std::string& load = explanation.trace.load;
  out.push_back(fmt::format("status {}, search {}, {} slots from {} candidates, {} us{}", status,
                            explanation.search, explanation.trace.slots.size(),
                            request.candidates.row_count(), explanation.elapsed_us,
                            load.empty() ? "" : fmt::format(", load {}", load)));
  if (!explanation.error.empty()) out.push_back(paint.red(explanation.error));
  if (!explanation.trace.slots.empty()) add_page(request, explanation, width, paint, out);
  add_held_back(request, explanation, width, paint, out);
  add_conflicts(explanation, width, paint, out);
  add_rules(explanation, width, paint, out);
  add_nodes(explanation, paint, out);
  for (const std::string& warning : explanation.warnings) {
    out.push_back(paint.yellow(fmt::format("warning: {}", warning)));
  }
  const auto item = item_lines(request, explanation, width, color);
  out.insert(out.end(), item.begin(), item.end());
  return out;
}

}  // namespace lineup::cli
