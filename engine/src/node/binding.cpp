// SPDX-License-Identifier: Apache-2.0
//
// The callbacks check what the plugin hands in and keep exceptions (no memory) from crossing it;
// the members do the work.
#include "node/binding.hpp"

#include <algorithm>

#include "base/diagnostic.hpp"

namespace lineup {

namespace {

// The type of the engine that a plugin means, or nothing: plugins meet canonical types only.
std::optional<ColumnType> engine_type(lineup_type type) {
  switch (type) {
    case LINEUP_TYPE_F64:
      return ColumnType::Float;
    case LINEUP_TYPE_I64:
      return ColumnType::Integer;
    case LINEUP_TYPE_BOOL:
      return ColumnType::Bool;
    case LINEUP_TYPE_TIME_MS:
      return ColumnType::Time;
    case LINEUP_TYPE_CODE:
      return ColumnType::Category;
    case LINEUP_TYPE_CODE_LIST:
      return ColumnType::Categories;
    case LINEUP_TYPE_VECTOR:
      return ColumnType::Embedding;
    default:
      return std::nullopt;
  }
}

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string_view view(lineup_text text) { return {text.data, text.size}; }

bool is_name(lineup_text text) { return text.data != nullptr && text.size > 0; }

}  // namespace

struct Binding::Callbacks {
  // Runs `body` on the Binding behind the table; no memory becomes a status.
  template <typename Body>
  static lineup_status enter(const lineup_binder* binder, Body&& body) noexcept {
    try {
      return body(*static_cast<Binding*>(binder->context));
    } catch (...) {
      return LINEUP_E_INTERNAL;
    }
  }
  static lineup_status column(const lineup_binder* binder, lineup_text name, lineup_type type,
                              std::int32_t required, std::uint32_t* index) {
    if (!is_name(name) || index == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(binder, [&](Binding& self) {
      return self.bind_column(view(name), type, required != LINEUP_COLUMN_OPTIONAL, index);
    });
  }
  static lineup_status context_value(const lineup_binder* binder, lineup_text path,
                                     std::uint32_t* index) {
    if (!is_name(path) || index == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(binder, [&](Binding& self) { return self.bind_context(view(path), index); });
  }
  static lineup_status output(const lineup_binder* binder, lineup_text name, std::uint32_t* index) {
    if (!is_name(name) || index == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(binder, [&](Binding& self) { return self.bind_output(view(name), index); });
  }
  static lineup_status objective(const lineup_binder* binder, lineup_text name,
                                 std::uint32_t* index) {
    if (!is_name(name) || index == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(binder, [&](Binding& self) { return self.find_objective(view(name), index); });
  }
  static lineup_status objective_at(const lineup_binder* binder, std::uint32_t index,
                                    lineup_text* name, lineup_text* column) {
    if (name == nullptr || column == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(binder,
                 [&](Binding& self) { return self.describe_objective(index, name, column); });
  }
  static lineup_status live(const lineup_binder* binder, lineup_text path, std::uint32_t* index) {
    if (!is_name(path) || index == nullptr) return LINEUP_E_INVALID_INPUT;
    return enter(binder, [&](Binding& self) { return self.bind_live(view(path), index); });
  }
};

Binding::Binding(const NodeType& type, const NodeLayout& layout,
                 std::span<const LiveNumber> numbers, std::vector<ColumnSpec>& created)
    : type_(type), layout_(layout), numbers_(numbers), created_(created) {
  table_.struct_size = sizeof(lineup_binder);
  table_.rows_max = layout.rows_max;
  table_.slots_max = layout.slots_max;
  table_.threads_max = type.threads == ThreadClass::Reentrant ? layout.threads_max : 1;
  table_.history_max = layout.history_max;
  table_.objective_count = static_cast<std::uint32_t>(layout.objectives.size());
  table_.context = this;
  table_.column = Callbacks::column;
  table_.context_value = Callbacks::context_value;
  table_.output = Callbacks::output;
  table_.objective = Callbacks::objective;
  table_.objective_at = Callbacks::objective_at;
  table_.live = Callbacks::live;
}

std::optional<std::uint32_t> Binding::find(std::string_view name) const {
  if (const auto declared = layout_.schema->find(name)) return declared;
  const auto created = std::find_if(created_.begin(), created_.end(),
                                    [name](const ColumnSpec& spec) { return spec.name == name; });
  if (created == created_.end()) return std::nullopt;
  return layout_.schema->size() + static_cast<std::uint32_t>(created - created_.begin());
}

const ColumnSpec& Binding::column_at(std::uint32_t index) const {
  const std::uint32_t declared = layout_.schema->size();
  return index < declared ? (*layout_.schema)[index] : created_[index - declared];
}

void Binding::complain(const std::string& finding) {
  findings_ += findings_.empty() ? finding : "; " + finding;
}

lineup_status Binding::bind_column(std::string_view name, lineup_type type, bool required,
                                   std::uint32_t* index) {
  const auto wanted = engine_type(type);
  if (!wanted) return LINEUP_E_UNSUPPORTED;
  if (bindings_.columns.size() == kBindingsMax) return LINEUP_E_REFUSED;
  const auto found = find(name);
  if (!found && required) {
    const std::string near = nearest(name, layout_.schema->names());
    complain("column " + quoted(name) + " is not declared; " +
             (near.empty() ? "declare it under `columns` as `" + std::string(name_of(*wanted)) + "`"
                           : "did you mean " + quoted(near) + "?"));
    return LINEUP_E_NOT_FOUND;
  }
  if (found && column_at(*found).type != *wanted) {
    complain("column " + quoted(name) + " is declared as `" +
             std::string(name_of(column_at(*found).type)) + "`, the node needs `" +
             std::string(name_of(*wanted)) + "`");
    return LINEUP_E_INVALID_CONFIG;
  }
  *index = static_cast<std::uint32_t>(bindings_.columns.size());
  bindings_.columns.push_back(found ? static_cast<std::int32_t>(*found) : -1);
  return LINEUP_OK;
}

lineup_status Binding::bind_output(std::string_view name, std::uint32_t* index) {
  if (type_.kind != LINEUP_KIND_SCORER) return LINEUP_E_UNSUPPORTED;
  if (bindings_.outputs.size() == kBindingsMax) return LINEUP_E_REFUSED;
  auto found = find(name);
  if ((found && column_at(*found).type != ColumnType::Float) || name == kIdName) {
    complain("column " + quoted(name) + " cannot be written: it is not declared as `float`");
    return LINEUP_E_INVALID_CONFIG;
  }
  if (!found) {
    ColumnSpec created;
    created.name = name;
    created_.push_back(std::move(created));
    found = find(name);
  }
  const auto& outputs = bindings_.outputs;
  if (std::find(outputs.begin(), outputs.end(), *found) != outputs.end()) {
    complain("column " + quoted(name) + " is written twice");
    return LINEUP_E_REFUSED;
  }
  *index = static_cast<std::uint32_t>(outputs.size());
  bindings_.outputs.push_back(*found);
  return LINEUP_OK;
}

lineup_status Binding::bind_context(std::string_view path, std::uint32_t* index) {
  if (bindings_.context.size() == kBindingsMax) return LINEUP_E_REFUSED;
  *index = static_cast<std::uint32_t>(bindings_.context.size());
  bindings_.context.push_back(layout_.context->slot(path));
  return LINEUP_OK;
}

lineup_status Binding::bind_live(std::string_view path, std::uint32_t* index) {
  if (bindings_.live.size() == kBindingsMax) return LINEUP_E_REFUSED;
  const auto found = std::find_if(numbers_.begin(), numbers_.end(),
                                  [path](const LiveNumber& each) { return each.path == path; });
  if (found == numbers_.end()) return LINEUP_E_NOT_FOUND;
  *index = static_cast<std::uint32_t>(bindings_.live.size());
  bindings_.live.push_back(*found);
  return LINEUP_OK;
}

lineup_status Binding::find_objective(std::string_view name, std::uint32_t* index) const {
  for (std::size_t i = 0; i < layout_.objectives.size(); ++i) {
    if (layout_.objectives[i].name != name) continue;
    *index = static_cast<std::uint32_t>(i);
    return LINEUP_OK;
  }
  return LINEUP_E_NOT_FOUND;
}

lineup_status Binding::describe_objective(std::uint32_t index, lineup_text* name,
                                          lineup_text* column) const {
  if (index >= layout_.objectives.size()) return LINEUP_E_NOT_FOUND;
  const Objective& objective = layout_.objectives[index];
  *name = {objective.name.data(), objective.name.size()};
  *column = {nullptr, 0};
  if (objective.column >= 0) {
    const std::string& text = column_at(static_cast<std::uint32_t>(objective.column)).name;
    *column = {text.data(), text.size()};
  }
  return LINEUP_OK;
}

}  // namespace lineup
