// SPDX-License-Identifier: Apache-2.0
//
// The config service of the fake host, on nlohmann's JSON library (Debian: nlohmann-json3-dev).
#ifndef LINEUP_TESTING_FAKE_CONFIG_HPP
#define LINEUP_TESTING_FAKE_CONFIG_HPP

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "lineup/ext/config.h"

struct lineup_config {
  nlohmann::json document;
};

namespace lineup::testing {

// Calls `take` with what stands at `pointer`; it returns whether the type was right.
template <typename Take>
lineup_status look_up(const lineup_config* config, const char* pointer, Take take) {
  const nlohmann::json* found = nullptr;
  try {
    found = &config->document.at(nlohmann::json::json_pointer(pointer));
  } catch (const nlohmann::json::exception&) {
    return LINEUP_E_NOT_FOUND;
  }
  if (found->is_null()) return LINEUP_E_NOT_FOUND;
  return take(*found) ? LINEUP_OK : LINEUP_E_INVALID_CONFIG;
}

struct FakeConfig {
  static lineup_status open(lineup_text json, lineup_error_sink* errors, lineup_config** out) {
    auto document = nlohmann::json::parse(json.data, json.data + json.size, nullptr, false);
    if (document.is_discarded()) {
      const std::string message = "the configuration is not JSON";
      if (errors != nullptr) {
        errors->report(errors, LINEUP_E_INVALID_CONFIG, {message.data(), message.size()});
      }
      return LINEUP_E_INVALID_CONFIG;
    }
    *out = new lineup_config{std::move(document)};
    return LINEUP_OK;
  }
  static void close(lineup_config* config) { delete config; }

  static lineup_status number(const lineup_config* config, const char* pointer, double* out) {
    return look_up(config, pointer, [out](const nlohmann::json& value) {
      if (value.is_number()) *out = value.get<double>();
      return value.is_number();
    });
  }
  static lineup_status integer(const lineup_config* config, const char* pointer,
                               std::int64_t* out) {
    return look_up(config, pointer, [out](const nlohmann::json& value) {
      constexpr double kExact = 9007199254740992.0;  // doubles are exact integers up to here
      const double number = value.is_number() ? value.get<double>() : kExact * 2.0;
      const bool whole = std::trunc(number) == number && std::abs(number) <= kExact;
      if (whole) *out = static_cast<std::int64_t>(number);
      return whole;
    });
  }
  static lineup_status boolean(const lineup_config* config, const char* pointer,
                               std::int32_t* out) {
    return look_up(config, pointer, [out](const nlohmann::json& value) {
      if (value.is_boolean()) *out = value.get<bool>() ? 1 : 0;
      return value.is_boolean();
    });
  }
  static lineup_status text(const lineup_config* config, const char* pointer, lineup_text* out) {
    return look_up(config, pointer, [out](const nlohmann::json& value) {
      if (!value.is_string()) return false;
      const auto& found = value.get_ref<const std::string&>();
      *out = {found.data(), found.size()};
      return true;
    });
  }
  static lineup_status count(const lineup_config* config, const char* pointer, std::uint64_t* out) {
    return look_up(config, pointer, [out](const nlohmann::json& value) {
      if (value.is_structured()) *out = value.size();
      return value.is_structured();
    });
  }

  static constexpr lineup_host_config kTable{
      sizeof(lineup_host_config), 0, open, close, number, integer, boolean, text, count};
};

}  // namespace lineup::testing

#endif
