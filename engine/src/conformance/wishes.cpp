// SPDX-License-Identifier: Apache-2.0
//
// A binder that says yes to everything and writes down what was asked.
#include <algorithm>

#include "conformance/feed.hpp"
#include "node/plugin_text.hpp"

namespace lineup {

namespace {

// LIMIT: names of one activation, as the engine's own binder has it.
constexpr std::size_t kWishesMax = 1024;

struct Recorder {
  Wishes wishes;
  std::uint32_t columns = 0;
  std::uint32_t contexts = 0;
  std::uint32_t outputs = 0;
  std::uint32_t lives = 0;
};

Recorder& recorder(const lineup_binder* binder) { return *static_cast<Recorder*>(binder->context); }

bool read_type(lineup_type type, ColumnType& out) {
  switch (type) {
    case LINEUP_TYPE_F64:
      out = ColumnType::Float;
      return true;
    case LINEUP_TYPE_I64:
      out = ColumnType::Integer;
      return true;
    case LINEUP_TYPE_BOOL:
      out = ColumnType::Bool;
      return true;
    case LINEUP_TYPE_TIME_MS:
      out = ColumnType::Time;
      return true;
    case LINEUP_TYPE_CODE:
      out = ColumnType::Category;
      return true;
    case LINEUP_TYPE_CODE_LIST:
      out = ColumnType::Categories;
      return true;
    case LINEUP_TYPE_VECTOR:
      out = ColumnType::Embedding;
      return true;
    default:
      return false;
  }
}

lineup_status take_column(const lineup_binder* binder, lineup_text name, lineup_type type,
                          std::int32_t required, std::uint32_t* index) {
  Recorder& self = recorder(binder);
  Wishes::Wish wish{{name.data, name.size}, ColumnType::Float, required != LINEUP_COLUMN_OPTIONAL};
  if (name.size == 0 || index == nullptr || !read_type(type, wish.type)) {
    return LINEUP_E_INVALID_INPUT;
  }
  if (self.wishes.columns.size() == kWishesMax) return LINEUP_E_BUDGET;
  for (const Wishes::Wish& known : self.wishes.columns) {
    // A policy declares a column once, with one type.
    if (known.name == wish.name && known.type != wish.type) return LINEUP_E_INVALID_CONFIG;
  }
  self.wishes.columns.push_back(std::move(wish));
  *index = self.columns++;
  return LINEUP_OK;
}

lineup_status take_context(const lineup_binder* binder, lineup_text, std::uint32_t* index) {
  *index = recorder(binder).contexts++;
  return LINEUP_OK;
}

lineup_status take_output(const lineup_binder* binder, lineup_text, std::uint32_t* index) {
  *index = recorder(binder).outputs++;
  return LINEUP_OK;
}

constexpr const char* kObjectives[] = {"relevance", "quality"};

lineup_status find_objective(const lineup_binder* binder, lineup_text name, std::uint32_t* index) {
  const std::string wanted(name.data, name.size);
  auto& asked = recorder(binder).wishes.objectives;
  for (std::uint32_t i = 0; i < std::size(kObjectives); ++i) {
    if (wanted != kObjectives[i]) continue;
    *index = i;
    return LINEUP_OK;
  }
  auto found = std::find(asked.begin(), asked.end(), wanted);
  if (found == asked.end()) found = asked.insert(asked.end(), wanted);
  *index = static_cast<std::uint32_t>(std::size(kObjectives) + (found - asked.begin()));
  return LINEUP_OK;
}

lineup_status name_objective(const lineup_binder*, std::uint32_t index, lineup_text* name,
                             lineup_text* column) {
  if (index >= std::size(kObjectives)) return LINEUP_E_NOT_FOUND;
  *name = {kObjectives[index], std::char_traits<char>::length(kObjectives[index])};
  *column = index == 0 ? lineup_text{"score", 5} : *name;
  return LINEUP_OK;
}

// Any path will do: which numbers a configuration has is tried where it is known.
lineup_status take_live(const lineup_binder* binder, lineup_text, std::uint32_t* index) {
  *index = recorder(binder).lives++;
  return LINEUP_OK;
}

}  // namespace

Result<Wishes> ask_wishes(const NodeType& type, const std::string& config_json) {
  ErrorSink errors;
  lineup_instance* instance = nullptr;
  lineup_status status = call_plugin(&errors, [&] {
    return type.table->create(type.host, {config_json.data(), config_json.size()}, &errors,
                              &instance);
  });
  if (status == LINEUP_E_INVALID_CONFIG || status == LINEUP_E_NOT_FOUND) {
    return failure("conformance/config", errors.text(status));
  }
  if (status != LINEUP_OK) {
    return failure("conformance/create", "create() failed: " + errors.text(status));
  }
  if (instance == nullptr) {
    return failure("conformance/activate", "create() said ok but gave no instance");
  }
  Recorder self;
  const lineup_binder binder = {sizeof(lineup_binder),
                                10'000,
                                1000,
                                2,
                                100,
                                static_cast<std::uint32_t>(std::size(kObjectives)),
                                &self,
                                take_column,
                                take_context,
                                take_output,
                                find_objective,
                                name_objective,
                                take_live};
  if (type.table->activate != nullptr) {
    status = call_plugin(&errors, [&] { return type.table->activate(instance, &binder, &errors); });
  }
  if (status == LINEUP_OK && type.table->deactivate != nullptr) {
    type.table->deactivate(instance);
  }
  type.table->destroy(instance);
  if (status != LINEUP_OK) return failure("conformance/activate", errors.text(status));
  return std::move(self.wishes);
}

MadePolicy::MadePolicy(const Wishes& wishes, bool with_optional) {
  const auto declare = [this](const std::string& name, ColumnType column_type) {
    if (schema.find(name)) return;
    ColumnSpec spec;
    spec.name = name;
    spec.type = column_type;
    spec.dimension = column_type == ColumnType::Embedding ? 8 : 0;
    schema.add(std::move(spec));
  };
  for (const Wishes::Wish& wish : wishes.columns) {
    if (with_optional || wish.required) declare(wish.name, wish.type);
  }
  declare("score", ColumnType::Float);
  declare("quality", ColumnType::Float);
  const auto column_of = [this](const char* name) {
    const std::uint32_t index = *schema.find(name);
    return schema[index].type == ColumnType::Float ? static_cast<std::int32_t>(index) : -1;
  };
  objectives = {{"relevance", column_of("score")}, {"quality", column_of("quality")}};
  for (const std::string& name : wishes.objectives) objectives.push_back({name, -1});
  layout.schema = &schema;
  layout.context = &context;
  layout.objectives = objectives;
  layout.rows_max = 10'000;
  layout.slots_max = 1000;
  layout.threads_max = 2;
  layout.history_max = 100;
}

}  // namespace lineup
