// SPDX-License-Identifier: Apache-2.0
//
// Configurations out of a type's JSON Schema: the one that its defaults make, and random ones that
// fit it. Also what is wrong with the schema itself.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "conformance/random.hpp"

namespace lineup {

// The configuration of the schema's defaults; when the schema asks for more, the smallest values
// that fit it. Nothing when no such configuration is found.
[[nodiscard]] std::optional<std::string> plain_config(std::string_view schema_json);

// A random configuration that fits the schema, defaults filled in. Nothing when none is found.
[[nodiscard]] std::optional<std::string> random_config(std::string_view schema_json,
                                                       Random& random);

// What is wrong with a schema: words that mean nothing, bounds that leave no value, defaults that
// do not fit. `missing_texts` counts parameters without a description.
[[nodiscard]] std::vector<std::string> schema_faults(std::string_view schema_json,
                                                     std::size_t& missing_texts);

// The text values of the parameters that are named in `names`, and `names` themselves: which
// columns a configured instance may be expected to bind.
[[nodiscard]] std::vector<std::string> named_columns(std::string_view config_json,
                                                     const std::vector<std::string>& names);

}  // namespace lineup
