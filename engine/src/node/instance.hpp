// SPDX-License-Identifier: Apache-2.0
//
// One node of a plan: a plugin's instance with its configuration, its names resolved to columns.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "batch/schema.hpp"
#include "condition/condition.hpp"
#include "node/node_type.hpp"

namespace lineup {

class RemoteNode;

// One objective of the policy.
struct Objective {
  std::string name;
  std::int32_t column = -1;  // index in the schema; -1: it has none
};

// What the names of a node resolve to, and the limits it is made for. Borrowed while it is made.
struct NodeLayout {
  Schema* schema = nullptr;  // outputs of a scorer that are not declared are appended as Float
  ContextLayout* context = nullptr;
  std::span<const Objective> objectives;
  std::uint32_t rows_max = 0;
  std::uint32_t slots_max = 0;
  std::uint32_t threads_max = 1;
  std::uint32_t history_max = 0;
  std::string place;  // "SCENE/NODE": whose state a new instance goes on with; empty: nobody's
};

// A number of a configuration that the instance takes from every call.
struct LiveNumber {
  std::string path;    // "theta", "channels.2.floor"
  double value = 0.0;  // what the configuration says
  bool operator==(const LiveNumber&) const = default;
};

// What an instance bound, in the order of the calls.
struct NodeBindings {
  std::vector<std::int32_t> columns;   // index in the schema; -1: not declared
  std::vector<std::uint32_t> context;  // slot of the context layout
  std::vector<std::uint32_t> outputs;  // index in the schema
  std::vector<LiveNumber> live;
  bool operator==(const NodeBindings&) const = default;
};

// A made and activated instance. Instances whose calls must not overlap are guarded by a lock each;
// of the class InstancePerThread there are threads_max copies, so that threads seldom wait.
class NodeInstance {
 public:
  // Makes and activates. On failure the schema is as it was and the error says what the plugin
  // said, or which name it asked for in vain. Codes: node/config, node/column, node/plugin.
  // [control]
  static Result<std::shared_ptr<NodeInstance>> create(std::shared_ptr<const NodeType> type,
                                                      const std::string& config_json,
                                                      NodeLayout& layout);
  // An instance whose plugin runs elsewhere: its calls go to `remote`. [control]
  static std::shared_ptr<NodeInstance> remote(std::shared_ptr<const NodeType> type,
                                              const NodeLayout& layout, NodeBindings bindings,
                                              std::unique_ptr<RemoteNode> remote);
  ~NodeInstance();  // deactivates and destroys; then the library may go
  NodeInstance(const NodeInstance&) = delete;
  NodeInstance& operator=(const NodeInstance&) = delete;

  [[nodiscard]] const NodeType& type() const { return *type_; }
  // create(), and what `before` learnt goes with it where both offer lineup/ext/state.h. What
  // cannot be saved or is refused is logged, and the instance begins cold. Requests may be in
  // `before` meanwhile; those that must not overlap with the saving wait for it. [control]
  static Result<std::shared_ptr<NodeInstance>> succeed(NodeInstance& before,
                                                       std::shared_ptr<const NodeType> type,
                                                       const std::string& config_json,
                                                       NodeLayout& layout);
  // Every copy began with what the instance before it had learnt.
  [[nodiscard]] bool is_warm() const { return is_warm_; }
  // Index in the schema per bound column, in the order of binding; -1: not declared.
  [[nodiscard]] std::span<const std::int32_t> columns() const { return bindings_.columns; }
  // Slot of the context layout per bound value.
  [[nodiscard]] std::span<const std::uint32_t> context_slots() const { return bindings_.context; }
  // Index in the schema per column that a scorer writes.
  [[nodiscard]] std::span<const std::uint32_t> outputs() const { return bindings_.outputs; }

  // Numbers that may change from request to request. Which dial steers one is not the instance's to
  // know: it may serve under several plans.
  [[nodiscard]] std::span<const LiveNumber> live() const { return bindings_.live; }

  // What follows is for those who call the plugin: run.hpp.

  // Where the plugin runs; null: here.
  [[nodiscard]] RemoteNode* remote() const { return remote_.get(); }

  struct Limits {
    std::uint32_t rows_max = 0;
    std::uint32_t slots_max = 0;
    std::uint32_t history_max = 0;
    std::uint32_t objective_count = 0;
  };
  [[nodiscard]] const Limits& limits() const { return limits_; }
  // The table of the type's kind, a lineup_scorer and so on.
  [[nodiscard]] const void* kind_table() const { return kind_table_; }
  // Constraints: bytes of state per page.
  [[nodiscard]] std::size_t state_bytes() const { return state_bytes_; }

  // The plugin's instance for one call, locked when its calls must not overlap.
  struct Lease {
    lineup_instance* instance = nullptr;
    std::unique_lock<std::mutex> lock;
  };
  // A copy that is idle now, else the first one to wait for. [request]
  [[nodiscard]] std::uint32_t choose_copy();
  // Waits until no other call is in that copy. [request]
  [[nodiscard]] Lease lease(std::uint32_t copy);
  // Any idle copy; waits for one when there is none. [request]
  [[nodiscard]] Lease lease();

 private:
  struct Copy {
    lineup_instance* instance = nullptr;
    bool active = false;
    std::mutex mutex;
  };

  NodeInstance(std::shared_ptr<const NodeType> type, const NodeLayout& layout);
  static Result<std::shared_ptr<NodeInstance>> make(std::shared_ptr<const NodeType> type,
                                                    const std::string& config_json,
                                                    NodeLayout& layout,
                                                    std::span<const std::string> states);
  Result<void> find_table();
  Result<void> add_copy(const std::string& config_json, const NodeLayout& layout,
                        std::span<const LiveNumber> numbers, const std::string& state,
                        std::vector<ColumnSpec>& created);
  [[nodiscard]] Result<lineup_instance*> begin_instance(const std::string& config_json,
                                                        const std::string& state);
  [[nodiscard]] std::vector<std::string> save_states();
  Result<void> read_state_size();

  std::shared_ptr<const NodeType> type_;
  Limits limits_;
  const void* kind_table_ = nullptr;
  std::size_t state_bytes_ = 0;
  bool is_warm_ = false;
  NodeBindings bindings_;
  std::deque<Copy> copies_;
  std::unique_ptr<RemoteNode> remote_;
};

// Makes an instance and destroys it at once, without resolving names: what can be tried of a type
// whose policy is not known. The status is the plugin's. [control]
struct Rehearsal {
  lineup_status status = LINEUP_OK;
  std::string message;
};
[[nodiscard]] Rehearsal rehearse(const NodeType& type, const std::string& config_json);

}  // namespace lineup
