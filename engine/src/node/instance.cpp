// SPDX-License-Identifier: Apache-2.0
//
// Making is all or nothing: the schema grows only after every copy was activated. Copies of a class
// that must not overlap have a lock each; a thread prefers the copy that its number points to, so
// that without contention every thread keeps its own and the lock costs an uncontended exchange.
#include "node/instance.hpp"

#include <algorithm>
#include <functional>
#include <thread>

#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"
#include "node/binding.hpp"
#include "node/plugin_text.hpp"

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
  std::shared_ptr<NodeInstance> node(new NodeInstance(std::move(type), layout));
  if (auto found = node->find_table(); !found) return tl::unexpected(found.error());
  const bool is_copied = node->type_->threads == ThreadClass::InstancePerThread;
  const std::uint32_t copies = is_copied ? std::max(1U, layout.threads_max) : 1U;
  std::vector<ColumnSpec> created;
  for (std::uint32_t i = 0; i < copies; ++i) {
    if (auto added = node->add_copy(config_json, layout, created); !added) {
      return tl::unexpected(added.error());
    }
  }
  if (auto read = node->read_state_size(); !read) return tl::unexpected(read.error());
  for (ColumnSpec& column : created) layout.schema->add(std::move(column));
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

Result<void> NodeInstance::add_copy(const std::string& config_json, const NodeLayout& layout,
                                    std::vector<ColumnSpec>& created) {
  ErrorSink errors;
  Copy& copy = copies_.emplace_back();
  lineup_status status = create_instance(*type_, config_json, errors, &copy.instance);
  if (status != LINEUP_OK) {
    copy.instance = nullptr;  // the contract: nothing to destroy
    return failure(status == LINEUP_E_INVALID_CONFIG ? "node/config" : "node/plugin",
                   about(*type_, errors.text(status)));
  }
  if (copy.instance == nullptr) {
    return failure("node/plugin", about(*type_, "create() said ok but gave no instance"));
  }

  Binding binding(*type_, layout, created);
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
