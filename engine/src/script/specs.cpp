// SPDX-License-Identifier: Apache-2.0
//
// make_specs: runs `constraints(p)` and reads what it returned. Constraints that `when` dropped are
// not looked at: a bound that does not apply may be anything.
#include <fmt/format.h>

#include <algorithm>

#include "script/coverage.hpp"
#include "script/declare.hpp"
#include "script/library.hpp"
#include "script/load.hpp"
#include "script/rule.hpp"
#include "script/sandbox.hpp"
#include "script/source.hpp"
#include "script/spec_reader.hpp"

namespace lineup {

namespace {

// LIMIT: a rule is one behaviour; more constraints than this, or lists in lists in lists, are a
// loop that went wrong.
constexpr std::size_t kSpecsMax = 256;
constexpr int kNestingMax = 8;

// Runs one rule file for its constraints.
class SpecMaker {
 public:
  SpecMaker(const RuleFile& rule, const Value& arguments, const ScriptLimits& limits,
            Diagnostics& diagnostics)
      : rule_(rule),
        arguments_(arguments),
        limits_(limits),
        diagnostics_(diagnostics),
        source_(rule.path, rule.source),
        sandbox_(limits.state_bytes_max) {}

  bool run(std::vector<Spec>& specs) {
    if (sandbox_.state() == nullptr) {
      diagnostics_.error({rule_.path, 0, 0, 0, 0}, "script/memory",
                         "there is no memory for a Lua state");
      return false;
    }
    sandbox_.refusal = &refusal_;
    sandbox_.begin({limits_.load_instructions_max, limits_.load_ns_max});
    bool good = true;
    const bool ran = sandbox_.protect([&](lua_State* L) {
      open_rule_state(L);
      push_chunk(L, rule_.source);
      header_line_ = run_chunk(L);
      if (rule_.has_constraints) {
        lua_getfield(L, -1, "constraints");
        push_arguments(L, rule_, arguments_);
        lua_call(L, 1, 1);
        good = collect(L, 0, specs);
        if (ScriptCoverage* coverage = script_coverage()) {
          for (const Spec& spec : specs) coverage->kinds.insert(spec.kind);
        }
      }
      add_code(TableText(source_, header_line_, "rule"), specs);
    });
    if (!ran) report_run();
    return ran && good;
  }

 private:
  // Reads the value on top of the stack: a constraint, a list of them with holes and lists inside,
  // or nothing.
  bool collect(lua_State* L, int depth, std::vector<Spec>& specs) {
    if (depth > kNestingMax) raise(L, "`constraints` returns lists that are nested too deep");
    luaL_checkstack(L, 8, "lists are nested too deep");
    const int index = lua_gettop(L);
    if (lua_toboolean(L, index) == 0) return true;
    if (const Declaration* declared = to_declaration(L, index);
        declared != nullptr && declared->family == Declaration::Family::Constraint) {
      if (specs.size() == kSpecsMax) raise(L, "`constraints` returns too many constraints");
      lua_getiuservalue(L, index, 1);
      if (push_behind_view(L, -1)) lua_replace(L, -2);
      const bool good = read_spec(L, *declared, source_, diagnostics_, specs.emplace_back());
      lua_settop(L, index);
      return good;
    }
    if (lua_type(L, index) != LUA_TTABLE) {
      push_text_of(L, index);
      raise(L, std::string("`constraints` returns constraints, got `") + lua_tostring(L, -1) + "`");
    }
    lua_Integer last = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
      if (lua_isinteger(L, -2) == 0) {
        push_text_of(L, -2);
        raise(L, std::string("`constraints` returns a list; `") + lua_tostring(L, -1) +
                     "` is a name: did you forget a constraint's word?");
      }
      last = std::max(last, lua_tointeger(L, -2));
    }
    bool good = true;
    // A nil between two constraints leaves a hole, so the border of the table says nothing.
    for (lua_Integer i = 1; i <= std::min<lua_Integer>(last, kElementsMax); ++i) {
      lua_rawgeti(L, index, i);
      good = collect(L, depth + 1, specs) && good;
      lua_settop(L, index);
    }
    return good;
  }

  void add_code(const TableText& text, std::vector<Spec>& specs) {
    for (const char* name : {"allow", "score"}) {
      const bool is_score = std::string_view(name) == "score";
      if (is_score ? !rule_.has_score : !rule_.has_allow) continue;
      Spec& spec = specs.emplace_back();
      spec.kind = Kind::Code;
      spec.code_is_score = is_score;
      spec.span = text.key(rule_.is_vectorised && !is_score ? "allow_all" : name);
    }
  }

  void report_run() {
    if (refusal_.refused && sandbox_.breach() == Breach::None) {
      const Value* value = arguments_.find(refusal_.parameter);
      const bool is_given = value != nullptr && value->span.file != rule_.path;
      const Span& span = is_given ? value->span : arguments_.span;
      diagnostics_
          .error(span.line > 0 ? span : source_.line_span(sandbox_.fault_line()),
                 "script/arguments", refusal_.message)
          .arguments = {{"rule", rule_.name}, {"parameter", refusal_.parameter}};
      return;
    }
    const bool is_budget = sandbox_.breach() != Breach::None;
    // What `constraints` returned has no line of its own.
    const Span span = sandbox_.fault_line() > 0
                          ? source_.span_of_sentence(sandbox_.fault_line(), sandbox_.fault())
                          : TableText(source_, header_line_, "rule").key("constraints");
    diagnostics_.error(span, is_budget ? "script/budget" : "script/run", sandbox_.fault());
  }

  const RuleFile& rule_;
  const Value& arguments_;
  const ScriptLimits& limits_;
  Diagnostics& diagnostics_;
  Source source_;
  unsigned header_line_ = 0;
  Refusal refusal_;
  Sandbox sandbox_;
};

// Code is bound when the worker is made; live numbers change later.
bool check_live(const RuleFile& rule, const Value& arguments, Diagnostics& diagnostics) {
  if (!rule.has_allow && !rule.has_score) return true;
  bool good = true;
  for (const auto& [name, value] : arguments.entries) {
    if (value.live < 0) continue;
    diagnostics
        .error(value.span, "script/live",
               fmt::format("`{}` of rule `{}` cannot be live: its code reads it", name, rule.name))
        .arguments = {{"rule", rule.name}, {"parameter", name}};
    good = false;
  }
  return good;
}

}  // namespace

std::optional<std::vector<Spec>> make_specs(const RuleFile& rule, const Value& arguments,
                                            const ScriptLimits& limits, Diagnostics& diagnostics) {
  Diagnostics found;
  const bool live_is_good = check_live(rule, arguments, found);
  std::vector<Spec> specs;
  const bool good = SpecMaker(rule, arguments, limits, found).run(specs);
  found.sort();
  diagnostics.append(found);
  if (!good || !live_is_good) return std::nullopt;
  return specs;
}

}  // namespace lineup
