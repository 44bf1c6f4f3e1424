// SPDX-License-Identifier: Apache-2.0
//
// Making is all or nothing: the schema grows only after every copy was activated. Copies of a class
// that must not overlap have a lock each; a thread prefers the copy that its number points to, so
// that without contention every thread keeps its own and the lock costs an uncontended exchange.
#include "node/instance.hpp"

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/json_document.hpp"
#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"
#include "node/binding.hpp"
#include "node/carry.hpp"
#include "node/plugin_text.hpp"
#include "node/remote.hpp"

namespace lineup {

namespace {

// LIMIT: bytes of a constraint's state: copied whenever the search branches. plugin.h says so too.
constexpr std::uint64_t kStateMaxBytes = 64 * 1024;

std::string about(const NodeType& type, std::string_view what) {
  return "`" + type.name + "`: " + std::string(what);
}

// Whether the table of a kind has what every version of it had.
bool is_complete(lineup_kind kind, const void* table) {
  switch (kind) {
    case LINEUP_KIND_SCORER: {
      const auto* scorer = static_cast<const lineup_scorer*>(table);
      return LINEUP_HAS(lineup_scorer, scorer, score) && scorer->score != nullptr;
    }
    case LINEUP_KIND_GENERATOR: {
      const auto* generator = static_cast<const lineup_generator*>(table);
      return LINEUP_HAS(lineup_generator, generator, generate) && generator->generate != nullptr;
    }
    case LINEUP_KIND_EVALUATOR: {
      const auto* evaluator = static_cast<const lineup_evaluator*>(table);
      return LINEUP_HAS(lineup_evaluator, evaluator, evaluate) && evaluator->evaluate != nullptr;
    }
    case LINEUP_KIND_CONSTRAINT: {
      const auto* constraint = static_cast<const lineup_constraint*>(table);
      return LINEUP_HAS(lineup_constraint, constraint, judge) && constraint->judge != nullptr &&
             constraint->state_size != nullptr;
    }
    default:
      return false;
  }
}

lineup_status create_instance(const NodeType& type, const std::string& config_json,
                              ErrorSink& errors, lineup_instance** instance) {
  return call_plugin(&errors, [&] {
    return type.table->create(type.host, {config_json.data(), config_json.size()}, &errors,
                              instance);
  });
}

// deactivate() and destroy() have nobody to tell: what they throw ends here.
template <typename Body>
void end_quietly(Body&& body) {
  ErrorSink unheard;
  static_cast<void>(call_plugin(&unheard, [&] {
    body();
    return LINEUP_OK;
  }));
}

// What the operator should know of an instance that goes on without its state.
void warn(const NodeType& type, const std::string& what) {
  constexpr std::int32_t kWarning = 2;
  const std::string line = what + "; it begins cold";
  type.host->log(type.host, kWarning, {line.data(), line.size()});
}

// Every number of a configuration with its path; a list's items are counted from 1, as the dials of
// a policy are called.
void add_numbers(const nlohmann::json& value, const std::string& path,
                 std::vector<LiveNumber>& out) {
  if (value.is_number()) {
    out.push_back({path, value.get<double>()});
  } else if (value.is_object() || value.is_array()) {
    std::size_t index = 0;
    for (const auto& [key, item] : value.items()) {
      ++index;
      const std::string step = value.is_array() ? std::to_string(index) : key;
      add_numbers(item, path.empty() ? step : path + "." + step, out);
    }
  }
}

std::vector<LiveNumber> numbers_of(const std::string& config_json) {
  std::vector<LiveNumber> out;
  JsonDocument document;
  if (document.try_parse(config_json)) add_numbers(document.root(), "", out);
  return out;
}

}  // namespace

NodeInstance::NodeInstance(std::shared_ptr<const NodeType> type, const NodeLayout& layout)
    : type_(std::move(type)),
      limits_{layout.rows_max, layout.slots_max, layout.history_max,
              static_cast<std::uint32_t>(layout.objectives.size())} {}

NodeInstance::~NodeInstance() {
  for (Copy& copy : copies_) {
    if (copy.instance == nullptr) continue;
    if (copy.active && type_->table->deactivate != nullptr) {
      end_quietly([&] { type_->table->deactivate(copy.instance); });
    }
    end_quietly([&] { type_->table->destroy(copy.instance); });
  }
}

Result<std::shared_ptr<NodeInstance>> NodeInstance::create(std::shared_ptr<const NodeType> type,
                                                           const std::string& config_json,
                                                           NodeLayout& layout) {
  return make(std::move(type), config_json, layout, {});
}

Result<std::shared_ptr<NodeInstance>> NodeInstance::succeed(NodeInstance& before,
                                                            std::shared_ptr<const NodeType> type,
                                                            const std::string& config_json,
                                                            NodeLayout& layout) {
  const bool is_asked = state_table(*type) != nullptr;
  const std::vector<std::string> states =
      is_asked ? before.save_states() : std::vector<std::string>();
  return make(std::move(type), config_json, layout, states);
}

Result<std::shared_ptr<NodeInstance>> NodeInstance::make(std::shared_ptr<const NodeType> type,
                                                         const std::string& config_json,
                                                         NodeLayout& layout,
                                                         std::span<const std::string> states) {
  std::shared_ptr<NodeInstance> node(new NodeInstance(std::move(type), layout));
  if (auto found = node->find_table(); !found) return tl::unexpected(found.error());
  const bool is_copied = node->type_->threads == ThreadClass::InstancePerThread;
  const std::uint32_t copies = is_copied ? std::max(1U, layout.threads_max) : 1U;
  node->is_warm_ = !states.empty();  // until one copy turns out not to be
  const std::string nothing;
  std::vector<ColumnSpec> created;
  const std::vector<LiveNumber> numbers = numbers_of(config_json);
  for (std::uint32_t i = 0; i < copies; ++i) {
    const std::string& state = states.empty() ? nothing : states[i % states.size()];
    if (auto added = node->add_copy(config_json, layout, numbers, state, created); !added) {
      return tl::unexpected(added.error());
    }
  }
  if (auto read = node->read_state_size(); !read) return tl::unexpected(read.error());
  for (ColumnSpec& column : created) layout.schema->add(std::move(column));
  return node;
}

std::shared_ptr<NodeInstance> NodeInstance::remote(std::shared_ptr<const NodeType> type,
                                                   const NodeLayout& layout, NodeBindings bindings,
                                                   std::unique_ptr<RemoteNode> remote) {
  std::shared_ptr<NodeInstance> node(new NodeInstance(std::move(type), layout));
  node->bindings_ = std::move(bindings);
  node->remote_ = std::move(remote);
  return node;
}

Result<void> NodeInstance::find_table() {
  const char* id = table_id(type_->kind);
  ErrorSink errors;
  const lineup_status status = call_plugin(&errors, [&] {
    kind_table_ = id == nullptr ? nullptr : type_->table->extension(id);
    return LINEUP_OK;
  });
  if (status != LINEUP_OK || kind_table_ == nullptr || !is_complete(type_->kind, kind_table_)) {
    return failure("node/plugin", about(*type_, "the plugin offers no complete table for a " +
                                                    std::string(name_of(type_->kind))));
  }
  return {};
}

// An empty state is none: nothing is loaded. An instance that refused its state is of no use any
// more: what it took in before it refused is not known.
Result<lineup_instance*> NodeInstance::begin_instance(const std::string& config_json,
                                                      const std::string& state) {
  ErrorSink errors;
  lineup_instance* instance = nullptr;
  const lineup_status status = create_instance(*type_, config_json, errors, &instance);
  if (status != LINEUP_OK) {  // the contract: nothing to destroy
    return failure(status == LINEUP_E_INVALID_CONFIG ? "node/config" : "node/plugin",
                   about(*type_, errors.text(status)));
  }
  if (instance == nullptr) {
    return failure("node/plugin", about(*type_, "create() said ok but gave no instance"));
  }
  if (state.empty()) {
    is_warm_ = false;
    return instance;
  }
  if (const auto loaded = load_state(*type_, instance, state); !loaded) {
    warn(*type_, loaded.error().message);
    end_quietly([&] { type_->table->destroy(instance); });
    return begin_instance(config_json, {});
  }
  return instance;
}

// Of every copy, or of none.
std::vector<std::string> NodeInstance::save_states() {
  std::vector<std::string> states;
  if (copies_.empty() || state_table(*type_) == nullptr) return states;
  for (std::uint32_t i = 0; i < copies_.size(); ++i) {
    const Lease lease_of_copy = lease(i);
    auto saved = save_state(*type_, lease_of_copy.instance);
    if (!saved) {
      warn(*type_, saved.error().message);
      return {};
    }
    states.push_back(*std::move(saved));
  }
  return states;
}

Result<void> NodeInstance::add_copy(const std::string& config_json, const NodeLayout& layout,
                                    std::span<const LiveNumber> numbers, const std::string& state,
                                    std::vector<ColumnSpec>& created) {
  ErrorSink errors;
  const auto begun = begin_instance(config_json, state);
  if (!begun) return tl::unexpected(begun.error());
  Copy& copy = copies_.emplace_back();
  copy.instance = *begun;

  lineup_status status = LINEUP_OK;
  Binding binding(*type_, layout, numbers, created);
  if (type_->table->activate != nullptr) {
    status = call_plugin(
        &errors, [&] { return type_->table->activate(copy.instance, binding.binder(), &errors); });
  }
  if (status != LINEUP_OK) {
    // The binder's own words name the column and what would be right; the plugin's repeat them.
    if (!binding.findings().empty()) {
      return failure("node/column", about(*type_, binding.findings()));
    }
    return failure(status == LINEUP_E_INVALID_CONFIG ? "node/config" : "node/plugin",
                   about(*type_, errors.text(status)));
  }
  copy.active = true;
  if (copies_.size() == 1) bindings_ = binding.bindings();
  if (binding.bindings() != bindings_) {
    return failure("node/plugin", about(*type_, "its instances bind different names"));
  }
  return {};
}

Result<void> NodeInstance::read_state_size() {
  if (type_->kind != LINEUP_KIND_CONSTRAINT) return {};
  const auto* table = static_cast<const lineup_constraint*>(kind_table_);
  std::uint64_t size = 0;
  ErrorSink errors;
  const lineup_status status = call_plugin(&errors, [&] {
    size = table->state_size(copies_.front().instance);
    return LINEUP_OK;
  });
  if (status != LINEUP_OK) return failure("node/plugin", about(*type_, errors.text(status)));
  if (size > kStateMaxBytes) {
    return failure("node/plugin", about(*type_, "asks for " + std::to_string(size) +
                                                    " bytes of state per page; at most " +
                                                    std::to_string(kStateMaxBytes) + " are given"));
  }
  if (size > 0 && (!LINEUP_HAS(lineup_constraint, table, place) || table->begin == nullptr ||
                   table->place == nullptr)) {
    return failure("node/plugin", about(*type_, "keeps state but has no begin() or no place()"));
  }
  state_bytes_ = static_cast<std::size_t>(size);
  return {};
}

std::uint32_t NodeInstance::choose_copy() {
  const auto count = static_cast<std::uint32_t>(copies_.size());
  if (count == 1) return 0;
  const auto start =
      static_cast<std::uint32_t>(std::hash<std::thread::id>{}(std::this_thread::get_id()) % count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t copy = (start + i) % count;
    const std::unique_lock lock(copies_[copy].mutex, std::try_to_lock);
    if (lock.owns_lock()) return copy;
  }
  return start;
}

NodeInstance::Lease NodeInstance::lease(std::uint32_t copy) {
  Lease lease{copies_[copy].instance, {}};
  if (type_->threads != ThreadClass::Reentrant) {
    lease.lock = std::unique_lock(copies_[copy].mutex);
  }
  return lease;
}

NodeInstance::Lease NodeInstance::lease() { return lease(choose_copy()); }

Rehearsal rehearse(const NodeType& type, const std::string& config_json) {
  ErrorSink errors;
  lineup_instance* instance = nullptr;
  const lineup_status status = create_instance(type, config_json, errors, &instance);
  if (status != LINEUP_OK) return {status, errors.text(status)};
  if (instance == nullptr) {
    return {LINEUP_E_INTERNAL, "create() said ok but gave no instance"};
  }
  const lineup_status ended = call_plugin(&errors, [&] {
    type.table->destroy(instance);
    return LINEUP_OK;
  });
  return {ended, ended == LINEUP_OK ? std::string() : errors.text(ended)};
}

}  // namespace lineup
