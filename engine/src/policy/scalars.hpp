// SPDX-License-Identifier: Apache-2.0
//
// What a word without quotes is, and what may be a name.
#pragma once

#include <string_view>

#include "policy/yaml.hpp"

namespace lineup {

// Sets kind and value of `node` from its text, written without quotes.
void resolve_plain(YamlNode& node);

// Whether `text` is a name that conditions can say: letters, digits, `_`; not a digit first.
// Letters are those of any language.
[[nodiscard]] bool is_identifier(std::string_view text);
// The same, and `-` inside.
[[nodiscard]] bool is_name(std::string_view text);

// Whether `text` is valid UTF-8 without NUL.
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace lineup
