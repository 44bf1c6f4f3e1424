// SPDX-License-Identifier: Apache-2.0
//
// One state holds every code rule of a plan: file, function and arguments of each use stand on its
// stack for good, so that a call is four pushes and a protected call. Nothing a script can reach
// outlives a call (freeze.hpp), so the rules of a state do not see each other.
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "script/declare.hpp"
#include "script/freeze.hpp"
#include "script/load.hpp"
#include "script/rule.hpp"
#include "script/sandbox.hpp"
#include "script/views.hpp"

namespace lineup {

namespace {

// Room for a fault with its place, taken once: serving allocates nothing.
constexpr std::size_t kFaultBytes = 1024;

// The conditions of all uses, each text once.
std::vector<Condition> merge_conditions(std::span<const CodeUse> uses) {
  std::map<std::string, Condition> merged;
  for (const CodeUse& use : uses) {
    for (const Condition& condition : use.conditions) merged.emplace(condition.text(), condition);
  }
  std::vector<Condition> out;
  for (auto& entry : merged) out.push_back(std::move(entry.second));
  return out;
}

}  // namespace

struct ScriptWorker::State {
  // One use as the builder calls it.
  class Code : public Opaque {
   public:
    Code(State& state, const RuleFile& rule, int function, bool is_score)
        : state_(state), rule_(rule), function_(function), is_score_(is_score) {}

    Judgement judge(const Prefix& prefix, std::uint32_t row) override;

   private:
    Judgement answer();
    Judgement broken(std::uint32_t line, std::string_view what, std::string_view more = {});

    State& state_;
    const RuleFile& rule_;
    int function_;  // stack index; its arguments `p` stand right above
    bool is_score_;
  };

  State(std::span<const CodeUse> uses, const Schema& schema, const ContextLayout& context,
        const ScriptLimits& script_limits)
      : limits(script_limits),
        code_uses(uses.begin(), uses.end()),
        views(schema, context, merge_conditions(uses)) {
    last_fault.reserve(kFaultBytes);
    for (const CodeUse& use : code_uses) {
      const int function = kFirstFunction + 2 * static_cast<int>(codes.size());
      codes.push_back(std::make_unique<Code>(*this, *use.rule, function, use.is_score));
    }
  }

  // Makes the Lua state and loads every use; the last one that was tried is `loading`. Called again
  // when the state is spent.
  bool open() {
    sandbox = std::make_unique<Sandbox>(limits.state_bytes_max);
    if (sandbox->state() == nullptr) return false;
    sandbox->views = &views;
    sandbox->begin({limits.load_instructions_max, limits.load_ns_max});
    if (!sandbox->protect([this](lua_State* L) {
          open_rule_state(L);
          views.open(L);
        })) {
      return false;
    }
    for (const CodeUse& use : code_uses) {
      loading = use.rule.get();
      sandbox->begin({limits.load_instructions_max, limits.load_ns_max});
      if (!load(use)) return false;
    }
    return true;
  }

  [[nodiscard]] bool is_unfit() const { return !is_open || sandbox->is_spent(); }

  // Leaves the function and its arguments on the state's stack.
  bool load(const CodeUse& use) {
    lua_State* L = sandbox->state();
    if (lua_checkstack(L, LUA_MINSTACK) == 0) return false;
    int function = LUA_NOREF;
    int arguments = LUA_NOREF;
    const bool loaded = sandbox->protect([&](lua_State* state) {
      push_chunk(state, use.rule->source);
      run_chunk(state);
      lua_getfield(state, -1, use.is_score ? "score" : "allow");
      const auto faults = freeze_function(state);
      if (!faults.empty()) luaL_error(state, "%s", faults.front().message.c_str());
      function = luaL_ref(state, LUA_REGISTRYINDEX);
      push_arguments(state, *use.rule, use.arguments);
      arguments = luaL_ref(state, LUA_REGISTRYINDEX);
    });
    if (!loaded) return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, arguments);
    return true;
  }

  // Slot 1 of the stack belongs to the sandbox; then come the uses, two slots each.
  static constexpr int kFirstFunction = 2;

  ScriptLimits limits;
  std::vector<CodeUse> code_uses;
  Views views;
  std::unique_ptr<Sandbox> sandbox;
  bool is_open = false;  // every use is loaded
  std::vector<std::unique_ptr<Code>> codes;
  const RuleFile* loading = nullptr;
  std::string last_fault;
};

Judgement ScriptWorker::State::Code::judge(const Prefix& prefix, std::uint32_t row) {
  Sandbox& box = *state_.sandbox;
  if (state_.is_unfit()) {
    return broken(0, "the state ran out of memory before");
  }
  lua_State* L = box.state();
  state_.views.set_slate(prefix.rows);
  box.begin({state_.limits.call_instructions_max, state_.limits.call_ns_max});
  lua_pushvalue(L, function_);
  Views::push_item(L, row);
  Views::push_slate(L);
  Views::push_context(L);
  lua_pushvalue(L, function_ + 1);
  if (!box.call(4, 1)) return broken(box.fault_line(), box.fault());
  const Judgement judgement = answer();
  lua_pop(L, 1);
  return judgement;
}

// Reads the answer on top of the stack.
Judgement ScriptWorker::State::Code::answer() {
  lua_State* L = state_.sandbox->state();
  const bool is_number = lua_type(L, -1) == LUA_TNUMBER;
  const char* got = luaL_typename(L, -1);
  if (!is_score_) {
    if (lua_type(L, -1) == LUA_TBOOLEAN) return {false, lua_toboolean(L, -1) != 0 ? 0U : 1U, 0.0};
    return broken(0, "`allow` must answer true or false, got ", got);
  }
  const double value = is_number ? lua_tonumber(L, -1) : 0.0;
  if (is_number && std::isfinite(value)) return {false, 0, 0.0 - value};
  return broken(0, "`score` must answer a finite number, got ",
                is_number ? "one that is not" : got);
}

// Writes into room that was taken when the worker was made.
Judgement ScriptWorker::State::Code::broken(std::uint32_t line, std::string_view what,
                                            std::string_view more) {
  std::string& fault = state_.last_fault;
  fault.assign(std::string_view(rule_.path).substr(0, kFaultBytes / 4));
  if (line > 0) fmt::format_to(std::back_inserter(fault), ":{}", line);
  fmt::format_to(std::back_inserter(fault), ": {}{}", what, more);
  return {true, 0, 0.0};
}

ScriptWorker::ScriptWorker(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScriptWorker::~ScriptWorker() = default;

Result<std::unique_ptr<ScriptWorker>> ScriptWorker::create(std::span<const CodeUse> uses,
                                                           const Schema& schema,
                                                           const ContextLayout& context,
                                                           const ScriptLimits& limits) {
  auto state = std::make_unique<State>(uses, schema, context, limits);
  state->is_open = state->open();
  if (!state->is_open) {
    const std::string path =
        state->loading == nullptr
            ? ""
            : state->loading->path + ":" + std::to_string(state->sandbox->fault_line()) + ": ";
    return failure("script/worker",
                   path + (state->sandbox->fault().empty() ? "there is no memory for a Lua state"
                                                           : state->sandbox->fault()));
  }
  return std::unique_ptr<ScriptWorker>(new ScriptWorker(std::move(state)));
}

void ScriptWorker::bind(const Batch& batch, const RequestContext& context,
                        std::uint32_t slot_count) {
  if (state_->is_unfit()) state_->is_open = state_->open();
  state_->views.bind(batch, context, slot_count);
}

Opaque* ScriptWorker::opaque(std::uint32_t index) { return state_->codes[index].get(); }
std::string_view ScriptWorker::last_fault() const { return state_->last_fault; }
bool ScriptWorker::is_spent() const { return state_->is_unfit(); }
std::size_t ScriptWorker::memory_bytes() const { return state_->sandbox->memory_bytes(); }

}  // namespace lineup
