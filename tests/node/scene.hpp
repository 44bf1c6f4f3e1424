// SPDX-License-Identifier: Apache-2.0
//
// A small policy and request to run nodes on, and a plugin whose functions a test writes as
// lambdas. No library is loaded: the tables stand in this program.
#pragma once

#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "lineup/ext/builder.h"
#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"
#include "node/host.hpp"
#include "node/run.hpp"

namespace lineup::testing {

// What the functions of the next instances do. A test sets what it needs.
struct Script {
  std::function<lineup_status(std::string, lineup_error_sink*)> create;
  std::function<lineup_status(const lineup_binder*, lineup_error_sink*)> activate;
  std::function<lineup_status(const lineup_call*, double* const*)> score;
  std::function<lineup_status(const lineup_call*, lineup_builder*)> generate;
  std::function<lineup_status(const lineup_call*, const lineup_slates*, double*)> evaluate;
  std::function<lineup_status(const lineup_call*, void**)> prepare;
  std::function<lineup_status(const lineup_call*, const lineup_page*, std::uint32_t,
                              lineup_judgement*)>
      judge;
  std::function<lineup_status(const lineup_page*, std::uint32_t, std::uint32_t*)> at_least;
  std::uint64_t state_size = 0;  // of a constraint that counts placed rows in a uint32_t
  int created = 0;
  int active = 0;
};

inline Script*& current_script() {
  static Script* script = nullptr;
  return script;
}

// The tables, all over the script that was current when an instance was made.
struct Tables {
  static Script& of(const lineup_instance* instance) {
    return *const_cast<Script*>(reinterpret_cast<const Script*>(instance));
  }
  static lineup_status create(const lineup_host*, lineup_text config, lineup_error_sink* errors,
                              lineup_instance** out) {
    Script& script = *current_script();
    if (script.create) {
      const lineup_status status = script.create({config.data, config.size}, errors);
      if (status != LINEUP_OK) return status;
    }
    ++script.created;
    *out = reinterpret_cast<lineup_instance*>(&script);
    return LINEUP_OK;
  }
  static lineup_status activate(lineup_instance* instance, const lineup_binder* binder,
                                lineup_error_sink* errors) {
    Script& script = of(instance);
    const lineup_status status = script.activate ? script.activate(binder, errors) : LINEUP_OK;
    if (status == LINEUP_OK) ++script.active;
    return status;
  }
  static void deactivate(lineup_instance* instance) { --of(instance).active; }
  static void destroy(lineup_instance* instance) { --of(instance).created; }
  static lineup_status score(lineup_instance* instance, const lineup_call* call,
                             double* const* outputs) {
    return of(instance).score(call, outputs);
  }
  static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                                lineup_builder* builder) {
    return of(instance).generate(call, builder);
  }
  static lineup_status evaluate(lineup_instance* instance, const lineup_call* call,
                                const lineup_slates* slates, double* values) {
    return of(instance).evaluate(call, slates, values);
  }
  static std::uint64_t state_size(const lineup_instance* instance) {
    return of(instance).state_size;
  }
  static lineup_status prepare(lineup_instance* instance, const lineup_call* call, void** out) {
    return of(instance).prepare ? of(instance).prepare(call, out) : LINEUP_OK;
  }
  static lineup_status begin(lineup_instance*, const lineup_call*, lineup_page* page) {
    *static_cast<std::uint32_t*>(page->state) = 0;
    return LINEUP_OK;
  }
  static lineup_status judge(lineup_instance* instance, const lineup_call* call,
                             const lineup_page* page, std::uint32_t row, lineup_judgement* out) {
    return of(instance).judge(call, page, row, out);
  }
  static lineup_status place(lineup_instance*, const lineup_call*, lineup_page* page,
                             std::uint32_t) {
    ++*static_cast<std::uint32_t*>(page->state);
    return LINEUP_OK;
  }
  static lineup_status at_least(lineup_instance* instance, const lineup_call*,
                                const lineup_page* page, std::uint32_t slots_left,
                                std::uint32_t* out) {
    if (!of(instance).at_least) return LINEUP_OK;
    return of(instance).at_least(page, slots_left, out);
  }
  static const void* extension(const char* id) {
    static constexpr lineup_scorer kScorer = {sizeof(lineup_scorer), 0, score};
    static constexpr lineup_generator kGenerator = {sizeof(lineup_generator), 0, generate};
    static constexpr lineup_evaluator kEvaluator = {sizeof(lineup_evaluator), 0, evaluate};
    static constexpr lineup_constraint kConstraint = {
        sizeof(lineup_constraint), 0, state_size, prepare, begin, judge, place, at_least};
    if (std::strcmp(id, LINEUP_EXT_SCORER) == 0) return &kScorer;
    if (std::strcmp(id, LINEUP_EXT_GENERATOR) == 0) return &kGenerator;
    if (std::strcmp(id, LINEUP_EXT_EVALUATOR) == 0) return &kEvaluator;
    if (std::strcmp(id, LINEUP_EXT_CONSTRAINT) == 0) return &kConstraint;
    return nullptr;
  }
};

inline std::shared_ptr<NodeType> scripted(Script& script, lineup_kind kind,
                                          ThreadClass threads = ThreadClass::Reentrant) {
  static constexpr lineup_node_type kTable = {
      sizeof(lineup_node_type),     LINEUP_KIND_SCORER, "scripted",
      "dev.lineup.test.scripted/1", Tables::create,     Tables::activate,
      Tables::deactivate,           Tables::destroy,    Tables::extension};
  current_script() = &script;
  auto type = std::make_shared<NodeType>();
  type->kind = kind;
  type->name = "scripted";
  type->threads = threads;
  type->table = &kTable;
  type->host = host_for("scripted");
  return type;
}

inline const lineup_host_builder& builders() {
  const lineup_host* host = host_for("scripted");
  return *static_cast<const lineup_host_builder*>(host->extension(host, LINEUP_HOST_BUILDER));
}

inline lineup_text text(const char* words) { return {words, std::strlen(words)}; }

// Six films with a score, a genre, tags, a flag and an embedding; two of history.
class Scene {
 public:
  static constexpr std::uint32_t kRows = 6;
  static constexpr std::uint32_t kSlots = 3;

  Scene() {
    add("score", ColumnType::Float);
    add("genre", ColumnType::Category);
    add("tags", ColumnType::Categories);
    add("is_new", ColumnType::Bool);
    add("votes", ColumnType::Integer);
    add("released", ColumnType::Time);
    add("vector", ColumnType::Embedding);
    add("absent", ColumnType::Float);
    objectives = {{"relevance", 0}, {"novelty", -1}};
    layout.schema = &schema;
    layout.context = &context;
    layout.objectives = objectives;
    layout.rows_max = 100;
    layout.slots_max = 10;
    layout.threads_max = 3;
    layout.history_max = 10;
    fill();
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  [[nodiscard]] NodeRequest request() {
    NodeRequest request;
    request.schema = &schema;
    request.batch = &batch;
    request.context.context = context_values;
    request.weights = weights;
    request.discounts = discounts;
    request.candidates = candidates;
    request.slot_count = kSlots;
    request.seed = 42;
    request.now_ms = 1000;
    request.score = scores;
    request.arena = &arena;
    return request;
  }
  [[nodiscard]] Problem problem() const {
    Problem problem;
    problem.row_count = kRows;
    problem.slot_count = kSlots;
    problem.candidates = candidates.data();
    problem.constraints = constraints;
    problem.use_count = 1;
    problem.level_count = 1;
    problem.utility = scores;
    problem.discount = discounts;
    return problem;
  }
  [[nodiscard]] SlateSet slates(std::uint32_t capacity = 8) {
    return SlateSet::make(capacity, kSlots, 1, arena);
  }
  [[nodiscard]] std::shared_ptr<NodeInstance> node(Script& script, lineup_kind kind,
                                                   ThreadClass threads = ThreadClass::Reentrant) {
    return NodeInstance::create(scripted(script, kind, threads), "{}", layout).value();
  }

  Schema schema;
  ContextLayout context;
  std::vector<Objective> objectives;
  NodeLayout layout;
  Batch batch;
  std::vector<Constraint> constraints;
  std::vector<Scalar> context_values;
  std::vector<double> weights = {1.0, 0.5};
  std::vector<double> discounts = {1.0, 0.8, 0.6};
  std::vector<Word> candidates = {0b111111};
  std::vector<double> scores = {0.6, 0.5, 0.4, 0.3, 0.2, 0.1};
  Arena arena;

 private:
  void add(const char* name, ColumnType type) {
    ColumnSpec spec;
    spec.name = name;
    spec.type = type;
    spec.dimension = type == ColumnType::Embedding ? 2 : 0;
    schema.add(std::move(spec));
  }
  void fill() {
    columns_.resize(schema.size());
    for (std::uint32_t i = 0; i < schema.size(); ++i) {
      columns_[i].type = schema[i].type;
      columns_[i].present = schema[i].name != "absent";
    }
    columns_[0].floats = scores.data();
    columns_[1].codes = genres_.data();
    columns_[2].codes = tags_.data();
    columns_[2].offsets = tag_offsets_.data();
    columns_[3].bools = flags_.data();
    columns_[4].integers = votes_.data();
    columns_[4].valid = valid_.data();
    columns_[5].integers = votes_.data();
    columns_[6].vectors = vectors_.data();
    columns_[6].dimension = 2;
    past_ = columns_;
    batch.rows = {kRows, columns_, {numbers_.data(), nullptr, nullptr}};
    batch.history = {2, past_, {numbers_.data() + 4, nullptr, nullptr}};
    vocabularies_.resize(schema.size());
    vocabularies_[1].texts = genre_texts_;
    vocabularies_[2].texts = tag_texts_;
    batch.vocabularies = vocabularies_;
  }

  std::vector<std::uint32_t> genres_ = {0, 1, 0, 1, kMissingCode, 2};
  std::vector<std::string_view> genre_texts_ = {"drama", "", "comedy"};
  std::vector<std::uint32_t> tags_ = {0, 1, 1};
  std::vector<std::uint32_t> tag_offsets_ = {0, 2, 2, 3, 3, 3, 3};
  std::vector<std::string_view> tag_texts_ = {"short", "old"};
  std::vector<std::uint8_t> flags_ = {1, 0, 1, 0, 1, 0};
  std::vector<std::int64_t> votes_ = {10, 20, 30, 40, 50, 60};
  std::vector<Word> valid_ = {0b011111};
  std::vector<float> vectors_ = {1, 0, 0, 1, 1, 1, 2, 0, 0, 2, 2, 2};
  std::vector<std::int64_t> numbers_ = {101, 102, 103, 104, 105, 106};
  std::vector<Column> columns_;
  std::vector<Column> past_;
  std::vector<Vocabulary> vocabularies_;
};

}  // namespace lineup::testing
