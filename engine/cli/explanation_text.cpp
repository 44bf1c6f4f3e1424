// SPDX-License-Identifier: Apache-2.0
//
// An explanation for people: the page as a table, the rules that did not simply hold, and the
// answer about one item.
#include <fmt/format.h>

#include <cmath>
#include <map>

#include "cli/explanation.hpp"
#include "cli/terminal.hpp"
#include "cli/text_table.hpp"

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

// The better items that do not stand at a slot, by the rule that held them back.
void add_held_back(const RequestLine& request, const Explanation& explanation, std::size_t width,
                   const Paint& paint, std::vector<std::string>& out) {
  TextTable table;
  table.add_column("slot", TextTable::Align::Right);
  table.add_column("held back by");
  table.add_column("items, with their ranks", TextTable::Align::Left, TextTable::Shrink::Cut);
  bool is_empty = true;
  for (const TracedSlot& slot : explanation.trace.slots) {
    std::vector<std::string> rules;  // in the order of the best row that each held back
    std::map<std::string, std::string> items;
    for (const HeldBack& held : slot.held_back) {
      std::string& list = items[held.rule];
      if (list.empty()) rules.push_back(held.rule);
      list += fmt::format("{}{} ({})", list.empty() ? "" : ", ",
                          request.candidates.ids().text(held.row), held.rank);
    }
    for (const std::string& rule : rules) {
      is_empty = false;
      table.add_row({&rule == &rules.front() ? std::to_string(slot.slot) : "",
                     rule.empty() ? "the page as a whole" : rule, items[rule]});
    }
  }
  if (!is_empty) add_table(table, width, paint, out);
}

const GivenUpRule* given_up(const Explanation& explanation, const std::string& rule) {
  for (const GivenUpRule& entry : explanation.given_up) {
    if (entry.rule == rule) return &entry;
  }
  return nullptr;
}

std::string count(std::uint32_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

// What became of a rule, in words; empty when it simply held.
std::string fate_of(const Explanation& explanation, const TracedRule& rule) {
  if (const GivenUpRule* entry = given_up(explanation, rule.rule)) {
    if (entry->reason == "conflict") {
      return fmt::format("given up: {}, because more important rules leave no page without",
                         count(entry->violations, "violation"));
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
  return {};
}

void add_rules(const Explanation& explanation, std::size_t width, const Paint& paint,
               std::vector<std::string>& out) {
  TextTable table;
  table.add_column("rule");
  table.add_column("strength");
  table.add_column("what became of it", TextTable::Align::Left, TextTable::Shrink::Cut);
  std::string held;
  bool is_empty = true;
  for (const TracedRule& rule : explanation.trace.rules) {
    std::string fate = fate_of(explanation, rule);
    if (fate.empty()) {
      held += fmt::format("{}{}", held.empty() ? "" : ", ", rule.rule);
      continue;
    }
    if (!rule.reason.empty()) fate += fmt::format(" [{}]", rule.reason);
    table.add_row({rule.rule, rule.strength, fate});
    is_empty = false;
  }
  if (!is_empty) add_table(table, width, paint, out);
  if (!held.empty()) {
    out.emplace_back();
    for (std::string& line : wrap(fmt::format("held: {}", held), width)) {
      out.push_back(std::move(line));
    }
  }
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += fmt::format("{}`{}`", out.empty() ? "" : ", ", text);
  return out;
}

void add_item(const RequestLine& request, const Explanation& explanation, const Paint& paint,
              std::vector<std::string>& out) {
  const ItemReason& item = *explanation.item;
  const std::string id = request.candidates.ids().text(item.row);
  const std::string title = title_of(request, item.row);
  const std::string name = title.empty() ? id : fmt::format("{} ({})", id, title);
  const std::string rank =
      item.rank == 0 ? std::string() : fmt::format("; the ranker had it at {}", item.rank);
  out.emplace_back();
  if (item.slot > 0) {
    const TracedSlot& slot = explanation.trace.slots[item.slot - 1];
    out.push_back(paint.bold(fmt::format("{} stands at slot {}, placed by {}{}", name, item.slot,
                                         slot.placed_by, rank)));
    return;
  }
  if (!item.forbidden.empty()) {
    out.push_back(paint.bold(fmt::format("{} may not be shown: {}", name, item.forbidden)));
    return;
  }
  out.push_back(paint.bold(fmt::format("{} is not on the page{}", name, rank)));
  for (const ItemAtSlot& at : item.slots) {
    out.push_back(
        at.broken.empty()
            ? fmt::format("  at slot {}: breaks no rule; the page is worth more as it is", at.slot)
            : fmt::format("  at slot {}: would break {}", at.slot, joined(at.broken)));
  }
}

}  // namespace

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
  out.push_back(fmt::format("status {}, search {}, {} slots from {} candidates, {} us", status,
                            explanation.search, explanation.trace.slots.size(),
                            request.candidates.row_count(), explanation.elapsed_us));
  if (!explanation.error.empty()) out.push_back(paint.red(explanation.error));
  if (!explanation.trace.slots.empty()) add_page(request, explanation, width, paint, out);
  add_held_back(request, explanation, width, paint, out);
  add_rules(explanation, width, paint, out);
  for (const TracedNode& node : explanation.trace.nodes) {
    if (!node.status.empty() && node.status != "ok") {
      out.push_back(paint.red(fmt::format("node {}: {}", node.id, node.status)));
    }
  }
  for (const std::string& warning : explanation.warnings) {
    out.push_back(paint.yellow(fmt::format("warning: {}", warning)));
  }
  if (explanation.item) add_item(request, explanation, paint, out);
  return out;
}

}  // namespace lineup::cli
