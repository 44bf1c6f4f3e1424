// SPDX-License-Identifier: Apache-2.0
#include "isolate/setup.hpp"

#include <nlohmann/json.hpp>

namespace lineup {

namespace {

using Json = nlohmann::json;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string write_setup(const NodeType& type, const std::string& config, const NodeLayout& layout) {
  Json columns = Json::array();
  for (std::uint32_t i = 0; i < layout.schema->size(); ++i) {
    const ColumnSpec& spec = (*layout.schema)[i];
    columns.push_back({spec.name, static_cast<int>(spec.type), spec.dimension});
  }
  Json objectives = Json::array();
  for (const Objective& objective : layout.objectives) {
    objectives.push_back({objective.name, objective.column});
  }
  return text_of({{"library", type.path},
                  {"hash", type.content_hash},
                  {"kind", type.kind},
                  {"type", type.name},
                  {"config", config},
                  {"columns", std::move(columns)},
                  {"context", layout.context->paths()},
                  {"objectives", std::move(objectives)},
                  {"limits", {layout.rows_max, layout.slots_max, layout.history_max}}});
}

bool read_setup(std::string_view text, Setup& out) {
  try {
    const Json json = Json::parse(text);
    out.library = json.at("library").get<std::string>();
    out.content_hash = json.at("hash").get<std::string>();
    out.kind = json.at("kind").get<lineup_kind>();
    out.type = json.at("type").get<std::string>();
    out.config = json.at("config").get<std::string>();
    for (const Json& column : json.at("columns")) {
      ColumnSpec spec;
      spec.name = column.at(0).get<std::string>();
      spec.type = static_cast<ColumnType>(column.at(1).get<int>());
      spec.dimension = column.at(2).get<std::uint32_t>();
      out.schema.add(std::move(spec));
    }
    for (const Json& path : json.at("context")) out.context.slot(path.get<std::string>());
    for (const Json& objective : json.at("objectives")) {
      out.objectives.push_back(
          {objective.at(0).get<std::string>(), objective.at(1).get<std::int32_t>()});
    }
    out.layout.schema = &out.schema;
    out.layout.context = &out.context;
    out.layout.objectives = out.objectives;
    out.layout.rows_max = json.at("limits").at(0).get<std::uint32_t>();
    out.layout.slots_max = json.at("limits").at(1).get<std::uint32_t>();
    out.layout.history_max = json.at("limits").at(2).get<std::uint32_t>();
    out.layout.threads_max = 1;
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

std::string write_answer(const SetupAnswer& answer) {
  Json live = Json::array();
  for (const LiveNumber& number : answer.bindings.live) {
    live.push_back({number.path, number.value});
  }
  return text_of({{"columns", answer.bindings.columns},
                  {"slots", answer.bindings.context},
                  {"outputs", answer.bindings.outputs},
                  {"live", std::move(live)},
                  {"context", answer.context},
                  {"created", answer.created}});
}

std::string write_answer(const Error& error) {
  return text_of({{"code", error.code}, {"message", error.message}});
}

Result<SetupAnswer> read_answer(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    if (json.contains("code")) {
      return failure(json.at("code").get<std::string>(), json.at("message").get<std::string>());
    }
    SetupAnswer answer;
    answer.bindings.columns = json.at("columns").get<std::vector<std::int32_t>>();
    answer.bindings.context = json.at("slots").get<std::vector<std::uint32_t>>();
    answer.bindings.outputs = json.at("outputs").get<std::vector<std::uint32_t>>();
    for (const Json& number : json.at("live")) {
      answer.bindings.live.push_back({number.at(0).get<std::string>(), number.at(1).get<double>()});
    }
    answer.context = json.at("context").get<std::vector<std::string>>();
    answer.created = json.at("created").get<std::vector<std::string>>();
    return answer;
  } catch (const Json::exception&) {
    return failure("isolate/worker", "the worker process did not say what it bound");
  }
}

}  // namespace lineup
