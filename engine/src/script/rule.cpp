// SPDX-License-Identifier: Apache-2.0
//
// load_rule: compile, look at the names, run the top level, read the header, freeze the functions.
// Each step goes as far as it can, so that one look shows all faults.
#include "script/rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/hash.hpp"
#include "script/bytecode.hpp"
#include "script/declare.hpp"
#include "script/header.hpp"
#include "script/library.hpp"
#include "script/load.hpp"
#include "script/sandbox.hpp"
#include "script/source.hpp"

namespace lineup {

namespace {

using Names = std::vector<std::string>;

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What people know from Lua elsewhere and look for in vain.
const Names kAbsent = {
    "_G",           "_VERSION",     "collectgarbage", "coroutine", "debug",  "dofile",
    "getmetatable", "io",           "load",           "loadfile",  "next",   "os",
    "package",      "print",        "rawequal",       "rawget",    "rawlen", "rawset",
    "require",      "setmetatable", "xpcall"};

// LIMIT: names reported of one file; more help nobody, and each is looked for in the text.
constexpr std::size_t kFaultsMax = 50;

class Loader {
 public:
  Loader(RuleFile& file, const ScriptLimits& limits, Diagnostics& diagnostics)
      : file_(file),
        limits_(limits),
        diagnostics_(diagnostics),
        source_(file.path, file.source),
        sandbox_(limits.state_bytes_max) {}

  void run() {
    if (sandbox_.state() == nullptr) {
      diagnostics_.error(whole(), "script/memory", "there is no memory for a Lua state");
      return;
    }
    sandbox_.begin({limits_.load_instructions_max, limits_.load_ns_max});
    if (!sandbox_.protect([](lua_State* L) { open_rule_state(L); })) return report_run();
    if (!sandbox_.protect([this](lua_State* L) {
          push_chunk(L, file_.source);
          check_globals(L);
        })) {
      return report_syntax();
    }
    const bool named_well = !diagnostics_.has_errors();
    const bool ran = sandbox_.protect([this](lua_State* L) {
      push_chunk(L, file_.source);
      const unsigned line = run_chunk(L);
      read_header(L, source_, line, file_, diagnostics_);
    });
    // What stopped the run is most likely a name that was reported already.
    if (!ran && named_well) report_run();
  }

 private:
  Span whole() const { return {file_.path, 0, 0, 0, 0}; }

  void report_run() {
    const bool is_budget = sandbox_.breach() != Breach::None;
    diagnostics_.error(source_.span_of_sentence(sandbox_.fault_line(), sandbox_.fault()),
                       is_budget ? "script/budget" : "script/run", sandbox_.fault());
  }

  void report_syntax() {
    if (sandbox_.breach() != Breach::None) return report_run();
    diagnostics_.error(syntax_span(sandbox_.fault_line(), sandbox_.fault()), "script/syntax",
                       sandbox_.fault());
  }

  // Lua names the offending token. When its line has several that look alike, the right one is the
  // first whose prefix of the file is already wrong.
  Span syntax_span(std::uint32_t line, const std::string& message) {
    const auto near = message.rfind(" near `");
    const auto& tokens = source_.tokens();
    if (near == std::string::npos) {
      const bool at_end = message.find("near <eof>") != std::string::npos && !tokens.empty();
      return at_end ? source_.span(tokens.size() - 1, tokens.size() - 1) : source_.line_span(line);
    }
    const std::string wanted = message.substr(near + 7, message.rfind('`') - near - 7);
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (tokens[i].end_line == line && tokens[i].text == wanted) found.push_back(i);
    }
    if (found.empty()) return source_.line_span(line);
    const auto first =
        std::partition_point(found.begin(), found.end() - 1,
                             [this](std::size_t token) { return !is_wrong_up_to(token); });
    return source_.span(*first, *first);
  }

  bool is_wrong_up_to(std::size_t token) {
    const std::string_view text = source_.tokens()[token].text;
    const auto size = static_cast<std::size_t>(text.data() + text.size() - file_.source.data());
    const bool good = sandbox_.protect([this, size](lua_State* L) {
      push_chunk(L, std::string_view(file_.source).substr(0, size));
    });
    return !good && sandbox_.fault().find("near <eof>") == std::string::npos;
  }

  // Every global the file names, whether the code runs or not.
  void check_globals(lua_State* L) {
    const Names globals = global_names(L);
    std::set<NameUse> seen;
    for (const NameUse& use : global_uses(L)) {
      if (!seen.insert(use).second) continue;
      if (diagnostics_.all().size() >= kFaultsMax) return;
      if (use.kind == NameUse::Kind::WriteGlobal) report_write(use);
      if (use.kind == NameUse::Kind::ReadGlobal && !contains(globals, use.name)) {
        report_name(use, use.name, globals, "script/undeclared-global",
                    "undeclared global `" + use.name + "`");
      }
      if (use.kind != NameUse::Kind::ReadField) continue;
      const Names fields = library_names(L, use.name.c_str());
      if (fields.empty() || contains(fields, use.field)) continue;
      report_name(use, use.field, fields, "script/forbidden-function",
                  "rules have no `" + use.name + "." + use.field + "`");
    }
  }

  void report_write(const NameUse& use) {
    diagnostics_
        .error(source_.name_span(use.line, use.name), "script/global-write",
               fmt::format("assigns the global `{}`", use.name),
               fmt::format("a rule keeps no state: write `local {}`", use.name))
        .arguments = {{"name", use.name}};
  }

  void report_name(const NameUse& use, const std::string& name, const Names& known,
                   const char* code, std::string message) {
    const std::string near = nearest(name, known);
    std::string hint = near.empty() ? "" : fmt::format("did you mean `{}`?", near);
    if (contains(kAbsent, name)) hint = "rules run without it";
    diagnostics_.error(source_.name_span(use.line, name), code, std::move(message), hint)
        .arguments = {{"name", name}};
  }

  RuleFile& file_;
  const ScriptLimits& limits_;
  Diagnostics& diagnostics_;
  Source source_;
  Sandbox sandbox_;
};

}  // namespace

std::shared_ptr<const RuleFile> load_rule(std::string path, std::string source,
                                          const ScriptLimits& limits, Diagnostics& diagnostics) {
  auto file = std::make_shared<RuleFile>();
  file->path = std::move(path);
  file->hash = content_hash(source);
  if (source.substr(0, 3) == "\xEF\xBB\xBF") source.erase(0, 3);  // a mark that some editors write
  file->source = std::move(source);
  Diagnostics found;
  if (file->source.size() > limits.source_bytes_max) {
    found.error({file->path, 0, 0, 0, 0}, "script/too-large",
                fmt::format("the file has {} bytes; at most {} are read", file->source.size(),
                            limits.source_bytes_max));
  } else {
    Loader(*file, limits, found).run();
  }
  found.sort();
  const bool failed = found.has_errors();
  diagnostics.append(found);
  return failed ? nullptr : std::move(file);
}

}  // namespace lineup
