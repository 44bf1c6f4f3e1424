// SPDX-License-Identifier: Apache-2.0
//
// Reading goes on after a fault, so that one look shows all of them.
#include "script/header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "script/arguments.hpp"
#include "script/declare.hpp"
#include "script/freeze.hpp"
#include "script/reads.hpp"

namespace lineup {

namespace {

using Names = std::vector<std::string>;

const Names kRuleFields = {"name",        "about", "required",  "remember", "parameters",
                           "constraints", "allow", "allow_all", "score"};

// LIMIT: parameters that a form can show, and faults that a person reads at once.
constexpr std::size_t kParametersMax = 64;
constexpr std::size_t kFaultsMax = 50;

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Reads the table of a `rule { ... }` on top of the stack into a RuleFile.
class HeaderReader {
 public:
  HeaderReader(lua_State* L, const Source& source, unsigned line, RuleFile& file,
               Diagnostics& diagnostics)
      : L_(L),
        source_(source),
        text_(source, line, "rule"),
        file_(file),
        diagnostics_(diagnostics),
        table_(lua_gettop(L)) {}

  void run() {
    check_fields("rule", table_, kRuleFields, text_);
    file_.name = text_field("name", true);
    file_.about = text_field("about", true);
    if (has_field("required", LUA_TBOOLEAN, "true or false")) {
      file_.required_by_default = lua_toboolean(L_, -1) != 0;
    }
    if (has_field("remember", LUA_TBOOLEAN, "true or false")) {
      file_.remember = lua_toboolean(L_, -1) != 0;
    }
    lua_settop(L_, table_);
    check_name();
    read_parameters();
    file_.has_constraints = has_field("constraints", LUA_TFUNCTION, "a function of p");
    file_.is_vectorised = read_code("allow_all");
    const bool is_scalar = read_code("allow");
    file_.has_allow = is_scalar || file_.is_vectorised;
    if (is_scalar && file_.is_vectorised) {
      error(text_.key("allow_all"), "script/two-forms", "the rule has `allow` and `allow_all`",
            "they say the same in two forms: keep one");
    }
    file_.has_score = read_code("score");
    if (!file_.has_constraints && !file_.has_allow && !file_.has_score) {
      error(text_.word(), "script/no-effect", "the rule has no `constraints`, `allow` or `score`");
    }
    lua_settop(L_, table_);
  }

 private:
  void error(Span span, std::string code, std::string message, std::string hint = {}) {
    diagnostics_.error(std::move(span), std::move(code), std::move(message), std::move(hint));
  }

  // Pushes the field; true when it is there and of this type.
  bool has_field(const char* name, int type, const char* wanted) {
    lua_settop(L_, table_);
    const int got = lua_getfield(L_, table_, name);
    if (got == type) return true;
    if (got != LUA_TNIL) {
      error(text_.value(name), "script/wrong-type",
            fmt::format("`{}` must be {}, got a {}", name, wanted, lua_typename(L_, got)));
    }
    return false;
  }

  std::string text_field(const char* name, bool needed) {
    const bool there = has_field(name, LUA_TSTRING, "text");
    if (!there && needed && lua_isnil(L_, -1)) {
      error(text_.word(), "script/missing-field", fmt::format("the rule has no `{}`", name));
    }
    return there ? lua_tostring(L_, -1) : "";
  }

  // Policies look rules up by their file's name.
  void check_name() {
    if (file_.name.empty()) return;
    std::string_view stem = file_.path;
    stem.remove_prefix(std::min(stem.size(), stem.find_last_of('/') + 1));
    if (stem.size() < 5 || stem.substr(stem.size() - 4) != ".lua") return;
    stem.remove_suffix(4);
    if (stem == file_.name) return;
    error(text_.value("name"), "script/name",
          fmt::format("the rule is called `{}`, but its file `{}.lua`", file_.name, stem),
          "a rule is found by its file: give both the same name");
  }

  void check_fields(std::string_view word, int table, const Names& known, const TableText& text) {
    for (lua_pushnil(L_); lua_next(L_, table) != 0; lua_pop(L_, 1)) {
      if (lua_type(L_, -2) != LUA_TSTRING) {
        if (contains(known, "1")) continue;  // choices stand without names
        error(text.word(), "script/unknown-field",
              fmt::format("`{}` takes named fields only", word));
        continue;
      }
      const std::string name = lua_tostring(L_, -2);
      if (contains(known, name) || diagnostics_.all().size() >= kFaultsMax) continue;
      const std::string near = nearest(name, known);
      diagnostics_
          .error(text.key(name), "script/unknown-field",
                 fmt::format("`{}` has no field `{}`", word, name),
                 near.empty() ? "" : fmt::format("did you mean `{}`?", near))
          .arguments = {{"word", std::string(word)}, {"field", name}};
    }
  }

  void read_parameters() {
    if (!has_field("parameters", LUA_TTABLE, "a table of parameters")) return;
    const int table = lua_gettop(L_);
    const TableText all = text_.inner("parameters");
    for (lua_pushnil(L_); lua_next(L_, table) != 0; lua_settop(L_, table + 1)) {
      if (lua_type(L_, -2) != LUA_TSTRING) {
        error(all.word(), "script/wrong-type", "parameters have names: `max = integer { ... }`");
        continue;
      }
      const std::string name = lua_tostring(L_, -2);
      if (file_.parameters.size() == kParametersMax || diagnostics_.all().size() >= kFaultsMax) {
        error(all.word(), "script/too-many", "the rule has too many parameters or faults");
        lua_settop(L_, table);
        return;
      }
      const Declaration* declared = to_declaration(L_, -1);
      if (declared == nullptr || declared->family != Declaration::Family::Parameter) {
        error(all.value(name), "script/wrong-type",
              fmt::format("parameter `{}` needs a type, such as `integer {{ ... }}`", name));
        continue;
      }
      lua_getiuservalue(L_, -1, 1);
      read_parameter(name, *declared, all);
    }
    sort_parameters(all);
  }

  // Lua's tables have no order; people's do.
  void sort_parameters(const TableText& all) {
    std::stable_sort(file_.parameters.begin(), file_.parameters.end(),
                     [&all](const ParameterSpec& a, const ParameterSpec& b) {
                       const Span left = all.key(a.name);
                       const Span right = all.key(b.name);
                       return std::tie(left.line, left.column, a.name) <
                              std::tie(right.line, right.column, b.name);
                     });
  }

  // The declaration's table is on top of the stack.
  void read_parameter(const std::string& name, const Declaration& declared, const TableText& all) {
    const int table = lua_gettop(L_);
    const TableText text = all.inner(name);
    ParameterSpec spec;
    spec.name = name;
    spec.type = declared.type;
    Names fields = {"about", "default", "optional"};
    const bool is_number = spec.type == ParameterType::Integer ||
                           spec.type == ParameterType::Number || spec.type == ParameterType::Amount;
    if (is_number) fields.insert(fields.end(), {"min", "max"});
    if (spec.type == ParameterType::Choice) fields.emplace_back("1");
    check_fields(name_of(spec.type), table, fields, text);
    if (field_of(table, "about", LUA_TSTRING, "text", text)) spec.about = lua_tostring(L_, -1);
    if (spec.about.empty()) {
      diagnostics_.warning(all.key(name), "script/no-about",
                           fmt::format("parameter `{}` does not say what it is for", name),
                           "give it `about = \"...\"`");
    }
    if (field_of(table, "optional", LUA_TBOOLEAN, "true or false", text)) {
      spec.optional = lua_toboolean(L_, -1) != 0;
    }
    if (field_of(table, "min", LUA_TNUMBER, "a number", text)) spec.min = lua_tonumber(L_, -1);
    if (field_of(table, "max", LUA_TNUMBER, "a number", text)) spec.max = lua_tonumber(L_, -1);
    if (spec.min && spec.max && *spec.min > *spec.max) {
      error(text.value("max"), "script/out-of-bounds",
            fmt::format("`max` of parameter `{}` is below its `min`", name));
    }
    read_choices(table, spec, text);
    read_default(table, spec, text);
    file_.parameters.push_back(std::move(spec));
  }

  bool field_of(int table, const char* name, int type, const char* wanted, const TableText& text) {
    lua_settop(L_, table);
    const int got = lua_getfield(L_, table, name);
    if (got != type && got != LUA_TNIL) {
      error(text.value(name), "script/wrong-type",
            fmt::format("`{}` must be {}, got a {}", name, wanted, lua_typename(L_, got)));
    }
    return got == type;
  }

  void read_choices(int table, ParameterSpec& spec, const TableText& text) {
    if (spec.type != ParameterType::Choice) return;
    for (lua_Integer i = 1; lua_rawgeti(L_, table, i) == LUA_TSTRING; ++i) {
      spec.choices.emplace_back(lua_tostring(L_, -1));
    }
    if (spec.choices.empty()) {
      error(text.word(), "script/missing-field",
            fmt::format("parameter `{}` has no choices", spec.name),
            "write them as `choice { \"a\", \"b\", default = \"a\" }`");
    }
  }

  void read_default(int table, ParameterSpec& spec, const TableText& text) {
    lua_settop(L_, table);
    if (lua_getfield(L_, table, "default") == LUA_TNIL) return;
    Value value;
    value.span = text.value("default");
    if (!read_value(L_, -1, value)) {
      error(value.span, "script/wrong-type",
            fmt::format("the default of `{}` is not a plain value", spec.name));
      return;
    }
    ParameterSpec named = spec;
    named.name = "default";
    if (check_value(named, value, diagnostics_)) spec.default_value = std::move(value);
  }

  bool read_code(const char* name) {
    if (!has_field(name, LUA_TFUNCTION, "a function")) return false;
    CodeText code;
    lua_Debug info;
    lua_pushvalue(L_, -1);
    lua_getinfo(L_, ">S", &info);
    code.first_line = static_cast<std::uint32_t>(std::max(info.linedefined, 0));
    code.last_line = static_cast<std::uint32_t>(std::max(info.lastlinedefined, 0));
    for (int i = 1; const char* argument = lua_getlocal(L_, nullptr, i); ++i) {
      code.arguments.emplace_back(argument);
    }
    std::vector<CodeRead> reads = find_reads(source_, code);
    file_.reads.insert(file_.reads.end(), reads.begin(), reads.end());
    const std::vector<Span> loops = find_loops(source_, code);
    file_.loops.insert(file_.loops.end(), loops.begin(), loops.end());
    for (const StateFault& fault : freeze_function(L_)) {
      diagnostics_
          .error(source_.name_span(fault.line, fault.name), "script/state",
                 fmt::format("`{}` {}", name, fault.message))
          .arguments = {{"function", name}, {"variable", fault.name}};
    }
    return true;
  }

  lua_State* L_;
  const Source& source_;
  TableText text_;
  RuleFile& file_;
  Diagnostics& diagnostics_;
  int table_;
};

}  // namespace

void read_header(lua_State* L, const Source& source, unsigned line, RuleFile& file,
                 Diagnostics& diagnostics) {
  HeaderReader(L, source, line, file, diagnostics).run();
}

}  // namespace lineup
