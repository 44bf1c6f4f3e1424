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
    Judgement broken();
    Judgement broken(std::string_view wanted);

    State& state_;
    const RuleFile& rule_;
    int function_;  // stack index; its arguments `p` stand right above
    bool is_score_;
  };

  State(std::span<const CodeUse> uses, const Schema& schema, const ContextLayout& context,
        const ScriptLimits& script_limits)
      : limits(script_limits),
        code_uses(uses.begin(), uses.end()),
        views(schema, context, merge_conditions(uses)),
        sandbox(script_limits.state_bytes_max) {
    fault.reserve(kFaultBytes);
  }

  // Loads every use; the last one that was tried is `loading`.
  bool open() {
    if (sandbox.state() == nullptr) return false;
    sandbox.host = &views;
    sandbox.begin({limits.load_instructions_max, limits.load_ns_max});
    if (!sandbox.protect([this](lua_State* L) {
          open_rule_state(L);
          views.open(L);
        })) {
      return false;
    }
    for (const CodeUse& use : code_uses) {
      loading = use.rule.get();
      sandbox.begin({limits.load_instructions_max, limits.load_ns_max});
      if (!load(use)) return false;
    }
    return true;
  }

  // Leaves the function and its arguments on the state's stack.
  bool load(const CodeUse& use) {
    lua_State* L = sandbox.state();
    if (lua_checkstack(L, LUA_MINSTACK) == 0) return false;
    int function = LUA_NOREF;
    int arguments = LUA_NOREF;
    const bool loaded = sandbox.protect([&](lua_State* state) {
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
    codes.push_back(std::make_unique<Code>(*this, *use.rule, lua_gettop(L), use.is_score));
    lua_rawgeti(L, LUA_REGISTRYINDEX, arguments);
    return true;
  }

  ScriptLimits limits;
  std::vector<CodeUse> code_uses;
  Views views;
  Sandbox sandbox;  // after what its scripts see
  std::vector<std::unique_ptr<Code>> codes;
  const RuleFile* loading = nullptr;
  std::string fault;
};

Judgement ScriptWorker::State::Code::judge(const Prefix& prefix, std::uint32_t row) {
  Sandbox& sandbox = state_.sandbox;
  if (sandbox.is_spent()) {
    state_.fault.assign(rule_.path.substr(0, kFaultBytes / 2));
    state_.fault += ": the state ran out of memory before";
    return {true, 0, 0.0};
  }
  lua_State* L = sandbox.state();
  state_.views.set_slate(prefix.rows);
  sandbox.begin({state_.limits.call_instructions_max, state_.limits.call_ns_max});
  lua_pushvalue(L, function_);
  Views::push_item(L, row);
  Views::push_slate(L);
  Views::push_context(L);
  lua_pushvalue(L, function_ + 1);
  if (!sandbox.call(4, 1)) return broken();
  const Judgement judgement = answer();
  lua_pop(L, 1);
  return judgement;
}

// Reads the answer on top of the stack.
Judgement ScriptWorker::State::Code::answer() {
  lua_State* L = state_.sandbox.state();
  if (!is_score_) {
    if (lua_type(L, -1) != LUA_TBOOLEAN) return broken("`allow` must answer true or false");
    return {false, lua_toboolean(L, -1) != 0 ? 0U : 1U, 0.0};
  }
  const bool is_number = lua_type(L, -1) == LUA_TNUMBER;
  const double value = is_number ? lua_tonumber(L, -1) : 0.0;
  if (!is_number || !std::isfinite(value)) return broken("`score` must answer a finite number");
  return {false, 0, 0.0 - value};
}

Judgement ScriptWorker::State::Code::broken() {
  const Sandbox& sandbox = state_.sandbox;
  state_.fault.clear();
  fmt::format_to(std::back_inserter(state_.fault), "{}:{}: {}",
                 std::string_view(rule_.path).substr(0, kFaultBytes / 4), sandbox.fault_line(),
                 sandbox.fault());
  return {true, 0, 0.0};
}

Judgement ScriptWorker::State::Code::broken(std::string_view wanted) {
  lua_State* L = state_.sandbox.state();
  state_.fault.clear();
  fmt::format_to(std::back_inserter(state_.fault), "{}: {}, got {}",
                 std::string_view(rule_.path).substr(0, kFaultBytes / 4), wanted,
                 lua_type(L, -1) == LUA_TNUMBER ? "one that is not" : luaL_typename(L, -1));
  return {true, 0, 0.0};
}

ScriptWorker::ScriptWorker(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScriptWorker::~ScriptWorker() = default;

Result<std::unique_ptr<ScriptWorker>> ScriptWorker::create(std::span<const CodeUse> uses,
                                                           const Schema& schema,
                                                           const ContextLayout& context,
                                                           const ScriptLimits& limits) {
  auto state = std::make_unique<State>(uses, schema, context, limits);
  if (!state->open()) {
    const std::string path =
        state->loading == nullptr
            ? ""
            : state->loading->path + ":" + std::to_string(state->sandbox.fault_line()) + ": ";
    return failure("script/worker",
                   path + (state->sandbox.fault().empty() ? "there is no memory for a Lua state"
                                                          : state->sandbox.fault()));
  }
  return std::unique_ptr<ScriptWorker>(new ScriptWorker(std::move(state)));
}

void ScriptWorker::bind(const Batch& batch, const RequestContext& context,
                        std::uint32_t slot_count) {
  state_->views.bind(batch, context, slot_count);
}

Opaque* ScriptWorker::opaque(std::uint32_t index) { return state_->codes[index].get(); }
std::string_view ScriptWorker::last_fault() const { return state_->fault; }
bool ScriptWorker::is_spent() const { return state_->sandbox.is_spent(); }
std::size_t ScriptWorker::memory_bytes() const { return state_->sandbox.memory_bytes(); }

}  // namespace lineup
