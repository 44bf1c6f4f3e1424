// SPDX-License-Identifier: Apache-2.0
#include "script/rule_maker.hpp"

#include <cmath>

namespace lineup::test {

// An expression that is a row or nil.
std::string RuleMaker::row() {
  return pick({"item", "slate[-1]", "slate[1]", "slate[-2]", "slate[3]", "slate[#slate]",
               "slate[n]", "slate[-n]"});
}

std::string RuleMaker::number(int depth) {
  if (depth <= 0) return pick({"0", "1", "2", "3", "-1", "0.5", "n", "#slate"});
  switch (below(12)) {
    case 0:
      return "(item.score or " + number(0) + ")";
    case 1:
      return "(item.released or 0)";
    case 2:
      return "slate:count_same(item, " + pick({"'category'", "'tags'", "'released'", "'is_new'"}) +
             pick({"", ", 1", ", 2", ", 4", ", n"}) + ")";
    case 3:
      return "(slate:distance_to_same(item, " + pick({"'category'", "'tags'", "'id'"}) + ") or 9)";
    case 4:
      return "slate:count(" + pick({"'is_new'", "'category == \"b\"'", "'score > 0.4'"}) + ")";
    case 5:
      return "(" + number(depth - 1) + pick({" + ", " - ", " * ", " % "}) + number(depth - 1) + ")";
    case 6:
      return pick({"math.max", "math.min"}) + "(" + number(depth - 1) + ", " + number(depth - 1) +
             ")";
    case 7:
      return "#(item.tags or '')";
    case 8:
      return "(context.level or " + number(0) + ")";
    case 9:
      return "context.page";
    case 10:
      return "#" + text(depth - 1);
    default:
      return "(" + truth(depth - 1) + " and " + number(depth - 1) + " or " + number(depth - 1) +
             ")";
  }
}

std::string RuleMaker::text(int depth) {
  if (depth <= 0) return pick({"'a'", "'b'", "'c'", "''"});
  switch (below(7)) {
    case 0:
      return "(item.category or 'none')";
    case 1:
      return "(context.trigger.category or 'a')";
    case 2:
      return "((item.tags or {})[" + pick({"1", "2", "n"}) + "] or 'x')";
    case 3:
      return "(" + text(depth - 1) + " .. " + text(depth - 1) + ")";
    case 4:
      return "item.id:sub(1, 1)";
    case 5:
      return "(slate[-1] and slate[-1].category or 'none')";
    default:
      return "type(" + pick({"item", "slate[2]", "item.tags", "item.score"}) + ")";
  }
}

std::string RuleMaker::truth(int depth) {
  if (depth <= 0) return pick({"true", "false", "n > 1", "item.is_new == true"});
  switch (below(14)) {
    case 0:
      return "(" + truth(depth - 1) + pick({" and ", " or "}) + truth(depth - 1) + ")";
    case 1:
      return "not " + truth(depth - 1);
    case 2:
    case 3:
      return "(" + number(depth - 1) + pick({" < ", " <= ", " == ", " ~= ", " > "}) +
             number(depth - 1) + ")";
    case 4:
      return "(" + text(depth - 1) + pick({" == ", " ~= ", " < "}) + text(depth - 1) + ")";
    case 5:
      return "item:same(" + row() + ", " + pick({"'category'", "'tags'", "'score'", "'released'"}) +
             ")";
    case 6:
      return "(" + row() + " == " + row() + ")";
    case 7:
      return "(" + row() + " ~= nil)";
    case 8:
      return "(item.tags ~= nil and item.tags:has(" + pick({"'a'", "'b'", "'z'"}) + "))";
    case 9:
      return "(" + pick({"item.score", "item.category", "item.tags", "context.level"}) + " == nil)";
    case 10:
      return "(pcall(function() return " + row() + ".score + 1 end))";
    case 11:
      return "(#slate " + pick({"< ", ">= ", "== "}) + pick({"1", "2", "5"}) + ")";
    case 12:
      return "(function(x) return x == nil or x == " + number(0) + " end)(" + number(depth - 1) +
             ")";
    default:
      // A mistake now and then: the row may not be there.
      return "(" + row() + ".category == " + text(depth - 1) + ")";
  }
}

std::string RuleMaker::statement(int depth) {
  switch (below(8)) {
    case 0:
      return "if " + truth(depth) + " then return " + truth(depth - 1) + " end\n";
    case 1:
      return "for i = 1, math.min(#slate, 3) do if " + truth(depth - 1) +
             " then n = n + 1 end end\n";
    case 2:
      return "for i, other in ipairs(slate) do if item:same(other, 'category') then n = i end "
             "if i > 4 then break end end\n";
    case 3:
      return "for _, tag in ipairs(item.tags or {}) do if tag == " + text(0) +
             " then n = n + 1 end end\n";
    case 4:
      return "do local seen = {} seen[item] = 1 if slate[1] then seen[slate[1]] = 2 end "
             "n = n + (seen[slate[-1] or 0] or 0) end\n";
    case 5:
      return "n = " + number(depth) + "\n";
    case 6:
      return "while n > 3 do n = n - 2 end\n";
    default:
      return "local function f(x) return x " + pick({"+ 1", "* 2", "- n"}) + " end n = f(" +
             number(depth - 1) + ")\n";
  }
}

std::string RuleMaker::body() {
  // Paths of the context are known to a rule when its text names them.
  std::string out = "local n = 1\n";
  for (std::uint32_t i = below(4); i > 0; --i) out += statement(2);
  return out + "return " + truth(3);
}

void RuleMaker::fill(Page& page, std::uint32_t rows) {
  const std::monostate missing;
  for (std::uint32_t i = 0; i < rows; ++i) {
    const auto gap = [this] { return below(6) == 0; };
    Cell score = missing;
    if (!gap()) score = below(5) == 0 ? (below(2) == 0 ? 0.0 : -0.0) : below(4) * 0.25;
    Cell category = missing;
    if (!gap()) category = pick({"a", "b", "c"});
    Cell released = missing;
    if (!gap()) released = std::int64_t{below(3)};
    Texts tags;
    for (const char* tag : {"a", "b", "c"}) {
      if (below(3) == 0) tags.emplace_back(tag);
    }
    page.rows.add(pick({"x", "y"}) + std::to_string(i),
                  {score, category, below(2) == 0, released, tags});
  }
  std::vector<Scalar> values;
  const Scalar levels[] = {Scalar{}, Scalar::of(std::int64_t{1}), Scalar::of(1.0), Scalar::of(-0.0),
                           Scalar::of(std::nan(""))};
  const Scalar triggers[] = {Scalar{}, Scalar::of(std::string_view("a")),
                             Scalar::of(std::string_view("b"))};
  values.push_back(levels[below(5)]);
  values.push_back(triggers[below(3)]);
  page.finish(std::move(values));
  page.slots = 5 + below(3);
}

std::vector<std::uint32_t> RuleMaker::slate(std::uint32_t rows) {
  std::vector<std::uint32_t> out;
  for (std::uint32_t i = below(8); i > 0; --i) out.push_back(below(rows));
  return out;
}

}  // namespace lineup::test
