// SPDX-License-Identifier: Apache-2.0
//
// One state holds every code rule of a plan: function, arguments and item of each use stand on its
// stack for good, so that a call is five pushes and a protected call. Nothing a script can reach
// outlives a call (freeze.hpp), so the rules of a state do not see each other.
//
// A call is looked up first (recall.hpp). What runs is written down and remembered, unless it came
// near its budget: the questions of another request may cost more, and a call that is remembered
// must be one that would have ended well there too.
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "script/bytecode.hpp"
#include "script/declare.hpp"
#include "script/freeze.hpp"
#include "script/lanes.hpp"
#include "script/load.hpp"
#include "script/replay.hpp"
#include "script/rule.hpp"
#include "script/sandbox.hpp"
#include "script/views.hpp"

namespace lineup {

namespace {

// Room for a fault with its place, taken once: serving allocates nothing.
constexpr std::size_t kFaultBytes = 1024;
// What a question can cost at most, and what Lua may have run since it was last counted.
constexpr std::uint64_t kQuestionUnitsMax = 1 + kSlotsMax / 4;
constexpr std::uint64_t kUncountedMax = 1000;

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
    Code(State& state, const RuleFile& rule, std::size_t use, bool is_score)
        : state_(state),
          rule_(rule),
          use_(use),
          function_(kFirstFunction + kSlotsPerUse * static_cast<int>(use)),
          is_score_(is_score),
          is_whole_(rule.is_vectorised && !is_score) {}

    Judgement judge(const Prefix& prefix, std::uint32_t row) override;
    void set_straight(bool is_straight) { is_straight_ = is_straight; }

    // A new request: nothing of the last one's is known any more.
    void forget() { masks_ = {}; }

   private:
    // What `allow_all` said of all rows for a page so far.
    struct Verdict {
      std::uint32_t* rows = nullptr;  // the page
      Word* allowed = nullptr;        // null: never asked
      bool is_known = false;
    };

    Judgement judge_whole(std::span<const std::uint32_t> rows, std::uint32_t row);
    bool ask_whole(std::span<const std::uint32_t> rows, Verdict& verdict, Judgement& fault);
    bool read_mask(Word* allowed, std::uint32_t row_count);
    Judgement run();
    bool call();
    [[nodiscard]] Judgement judgement(double value) const;
    // What the function answered, if that is one.
    bool answer(double& value);
    Judgement broken(std::uint32_t line, std::string_view what, std::string_view more = {});

    State& state_;
    const RuleFile& rule_;
    std::size_t use_;
    int function_;  // stack index; its arguments `p` and the item stand right above
    bool is_score_;
    bool is_straight_ = false;
    bool is_whole_;
    std::span<Verdict> masks_;  // by length of the page; in the request's memory
  };

  State(std::span<const CodeUse> uses, const Schema& schema, const ContextLayout& context,
        const ScriptLimits& script_limits, std::shared_ptr<Recall> recall)
      : limits(script_limits),
        code_uses(uses.begin(), uses.end()),
        facts(schema, context, merge_conditions(uses)),
        replay(facts, std::move(recall), uses.size()),
        views(facts, replay) {
    last_fault.reserve(kFaultBytes);
    for (const CodeUse& use : code_uses) {
      codes.push_back(std::make_unique<Code>(*this, *use.rule, codes.size(), use.is_score));
      if (!use.rule->remember) replay.turn_off(codes.size() - 1);
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
    bool is_straight = false;
    const bool loaded = sandbox->protect([&](lua_State* state) {
      push_chunk(state, use.rule->source);
      run_chunk(state);
      const char* allow = use.rule->is_vectorised ? "allow_all" : "allow";
      lua_getfield(state, -1, use.is_score ? "score" : allow);
      const auto faults = freeze_function(state);
      if (!faults.empty()) luaL_error(state, "%s", faults.front().message.c_str());
      is_straight = runs_straight(state);
      function = luaL_ref(state, LUA_REGISTRYINDEX);
      push_arguments(state, *use.rule, use.arguments);
      arguments = luaL_ref(state, LUA_REGISTRYINDEX);
    });
    if (!loaded) return false;
    codes[static_cast<std::size_t>(&use - code_uses.data())]->set_straight(is_straight);
    lua_rawgeti(L, LUA_REGISTRYINDEX, function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, arguments);
    Views::push_item(L);
    return true;
  }

  // Slot 1 of the stack belongs to the sandbox; then come the uses.
  static constexpr int kFirstFunction = 2;
  static constexpr int kSlotsPerUse = 3;

  ScriptLimits limits;
  std::vector<CodeUse> code_uses;
  Facts facts;
  Replay replay;
  Views views;
  std::unique_ptr<Sandbox> sandbox;
  bool is_open = false;  // every use is loaded
  std::vector<std::unique_ptr<Code>> codes;
  const RuleFile* loading = nullptr;
  std::string last_fault;
};

Judgement ScriptWorker::State::Code::judge(const Prefix& prefix, std::uint32_t row) {
  if (state_.is_unfit()) return broken(0, "the state ran out of memory before");
  if (is_whole_) return judge_whole(prefix.rows, row);
  state_.facts.set_page(prefix.rows, row);
  if (!state_.replay.is_on(use_)) {
    state_.replay.pass();
    return run();
  }
  if (const auto value = state_.replay.replay(use_)) return judgement(*value);
  state_.replay.begin();
  const Judgement said = run();
  state_.replay.end();
  return said;
}

// Leaves the function's answer on the stack.
bool ScriptWorker::State::Code::call() {
  Sandbox& box = *state_.sandbox;
  lua_State* L = box.state();
  box.begin({state_.limits.call_instructions_max, state_.limits.call_ns_max}, is_straight_);
  lua_pushvalue(L, function_);
  is_whole_ ? Views::push_items(L) : lua_pushvalue(L, function_ + 2);
  Views::push_slate(L);
  Views::push_context(L);
  lua_pushvalue(L, function_ + 1);
  return box.call(4, 1);
}

// One call judges all rows for a page; the search then asks for them one by one, and comes back to
// pages that it left.
Judgement ScriptWorker::State::Code::judge_whole(std::span<const std::uint32_t> rows,
                                                 std::uint32_t row) {
  Arena& arena = state_.facts.arena();
  if (masks_.empty()) masks_ = arena.filled<Verdict>(kSlotsMax + std::size_t{1}, Verdict{});
  if (rows.size() >= masks_.size()) return broken(0, "the page is longer than any page");
  Verdict& verdict = masks_[rows.size()];
  if (!verdict.is_known || !std::equal(rows.begin(), rows.end(), verdict.rows)) {
    Judgement fault;
    if (!ask_whole(rows, verdict, fault)) return fault;
  }
  return {false, test_bit(verdict.allowed, row) ? 0U : 1U, 0.0};
}

bool ScriptWorker::State::Code::ask_whole(std::span<const std::uint32_t> rows, Verdict& verdict,
                                          Judgement& fault) {
  Facts& facts = state_.facts;
  facts.set_page(rows, 0);
  facts.scratch().reset();
  state_.replay.pass();
  if (!call()) {
    fault = broken(state_.sandbox->fault_line(), state_.sandbox->fault());
    return false;
  }
  const std::uint32_t row_count = facts.batch().rows.row_count;
  if (verdict.allowed == nullptr) {
    verdict.rows = facts.arena().allocate<std::uint32_t>(rows.size()).data();
    verdict.allowed = facts.arena().allocate<Word>(word_count(row_count)).data();
  }
  lua_State* L = state_.sandbox->state();
  const char* got = luaL_typename(L, -1);
  verdict.is_known = read_mask(verdict.allowed, row_count);
  lua_pop(L, 1);
  if (!verdict.is_known) {
    fault = broken(0, "`allow_all` must answer a mask, true or false, got ", got);
    return false;
  }
  std::copy(rows.begin(), rows.end(), verdict.rows);
  return true;
}

// Reads the answer on top of the stack.
bool ScriptWorker::State::Code::read_mask(Word* allowed, std::uint32_t row_count) {
  lua_State* L = state_.sandbox->state();
  const std::span<Word> out(allowed, word_count(row_count));
  if (lua_type(L, -1) == LUA_TBOOLEAN) {
    set_first(out, lua_toboolean(L, -1) != 0 ? row_count : 0);
    return true;
  }
  const Lanes* lanes = lanes_at(L, -1);
  const Word* mask = lanes == nullptr ? nullptr : LaneWork(state_.facts).mask_of(*lanes);
  if (mask != nullptr) std::copy_n(mask, out.size(), allowed);
  return mask != nullptr;
}

Judgement ScriptWorker::State::Code::run() {
  Sandbox& box = *state_.sandbox;
  lua_State* L = box.state();
  const std::uint64_t budget = state_.limits.call_instructions_max;
  if (!call()) return broken(box.fault_line(), box.fault());
  double value = 0.0;
  const bool is_answer = answer(value);
  // What is no answer is a constant of Lua's: a type's name.
  const char* got = luaL_typename(L, -1);
  const bool is_number = lua_type(L, -1) == LUA_TNUMBER;
  lua_pop(L, 1);
  if (!is_answer) {
    return is_score_ ? broken(0, "`score` must answer a finite number, got ",
                              is_number ? "one that is not" : got)
                     : broken(0, "`allow` must answer true or false, got ", got);
  }
  Replay& replay = state_.replay;
  const std::uint64_t most = box.used() + kUncountedMax + replay.charged() * kQuestionUnitsMax;
  if (replay.is_recording() && most <= budget) replay.keep(use_, value);
  return judgement(value);
}

// The value of a call: what `score` answered, or 1 when `allow` did not allow.
bool ScriptWorker::State::Code::answer(double& value) {
  lua_State* L = state_.sandbox->state();
  if (is_score_) {
    value = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    return std::isfinite(value);
  }
  value = lua_toboolean(L, -1) != 0 ? 0.0 : 1.0;
  return lua_type(L, -1) == LUA_TBOOLEAN;
}

Judgement ScriptWorker::State::Code::judgement(double value) const {
  if (is_score_) return {false, 0, 0.0 - value};
  return {false, value == 0.0 ? 0U : 1U, 0.0};
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

std::shared_ptr<Recall> make_recall(std::size_t uses) { return std::make_shared<Recall>(uses); }

ScriptWorker::ScriptWorker(std::unique_ptr<State> state) : state_(std::move(state)) {}
ScriptWorker::~ScriptWorker() = default;

Result<std::unique_ptr<ScriptWorker>> ScriptWorker::create(std::span<const CodeUse> uses,
                                                           const Schema& schema,
                                                           const ContextLayout& context,
                                                           const ScriptLimits& limits,
                                                           std::shared_ptr<Recall> recall) {
  if (recall == nullptr) recall = make_recall(uses.size());
  auto state = std::make_unique<State>(uses, schema, context, limits, std::move(recall));
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
  state_->facts.bind(batch, context, slot_count);
  state_->replay.bind();
  for (const auto& code : state_->codes) code->forget();
}

CallCounts ScriptWorker::calls() const { return state_->replay.counts(); }
Opaque* ScriptWorker::opaque(std::uint32_t index) { return state_->codes[index].get(); }
std::string_view ScriptWorker::last_fault() const { return state_->last_fault; }
bool ScriptWorker::is_spent() const { return state_->is_unfit(); }
std::size_t ScriptWorker::memory_bytes() const { return state_->sandbox->memory_bytes(); }

}  // namespace lineup
