// SPDX-License-Identifier: Apache-2.0
//
// Random conditions, each with what it should mean: a text for the engine, and a function that
// decides it from the words of rules.md and shares nothing with the engine.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "condition/rows.hpp"

namespace lineup {

// A value in the third evaluation. Times are marked so that what stands beside them is read as one.
struct Plain {
  enum class Kind { Number, Text, Truth, Time, Id } kind;
  double number = 0.0;
  std::string text;
};
using Plains = std::vector<Plain>;  // none: missing

// What a row and its request say, as the third evaluation sees them.
struct World {
  const Rows* rows;
  const Schema* schema;
  std::uint32_t row;
  std::vector<Plain> context;  // by slot; a text "<missing>" is missing
  bool night, newcomers;
  std::int64_t now_ms = 0;
};

using Judge = std::function<bool(const World&)>;
using Read = std::function<Plains(const World&)>;

// A condition as text and as what it should mean.
struct Claim {
  std::string text;
  Judge holds;
};
struct Term {
  std::string text;
  Read read;
};

inline Plain number(double value) { return {Plain::Kind::Number, value, {}}; }
inline Plain text(std::string value) { return {Plain::Kind::Text, 0.0, std::move(value)}; }

inline std::optional<double> moment(const Plain& value) {
  if (value.kind == Plain::Kind::Time || value.kind == Plain::Kind::Number) return value.number;
  if (value.kind == Plain::Kind::Text) {
    if (const auto ms = parse_time_ms(value.text)) return static_cast<double>(*ms);
  }
  return std::nullopt;
}

inline bool decide(const std::string& op, int order) {
  if (op == "==") return order == 0;
  if (op == "<") return order < 0;
  if (op == "<=") return order <= 0;
  if (op == ">") return order > 0;
  return order >= 0;
}

inline int order_of(double a, double b) { return a < b ? -1 : a > b ? 1 : 0; }

inline std::string id_text(const Plain& value) {
  if (value.kind == Plain::Kind::Number && value.number == std::floor(value.number)) {
    return std::to_string(static_cast<long long>(value.number));
  }
  return value.kind == Plain::Kind::Text || value.kind == Plain::Kind::Id ? value.text : "no id";
}

inline bool pair_holds(const Plain& a, const std::string& op, const Plain& b) {
  using Kind = Plain::Kind;
  if (a.kind == Kind::Id || b.kind == Kind::Id) return op == "==" && id_text(a) == id_text(b);
  if (a.kind == Kind::Time || b.kind == Kind::Time) {
    const auto x = moment(a);
    const auto y = moment(b);
    return x && y && decide(op, order_of(*x, *y));
  }
  if (a.kind != b.kind) return false;
  if (a.kind == Kind::Text) return decide(op, a.text.compare(b.text));
  if (a.kind == Kind::Truth) return op == "==" && a.number == b.number;
  return decide(op, order_of(a.number, b.number));
}

inline bool any_pair(const Plains& left, const std::string& op, const Plains& right) {
  for (const Plain& a : left) {
    for (const Plain& b : right) {
      if (pair_holds(a, op, b)) return true;
    }
  }
  return false;
}

class Writer {
 public:
  explicit Writer(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t count) {
    return std::uniform_int_distribution<std::uint32_t>(0, count - 1)(random_);
  }
  template <typename T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[below(static_cast<std::uint32_t>(choices.size()))];
  }

  Claim claim(int depth) {
    if (depth == 0 || below(4) == 0) return atom();
    if (below(3) == 0) {
      const Claim inner = claim(depth - 1);
      return {"not (" + inner.text + ")", [inner](const World& w) { return !inner.holds(w); }};
    }
    const bool is_and = below(2) == 0;
    const Claim a = claim(depth - 1);
    const Claim b = claim(depth - 1);
    return {"(" + a.text + ")" + (is_and ? " and " : " or ") + "(" + b.text + ")",
            [=](const World& w) {
              return is_and ? a.holds(w) && b.holds(w) : a.holds(w) || b.holds(w);
            }};
  }

  Cell cell(ColumnType type) {
    if (below(4) == 0) return {};
    switch (type) {
      case ColumnType::Float:
        return below(20) == 0 ? std::nan("") : 0.5 * below(6);
      case ColumnType::Integer:
        return std::int64_t{below(5)};
      case ColumnType::Category:
        return word();
      case ColumnType::Categories: {
        Texts texts;
        for (std::uint32_t i = 0; i <= below(3); ++i) texts.push_back(word());
        return texts;
      }
      case ColumnType::Bool:
        return below(2) == 0;
      case ColumnType::Time:
        return *parse_time_ms(date());
      case ColumnType::Embedding:
        return {};
    }
    return {};
  }

  std::string word() { return one_of<const char*>({"a", "b", "c", "1", "2", ""}); }
  std::string date() { return "202" + std::to_string(below(4)) + "-01-01"; }

 private:
  static std::string quoted(const std::string& value) { return "\"" + value + "\""; }

  static Term column(const std::string& name) {
    return {name, [name](const World& w) -> Plains {
              const std::uint32_t index = *w.schema->find(name);
              const Cell cell = w.rows->cell(index, w.row);
              const bool is_time = (*w.schema)[index].type == ColumnType::Time;
              if (const auto* real = std::get_if<double>(&cell)) {
                return std::isnan(*real) ? Plains{} : Plains{number(*real)};
              }
              if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
                return {{is_time ? Plain::Kind::Time : Plain::Kind::Number,
                         static_cast<double>(*whole),
                         {}}};
              }
              if (const auto* flag = std::get_if<bool>(&cell)) {
                return {{Plain::Kind::Truth, *flag ? 1.0 : 0.0, {}}};
              }
              if (const auto* one = std::get_if<std::string>(&cell)) return {text(*one)};
              Plains out;
              if (const auto* many = std::get_if<Texts>(&cell)) {
                for (const auto& each : *many) out.push_back(text(each));
              }
              return out;
            }};
  }

  Term context() {
    const std::uint32_t slot = below(4);
    return {"context.c" + std::to_string(slot), [slot](const World& w) -> Plains {
              const Plain& value = w.context[slot];
              return value.text == "<missing>" ? Plains{} : Plains{value};
            }};
  }

  static Term fixed(std::string shown, Plain value) {
    return {std::move(shown), [value](const World&) { return Plains{value}; }};
  }
  Term number_literal() {
    const std::uint32_t halves = below(10);
    return halves % 2 == 0 && below(2) == 0
               ? fixed(std::to_string(halves / 2), number(halves / 2))
               : fixed(std::to_string(0.5 * halves), number(0.5 * halves));
  }
  Term whole_literal() {
    const std::uint32_t value = below(5);
    return fixed(std::to_string(value), number(value));
  }
  Term text_literal() {
    const std::string value = word();
    return fixed(quoted(value), text(value));
  }
  Term time_literal(bool may_be_bare) {
    const std::string value = date();
    const Plain plain{Plain::Kind::Time, static_cast<double>(*parse_time_ms(value)), {}};
    return fixed(may_be_bare && below(2) == 0 ? quoted(value) : "time(" + quoted(value) + ")",
                 plain);
  }
  // `term` some days earlier or later, in one of the ways it can be written.
  Term moved(const Term& term) {
    const std::uint32_t days = below(800);
    const bool is_later = below(2) == 0;
    const std::string shown = days % 7 == 0 && below(2) == 0 ? std::to_string(days / 7) + "w"
                              : below(2) == 0                ? std::to_string(days * 24) + "h"
                                                             : std::to_string(days) + "d";
    const double by = (is_later ? 1 : -1) * 86'400'000.0 * days;
    return {term.text +
                (is_later        ? " + "
                 : below(2) == 0 ? " - "
                                 : " -") +
                shown,
            [term, by](const World& w) {
              Plains out;
              for (const Plain& value : term.read(w)) {
                if (const auto ms = moment(value)) {
                  out.push_back({Plain::Kind::Time, std::trunc(*ms) + by, {}});
                }
              }
              return out;
            }};
  }
  static Term now() {
    return {"now", [](const World& w) -> Plains {
              return {{Plain::Kind::Time, static_cast<double>(w.now_ms), {}}};
            }};
  }
  Claim matched(const Term& what) {
    const bool at_start = below(2) == 0;
    const std::string part = word();
    return {
        what.text + (at_start ? " starts with " : " ends with ") + quoted(part),
        [=](const World& w) {
          for (const Plain& value : what.read(w)) {
            const bool is_id = value.kind == Plain::Kind::Id;
            if (value.kind != Plain::Kind::Text && !is_id) continue;
            const std::size_t from = at_start ? 0 : value.text.size() - part.size();
            if (value.text.size() >= part.size() && value.text.substr(from, part.size()) == part) {
              return true;
            }
          }
          return false;
        }};
  }
  static Term id() {
    return {"id", [](const World& w) -> Plains {
              const Ids& ids = w.rows->table().ids;
              return {{Plain::Kind::Id, 0.0,
                       ids.is_numeric() ? std::to_string(ids.numbers[w.row])
                                        : std::string(ids.text(w.row))}};
            }};
  }

  // `left op right`, sometimes written the other way round.
  Claim compared(const Term& left, bool has_order, const Term& right) {
    const auto op = has_order ? one_of<const char*>({"==", "~=", "<", "<=", ">", ">="})
                              : one_of<const char*>({"==", "~=", "!="});
    return compared_by(left, op, right);
  }
  Claim compared_by(const Term& left, const std::string& op, const Term& right) {
    const bool negated = op == "~=" || op == "!=";
    const bool mirror = below(3) == 0;
    const std::string other = op == "<"    ? ">"
                              : op == "<=" ? ">="
                              : op == ">"  ? "<"
                              : op == ">=" ? "<="
                                           : op;
    return {mirror ? right.text + " " + other + " " + left.text
                   : left.text + " " + op + " " + right.text,
            [=](const World& w) {
              return any_pair(left.read(w), negated ? "==" : op, right.read(w)) != negated;
            }};
  }

  Claim in_set(const Term& what, const std::function<Term()>& literal) {
    std::vector<Term> values;
    std::string shown;
    for (std::uint32_t i = below(4); i > 0; --i) {
      values.push_back(literal());
      shown += (shown.empty() ? "" : ", ") + values.back().text;
    }
    return in(what, "{" + shown + "}", [what, values](const World& w) {
      for (const Term& value : values) {
        if (any_pair(what.read(w), "==", value.read(w))) return true;
      }
      return false;
    });
  }
  Claim in_list(const Term& what) {
    return in(what, "list.blocked_authors", [what](const World& w) {
      for (const Plain& value : what.read(w)) {
        const std::string shown = id_text(value);
        if (shown == "a" || shown == "c" || shown == "1" || shown == "3") return true;
      }
      return false;
    });
  }
  Claim in_range(const Term& what, Term low, Term high) {
    const World nowhere{};
    const Plain a = low.read(nowhere)[0];
    const Plain b = high.read(nowhere)[0];
    if (a.number > b.number || a.text > b.text) std::swap(low, high);
    return in(what, low.text + ".." + high.text, [=](const World& w) {
      return any_pair(what.read(w), ">=", low.read(w)) &&
             any_pair(what.read(w), "<=", high.read(w));
    });
  }
  Claim in(const Term& what, const std::string& shown, const Judge& holds) {
    const bool negated = below(2) == 0;
    return {what.text + (negated ? " not in " : " in ") + shown,
            [=](const World& w) { return holds(w) != negated; }};
  }
  Claim nil_test(const Term& what) {
    const bool negated = below(2) == 0;
    const bool in_words = below(2) == 0;
    return {what.text + (in_words  ? negated ? " is not missing" : " is missing"
                         : negated ? " ~= nil"
                                   : " == nil"),
            [=](const World& w) { return what.read(w).empty() != negated; }};
  }
  static Claim bare(const Term& what) {
    return {what.text, [what](const World& w) {
              const Plains values = what.read(w);
              return !values.empty() && values[0].kind == Plain::Kind::Truth &&
                     values[0].number == 1.0;
            }};
  }

  Claim number_atom() {
    const Term what = column(one_of<const char*>({"price", "list_price", "votes"}));
    switch (below(5)) {
      case 0:
        return compared(what, true, number_literal());
      case 1:
        return compared(what, true, column(one_of<const char*>({"votes", "list_price"})));
      case 2:
        return in_set(what, [this] { return number_literal(); });
      case 3:
        return compared(what, true, context());
      default:
        return in_range(what, number_literal(), number_literal());
    }
  }
  Claim text_atom() {
    const bool is_many = below(2) == 0;
    const Term what = column(is_many ? "tags" : one_of<const char*>({"category", "author"}));
    switch (below(6)) {
      case 5:
        return matched(what);
      case 0:
        return compared(what, !is_many, text_literal());
      case 1:
        return compared(what, false, column(one_of<const char*>({"tags", "author"})));
      case 2:
        return in_set(what, [this] { return text_literal(); });
      case 3:
        return in_list(what);
      default:
        return compared(what, !is_many, context());
    }
  }
  Claim time_atom() {
    const Term what = column("released");
    switch (below(8)) {
      case 4:
        return compared(what, true, moved(now()));
      case 5:
        return compared(moved(what), true, now());
      case 6:
        return compared(moved(what), true, below(2) == 0 ? moved(what) : moved(context()));
      case 7:
        return compared(now(), true, moved(time_literal(false)));
      case 0:
        return compared(what, true, time_literal(true));
      case 1:
        return in_set(what, [this] { return time_literal(true); });
      case 2:
        return compared(what, true, context());
      default:
        return in_range(what, time_literal(true), time_literal(true));
    }
  }
  Claim id_atom() {
    switch (below(6)) {
      case 5:
        return matched(id());
      case 0:
        return compared(id(), false, whole_literal());
      case 1:
        return compared(id(), false, text_literal());
      case 2:
        return in_set(id(), [this] { return below(2) ? whole_literal() : text_literal(); });
      case 3:
        return in_list(id());
      default:
        return compared(id(), false, context());
    }
  }
  Claim context_atom() {
    const Term what = context();
    switch (below(9)) {
      case 7:
        return matched(what);
      case 8:
        return compared(moved(what), true, below(2) == 0 ? now() : time_literal(false));
      case 0:
        return compared(what, true, number_literal());
      case 1:
        return compared(what, true, text_literal());
      case 2:
        return compared(what, true, time_literal(false));
      case 3:
        return in_set(what, [this] { return below(2) ? number_literal() : text_literal(); });
      case 4:
        return in_range(what, number_literal(), number_literal());
      case 5:
        return compared(what, true, context());
      default:
        return bare(what);
    }
  }
  Claim atom() {
    switch (below(9)) {
      case 0:
        return number_atom();
      case 1:
        return text_atom();
      case 2:
        return time_atom();
      case 3:
        return id_atom();
      case 4:
        return context_atom();
      case 5:
        return bare(column(one_of<const char*>({"is_new", "sponsored"})));
      case 6:
        return compared(
            column("is_new"), false,
            below(2) ? column("sponsored") : fixed("true", {Plain::Kind::Truth, 1.0, {}}));
      case 7:
        return nil_test(below(6) == 0
                            ? context()
                            : column(one_of<const char*>({"price", "votes", "author", "tags",
                                                          "is_new", "released", "vector"})));
      default:
        return below(2) == 0
                   ? Claim{"segment.night", [](const World& w) { return w.night; }}
                   : Claim{"segment.newcomers", [](const World& w) { return w.newcomers; }};
    }
  }

  std::mt19937 random_;
};

}  // namespace lineup
