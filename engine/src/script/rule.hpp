// SPDX-License-Identifier: Apache-2.0
//
// A rule file: a Lua file that declares what a rule is called, which parameters it takes and which
// constraints it becomes. This header is all that the rest of the engine sees of Lua.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "base/value.hpp"
#include "constraint/compile.hpp"

namespace lineup {

// What scripts may use. LIMIT: see engine/ARCHITECTURE.md for why these numbers.
struct ScriptLimits {
  std::size_t source_bytes_max = 256 * 1024;
  std::int64_t load_ns_max = 50'000'000;  // compile and top level, and `constraints`
  std::uint64_t load_instructions_max = 5'000'000;
  std::uint64_t call_instructions_max = 100'000;  // one `allow` or `score`
  std::int64_t call_ns_max = 2'000'000;
  std::size_t state_bytes_max = 16 * 1024 * 1024;
};

enum class ParameterType : std::uint8_t {
  Integer,
  Number,
  Amount,  // a count, or a share of the slots such as '10%'
  Boolean,
  Text,
  Condition,
  Column,
  Columns,  // one or several
  Slots,    // 3, '1..4' or a list of these
  List,     // the name of a list of ids
  Id,
  Choice
};

struct ParameterSpec {
  std::string name;
  ParameterType type = ParameterType::Number;
  std::string about;
  std::optional<Value> default_value;  // none: the parameter must be given, unless `optional`
  bool optional = false;
  std::optional<double> min;
  std::optional<double> max;
  std::vector<std::string> choices;  // Choice
};

// The word of a rule file: "integer", "columns", ...
[[nodiscard]] std::string_view name_of(ParameterType type);

// Something outside the rule that its code reads, as far as the text shows it.
struct CodeRead {
  enum class Kind : std::uint8_t { Column, Context, Condition };
  Kind kind = Kind::Column;
  std::string text;  // a column, a path of the context, a condition
  Span span;
  bool is_value = false;  // Column: the value itself is read, not how it compares
};

// A rule file that was loaded. Immutable; keeps its source, from which workers load their states.
struct RuleFile {
  std::string name;
  std::string about;
  std::string path;  // as shown in messages
  std::string source;
  std::string hash;  // content hash of the source
  std::vector<ParameterSpec> parameters;
  bool required_by_default = false;  // `required = true` in the header (block)
  bool remember = true;              // `remember = false` in the header: its code always runs
  bool has_constraints = false;
  bool has_allow = false;
  bool is_vectorised = false;  // `allow` is `allow_all`: of whole columns
  bool has_score = false;
  std::vector<CodeRead> reads;  // of `allow` and `score`
  std::vector<Span> loops;      // where these go through the slate row by row
};

// Loads one rule file in a sandboxed state of its own. All faults go to `diagnostics` with line and
// column (codes script/...); null when there was an error. [control]
[[nodiscard]] std::shared_ptr<const RuleFile> load_rule(std::string path, std::string source,
                                                        const ScriptLimits& limits,
                                                        Diagnostics& diagnostics);

// Checks `with` (a map, or Null for none) against the parameters: unknown names (with the nearest),
// wrong types, bounds, missing ones; fills in defaults. The result is a map with every parameter
// that has a value. False when there was an error. [control]
bool check_arguments(const RuleFile& rule, const Value& with, Value& out, Diagnostics& diagnostics);

// Looks up what the arguments and the code name: columns, lists, conditions. Faults are reported
// where the policy (or, for the rule's own code, the rule file) names them. Context paths that the
// code reads are added to the scope's layout. `conditions` gets what code may count by: for
// CodeUse. False when there was an error. [control]
bool bind_names(const RuleFile& rule, const Value& arguments, const ConditionScope& scope,
                std::vector<Condition>& conditions, Diagnostics& diagnostics);

// Warns of what keeps calls of the rule's code from being remembered, as far as its text shows it:
// values that hardly repeat, and going through the slate. [control]
void warn_not_remembered(const RuleFile& rule, const Schema& schema, Diagnostics& diagnostics);

// Runs `constraints(p)` in a fresh state and returns what the rule becomes; a rule with `allow` or
// `score` yields one Spec of Kind::Code for each. Live numbers (Value::live >= 0) may only be
// handed through to a constraint's field: computing with one is an error that says so. [control]
[[nodiscard]] std::optional<std::vector<Spec>> make_specs(const RuleFile& rule,
                                                          const Value& arguments,
                                                          const ScriptLimits& limits,
                                                          Diagnostics& diagnostics);

// One use of a code rule in a plan: what a worker needs to warm its state.
struct CodeUse {
  std::shared_ptr<const RuleFile> rule;
  Value arguments;                    // checked, defaults filled in
  bool is_score = false;              // `score`, else `allow`
  std::vector<Condition> conditions;  // from bind_names
};

// What code rules were found to answer, shared by all workers of a revision.
class Recall;
[[nodiscard]] std::shared_ptr<Recall> make_recall(std::size_t uses);

// Calls of code rules, those that were looked up, and those that were answered from memory.
struct CallCounts {
  std::uint64_t calls = 0;
  std::uint64_t looked_up = 0;
  std::uint64_t remembered = 0;
};

// The Lua states of one worker for one revision: one state, every code rule loaded and warmed
// before the revision is published. Used by one thread at a time; allocates nothing outside its
// capped Lua heap while serving.
class ScriptWorker {
 public:
  // `context` is the finished layout of the plan: all names were bound. Workers that are made with
  // the same `recall` (of as many uses) and the same arguments share what they find out; without
  // one, a worker keeps it for itself. [control]
  [[nodiscard]] static Result<std::unique_ptr<ScriptWorker>> create(
      std::span<const CodeUse> uses, const Schema& schema, const ContextLayout& context,
      const ScriptLimits& limits, std::shared_ptr<Recall> recall = nullptr);
  ~ScriptWorker();
  ScriptWorker(const ScriptWorker&) = delete;
  ScriptWorker& operator=(const ScriptWorker&) = delete;

  // Binds the states to one request; the batch and context must live until the next bind. The
  // number of slots of the page is what `context.page` says. [request]
  void bind(const Batch& batch, const RequestContext& context, std::uint32_t slot_count);
  // The opaque constraint of uses[index]: valid until the worker dies. [request]
  [[nodiscard]] Opaque* opaque(std::uint32_t index);
  // What the last Judgement{broken} was about: "rules/x.lua:12: used up its 100000 instructions".
  [[nodiscard]] std::string_view last_fault() const;
  // Whether the state ran out of memory and is not trusted any more: every judgement is then
  // broken until the next bind(), which makes it anew. [request]
  [[nodiscard]] bool is_spent() const;
  [[nodiscard]] std::size_t memory_bytes() const;
  // Since the worker was made. [any]
  [[nodiscard]] CallCounts calls() const;

 private:
  struct State;
  explicit ScriptWorker(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace lineup
