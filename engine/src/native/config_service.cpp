// SPDX-License-Identifier: Apache-2.0
//
// A handle is a parsed document on the heap; look-ups go through JSON pointers. nlohmann throws for
// pointers and documents that make no sense: nothing it throws leaves this file, since the callers
// are C.
#include "native/config_service.hpp"

#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/json_document.hpp"

struct lineup_config {
  lineup::JsonDocument document;
};

namespace lineup {
namespace {

using Json = nlohmann::json;

void report(lineup_error_sink* errors, lineup_status status, std::string_view message) noexcept {
  if (errors != nullptr) errors->report(errors, status, {message.data(), message.size()});
}

// What stands at `pointer`; null when nothing does, or the pointer makes no sense.
const Json* find(const lineup_config* config, const char* pointer) noexcept {
  try {
    const Json::json_pointer place(pointer);
    if (!config->document.root().contains(place)) return nullptr;
    const Json& found = config->document.root().at(place);
    return found.is_null() ? nullptr : &found;
  } catch (const std::exception&) {
    return nullptr;
  }
}

lineup_status open(lineup_text config_json, lineup_error_sink* errors,
                   lineup_config** out) noexcept {
  try {
    // An empty text stands for no parameters at all.
    const std::string_view text =
        config_json.size == 0 ? "{}" : std::string_view(config_json.data, config_json.size);
    auto config = std::make_unique<lineup_config>();
    config->document.parse(text);
    *out = config.release();
    return LINEUP_OK;
  } catch (const Json::parse_error& error) {
    try {
      report(errors, LINEUP_E_INVALID_CONFIG,
             "the configuration is not JSON: byte " + std::to_string(error.byte));
    } catch (const std::exception&) {
      report(errors, LINEUP_E_INVALID_CONFIG, "the configuration is not JSON");
    }
    return LINEUP_E_INVALID_CONFIG;
  } catch (const Json::exception&) {
    report(errors, LINEUP_E_INVALID_CONFIG, "the configuration has a number that is too large");
    return LINEUP_E_INVALID_CONFIG;
  } catch (const std::exception&) {
    report(errors, LINEUP_E_INTERNAL, "no memory to read the configuration");
    return LINEUP_E_INTERNAL;
  }
}

void close(lineup_config* config) noexcept { delete config; }

lineup_status number(const lineup_config* config, const char* pointer, double* out) noexcept {
  const Json* found = find(config, pointer);
  if (found == nullptr) return LINEUP_E_NOT_FOUND;
  if (!found->is_number()) return LINEUP_E_INVALID_CONFIG;
  *out = found->get<double>();
  return LINEUP_OK;
}

lineup_status integer(const lineup_config* config, const char* pointer,
                      std::int64_t* out) noexcept {
  const Json* found = find(config, pointer);
  if (found == nullptr) return LINEUP_E_NOT_FOUND;
  if (!found->is_number()) return LINEUP_E_INVALID_CONFIG;
  if (found->is_number_unsigned()) {
    const auto value = found->get<std::uint64_t>();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return LINEUP_E_INVALID_CONFIG;
    }
    *out = static_cast<std::int64_t>(value);
    return LINEUP_OK;
  }
  if (found->is_number_integer()) {
    *out = found->get<std::int64_t>();
    return LINEUP_OK;
  }
  // 2.0 is an integer to a JSON Schema; doubles are exact integers up to 2^53.
  constexpr double kExact = 9007199254740992.0;
  const double value = found->get<double>();
  if (std::trunc(value) != value || std::abs(value) > kExact) return LINEUP_E_INVALID_CONFIG;
  *out = static_cast<std::int64_t>(value);
  return LINEUP_OK;
}

lineup_status boolean(const lineup_config* config, const char* pointer,
                      std::int32_t* out) noexcept {
  const Json* found = find(config, pointer);
  if (found == nullptr) return LINEUP_E_NOT_FOUND;
  if (!found->is_boolean()) return LINEUP_E_INVALID_CONFIG;
  *out = found->get<bool>() ? 1 : 0;
  return LINEUP_OK;
}

lineup_status text(const lineup_config* config, const char* pointer, lineup_text* out) noexcept {
  const Json* found = find(config, pointer);
  if (found == nullptr) return LINEUP_E_NOT_FOUND;
  if (!found->is_string()) return LINEUP_E_INVALID_CONFIG;
  const auto& value = found->get_ref<const std::string&>();
  *out = {value.data(), value.size()};
  return LINEUP_OK;
}

lineup_status count(const lineup_config* config, const char* pointer, std::uint64_t* out) noexcept {
  const Json* found = find(config, pointer);
  if (found == nullptr) return LINEUP_E_NOT_FOUND;
  if (!found->is_array() && !found->is_object()) return LINEUP_E_INVALID_CONFIG;
  *out = found->size();
  return LINEUP_OK;
}

}  // namespace

const lineup_host_config* config_service() noexcept {
  static constexpr lineup_host_config kService{
      sizeof(lineup_host_config), 0, open, close, number, integer, boolean, text, count};
  return &kService;
}

}  // namespace lineup
