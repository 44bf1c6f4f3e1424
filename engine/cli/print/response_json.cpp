// SPDX-License-Identifier: Apache-2.0
//
// Keys come out in the order of the contract. Texts that are no UTF-8 are mended, never refused: an
// answer is always written.
#include "cli/print/response_json.hpp"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

Json id_of(const RequestLine& request) {
  if (!request.has_id) return nullptr;
  if (!request.id_is_number) return request.id;
  return Json::parse(request.id);
}

Json id_of_row(const OwnedIds& ids, std::uint32_t row) {
  std::string text = ids.text(row);
  if (!ids.came_as_number(row)) return text;
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? Json(number) : Json::parse(text);
}

Json experiments_of(const RequestLine& request) {
  Json out = Json::object();
  for (const auto& [name, variant] : request.experiments) out[name] = variant;
  return out;
}

Json experiments_of(const lineup_result& result) {
  Json out = Json::object();
  for (std::uint32_t i = 0; i < result.experiment_count; ++i) {
    out[std::string(view(result.experiments[2 * i]))] = view(result.experiments[2 * i + 1]);
  }
  return out;
}

Json named_values(const lineup_named_value* values, std::uint32_t count) {
  Json out = Json::object();
  for (std::uint32_t i = 0; i < count; ++i)
    out[std::string(view(values[i].name))] = values[i].value;
  return out;
}

Json relaxed_of(const lineup_result& result) {
  Json out = Json::array();
  for (std::uint32_t i = 0; i < result.relaxed_count; ++i) {
    const lineup_relaxed& rule = result.relaxed[i];
    out.push_back({{"rule", view(rule.rule)},
                   {"violations", rule.violations},
                   {"reason", view(rule.reason)}});
  }
  return out;
}

Json warnings_of(const RequestLine& request, const lineup_result& result) {
  Json out = Json::array();
  for (const std::string& warning : request.warnings) out.push_back(warning);
  for (std::uint32_t i = 0; i < result.warning_count; ++i) out.push_back(view(result.warnings[i]));
  return out;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string response_json(const RequestLine& request, const lineup_result& result) {
  Json slate = Json::array();
  for (std::uint32_t i = 0; i < result.slate_count; ++i) {
    slate.push_back(id_of_row(request.candidates.ids(), result.slate[i]));
  }
  Json out = {{"id", id_of(request)},
              {"slate", std::move(slate)},
              {"status", name_of_answer(result.answer)},
              {"search", name_of_search(result.search)},
              {"relaxed", relaxed_of(result)},
              {"warnings", warnings_of(request, result)},
              {"error", result.error.size == 0 ? Json() : Json(view(result.error))},
              {"revision", view(result.revision)},
              {"weights", named_values(result.weights, result.weight_count)},
              {"experiments", experiments_of(result)},
              {"elapsed_us", std::round(static_cast<double>(result.elapsed_ns) / 100.0) / 10.0}};
  if (result.parameter_count > 0) {
    out["parameters"] = named_values(result.parameters, result.parameter_count);
  }
  if (result.propensity > 0.0 && result.propensity < 1.0) out["propensity"] = result.propensity;
  std::string line = dump(out);
  if (result.trace_json.size > 0) {
    // The trace is JSON already: it takes the place of the closing brace.
    line.pop_back();
    line.append(",\"trace\":").append(view(result.trace_json)).append("}");
  }
  return line;
}

std::string error_json(const RequestLine& request, std::string_view message) {
  return dump(Json{{"id", id_of(request)},
                   {"slate", Json::array()},
                   {"status", "error"},
                   {"search", "complete"},
                   {"relaxed", Json::array()},
                   {"warnings", request.warnings},
                   {"error", message},
                   {"revision", nullptr},
                   {"weights", Json::object()},
                   {"experiments", experiments_of(request)},
                   {"elapsed_us", 0.0}});
}

std::string_view name_of_answer(std::uint32_t answer) {
  switch (answer) {
    case LINEUP_ANSWER_OK:
      return "ok";
    case LINEUP_ANSWER_RELAXED:
      return "relaxed";
    case LINEUP_ANSWER_FALLBACK:
      return "fallback";
    default:
      return "error";
  }
}

std::string_view name_of_search(std::uint32_t search) {
  switch (search) {
    case LINEUP_SEARCH_LIMIT:
      return "limit";
    case LINEUP_SEARCH_DEADLINE:
      return "deadline";
    default:
      return "complete";
  }
}

std::string comparable_response(std::string_view line, bool with_revision) {
  try {
    Json json = Json::parse(line);
    json.erase("elapsed_us");
    json.erase("trace");
    if (!with_revision) json.erase("revision");
    return dump(json);
  } catch (const Json::exception&) {
    return std::string(line);
  }
}

}  // namespace lineup::cli
