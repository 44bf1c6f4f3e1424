// SPDX-License-Identifier: Apache-2.0
//
// JSON from strangers: bounded, no name twice, no field that nobody knows. Inside this folder only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostic.hpp"

namespace lineup {

// LIMIT: ten thousand files of a manifest with long names are below half of it.
inline constexpr std::size_t kJsonBytesMax = 4U << 20;
// LIMIT: nothing that is read here is nested deeper than five.
inline constexpr int kJsonDepthMax = 8;

// Reads one text; what is wrong goes to `diagnostics` under `code`, with line and column. Null when
// there was an error.
[[nodiscard]] std::optional<nlohmann::json> parse_strict(std::string_view text,
                                                         const std::string& file,
                                                         std::string_view code,
                                                         Diagnostics& diagnostics);

// Reads the fields of one object. Whatever is missing, unknown or of another type is reported by
// its place ("keys[2].role").
class ObjectReader {
 public:
  ObjectReader(const nlohmann::json& json, std::string place, std::string file, std::string code,
               Diagnostics& diagnostics);

  [[nodiscard]] bool is_object() const { return json_.is_object(); }
  // REQUIRES: is_object(). Reports every field that is not among `names`.
  void expect_only(std::initializer_list<const char*> names) const;
  [[nodiscard]] bool has(const char* name) const;

  // An empty text, zero or null when it is not there or wrong; `required` says whether that is
  // told.
  [[nodiscard]] std::string text(const char* name, bool required = true) const;
  [[nodiscard]] std::uint64_t count(const char* name, std::uint64_t otherwise,
                                    bool required = true) const;
  [[nodiscard]] const nlohmann::json* array(const char* name, bool required = true) const;
  [[nodiscard]] const nlohmann::json* object(const char* name, bool required = true) const;
  // The texts of an array of texts.
  [[nodiscard]] std::vector<std::string> texts(const char* name, bool required = true) const;

  [[nodiscard]] std::string place_of(std::string_view name) const;
  void complain(std::string_view name, const std::string& what, std::string hint = {}) const;

 private:
  [[nodiscard]] const nlohmann::json* find(const char* name, bool required) const;

  const nlohmann::json& json_;
  std::string place_;
  std::string file_;
  std::string code_;
  Diagnostics& diagnostics_;
};

}  // namespace lineup
