// SPDX-License-Identifier: Apache-2.0
//
// The answer about one item, for people: first the sentence that an operator came for, then what
// it would take, then slot by slot.
#include <fmt/format.h>

#include <cmath>

#include "cli/explain/explanation.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"

namespace lineup::cli {

namespace {

class ItemText {
 public:
  ItemText(const RequestLine& request, const Explanation& explanation, std::size_t width,
           bool color)
      : item_(*explanation.trace.item),
        trace_(explanation.trace),
        name_(named_row(request, item_.row)),
        width_(width),
        paint_(color) {}

  std::vector<std::string> lines() {
    out_.emplace_back();
    if (item_.status == "on the page") {
      add_on_page();
    } else if (item_.status == "outside its dates") {
      headline(name_ +
               " is a row of a pool that is not shown at this time: its `from` and "
               "`expires` say when");
    } else if (item_.status == "duplicate") {
      headline(name_ + " is not on the page: a candidate with the same id came before it");
    } else if (item_.status == "filtered") {
      headline(fmt::format("{} may not be shown: {} {} it out{}", name_, listed(item_.filtered_by),
                           item_.filtered_by.size() == 1 ? "takes" : "take", rank()));
      for (const std::string& rule : item_.filtered_by) add_asks(rule);
    } else {
      add_absent();
    }
    return std::move(out_);
  }

 private:
  void headline(const std::string& text) {
    for (const std::string& line : wrap(text, width_)) out_.push_back(paint_.bold(line));
  }
  void say(const std::string& text) {
    for (const std::string& line : wrap(text, width_ - 2)) out_.push_back("  " + line);
  }

  [[nodiscard]] std::string rank() const {
    return item_.rank == 0 ? std::string() : fmt::format("; the ranker had it at {}", item_.rank);
  }

  void add_on_page() {
    const TracedSlot& slot = trace_.slots.at(item_.slot - 1);
    headline(fmt::format("{} stands at slot {}, placed by {}{}", name_, item_.slot, slot.placed_by,
                         rank()));
    if (!slot.reason.empty()) say(slot.reason);
    for (const TracedRule& rule : trace_.rules) {
      if (rule.rule == slot.placed_by) add_asks(rule.rule);
    }
  }

  // What the rule says, and who answers for it.
  void add_asks(const std::string& name) {
    for (const TracedRule& rule : trace_.rules) {
      if (rule.rule != name) continue;
      std::string text = fmt::format("`{}`: {}", rule.rule, rule.asks);
      if (!rule.reason.empty()) text += fmt::format(" [{}]", rule.reason);
      if (!rule.owner.empty()) text += fmt::format(" (ask {})", rule.owner);
      say(text);
    }
  }

  void add_absent() {
    headline(fmt::format("{} is not on the page{}", name_, rank()));
    if (item_.status == "below the page") {
      say(fmt::format("by its score alone it would stand at slot {}; the page ends at slot {}",
                      item_.natural_slot, trace_.slots.size()));
    } else if (item_.natural_slot > 0) {
      say(fmt::format("by its score alone it would stand at slot {}", item_.natural_slot));
      add_stop();
    }
    if (item_.forced) add_forced();
    add_slots();
  }

  void add_stop() {
    if (item_.because == "rule") {
      say(fmt::format("there `{}` speaks against it", item_.rule));
      add_asks(item_.rule);
    } else if (item_.because == "rules together") {
      say(
          fmt::format("no rule alone speaks against it there, but `{}` would have to be broken "
                      "further down",
                      item_.rule));
      add_asks(item_.rule);
    } else if (item_.because == "page as a whole") {
      say("no rule speaks against it there; the page as a whole is worth more without");
    } else if (item_.because == "maker of the page") {
      say(fmt::format("no rule speaks against it there; `{}` chose otherwise", trace_.selected_by));
    }
  }

  void add_forced() {
    const TracedItem::Forced& forced = *item_.forced;
    if (!forced.possible) {
      return say(
          fmt::format("pinned to slot {} it still could not stand there: rules that are "
                      "required forbid it",
                      forced.slot));
    }
    std::string text = fmt::format("pinned to slot {}: ", forced.slot);
    if (forced.would_break.empty()) text += "breaks no rule";
    for (std::size_t i = 0; i < forced.would_break.size(); ++i) {
      const auto& [rule, violations] = forced.would_break[i];
      text += fmt::format("{}`{}` {}", i == 0 ? "would break " : ", ", rule,
                          violations == 1 ? "once" : fmt::format("{} times", violations));
    }
    if (!std::isnan(forced.cost)) {
      text +=
          forced.cost >= 0.0
              ? fmt::format("; costs {} of predicted value", cost_text(forced.cost, trace_.value))
              : fmt::format("; wins {} of predicted value", cost_text(-forced.cost, trace_.value));
    }
    say(text);
  }

  // Neighbouring slots of which the same is true are said together.
  void add_slots() {
    for (std::size_t first = 0; first < item_.slots.size();) {
      std::size_t last = first;
      while (last + 1 < item_.slots.size() &&
             item_.slots[last + 1].would_break == item_.slots[first].would_break) {
        ++last;
      }
      const TracedItem::Slot& at = item_.slots[first];
      const std::string slots =
          first == last ? fmt::format("at slot {}", at.slot)
                        : fmt::format("at slots {}..{}", at.slot, item_.slots[last].slot);
      say(at.would_break.empty()
              ? fmt::format("{}: breaks no rule; the page is worth more as it is", slots)
              : fmt::format("{}: would break {}", slots, listed(at.would_break)));
      first = last + 1;
    }
  }

  const TracedItem& item_;
  const Trace& trace_;
  std::string name_;
  std::size_t width_;
  Paint paint_;
  std::vector<std::string> out_;
};

}  // namespace

std::vector<std::string> item_lines(const RequestLine& request, const Explanation& explanation,
                                    std::size_t width, bool color) {
  if (!explanation.trace.item) return {};
  return ItemText(request, explanation, width, color).lines();
}

}  // namespace lineup::cli
