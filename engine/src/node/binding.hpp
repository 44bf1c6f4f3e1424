// SPDX-License-Identifier: Apache-2.0
//
// The host's side of activate(): a lineup_binder that resolves names against a policy.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batch/schema.hpp"
#include "lineup/plugin.h"
#include "node/instance.hpp"

namespace lineup {

// LIMIT: names of one sort that an instance may bind: more is a plugin in a loop. plugin.hpp counts
// on it for outputs.
inline constexpr std::size_t kBindingsMax = 1024;

// One activation. Give binder() to the plugin; afterwards bindings() says what it asked for.
class Binding {
 public:
  // `created` collects the columns that scorers write and nobody declared; several copies of one
  // instance share it. They stand in it in the order that they shall be appended to the schema.
  // `numbers` are those of the configuration: what may be bound as live.
  Binding(const NodeType& type, const NodeLayout& layout, std::span<const LiveNumber> numbers,
          std::vector<ColumnSpec>& created);
  Binding(const Binding&) = delete;
  Binding& operator=(const Binding&) = delete;

  [[nodiscard]] const lineup_binder* binder() const { return &table_; }
  [[nodiscard]] const NodeBindings& bindings() const { return bindings_; }
  // What the operator should know: the names that were asked for in vain. Empty when there is none.
  [[nodiscard]] const std::string& findings() const { return findings_; }

 private:
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] const ColumnSpec& column_at(std::uint32_t index) const;
  void complain(const std::string& finding);

  lineup_status bind_column(std::string_view name, lineup_type type, bool required,
                            std::uint32_t* index);
  lineup_status bind_output(std::string_view name, std::uint32_t* index);
  lineup_status bind_context(std::string_view path, std::uint32_t* index);
  lineup_status bind_live(std::string_view path, std::uint32_t* index);
  lineup_status find_objective(std::string_view name, std::uint32_t* index) const;
  lineup_status describe_objective(std::uint32_t index, lineup_text* name,
                                   lineup_text* column) const;

  struct Callbacks;  // the C side of the functions above

  const NodeType& type_;
  const NodeLayout& layout_;
  std::span<const LiveNumber> numbers_;
  std::vector<ColumnSpec>& created_;
  lineup_binder table_{};
  NodeBindings bindings_;
  std::string findings_;
};

}  // namespace lineup
