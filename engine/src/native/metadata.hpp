// SPDX-License-Identifier: Apache-2.0
//
// What a plugin says of itself, as JSON: its types, and which configuration they take.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "lineup/plugin.h"
#include "node/node_type.hpp"

namespace lineup {

// One node type, as the metadata declares it.
struct TypeFacts {
  std::string name;
  lineup_kind kind = 0;
  std::string about;
  ThreadClass threads = ThreadClass::InstancePerThread;
  bool deterministic = true;
  std::vector<std::string> columns;
  std::string configuration_schema;  // JSON text; "{}" takes anything
};

struct Metadata {
  std::string name;
  std::string version;
  std::string about;
  std::vector<TypeFacts> types;
  std::string json;  // the text itself
};

// Reads the JSON of LINEUP_METADATA (plugin.h). Code: native/metadata; the message lists everything
// that is wrong. [any]
[[nodiscard]] Result<Metadata> parse_metadata(std::string_view json);

// Checks a configuration against a JSON Schema and fills in its defaults. Of JSON Schema these
// words are known: type, properties, required, additionalProperties, minimum, maximum,
// exclusiveMinimum, exclusiveMaximum, minLength, maxLength, enum, const, default, items, minItems,
// maxItems. A property that the schema does not name is an error unless additionalProperties allows
// it. The answer is JSON text with sorted keys: equal configurations give equal text. Code:
// native/config; the message lists everything that is wrong, with the nearest name. [any]
[[nodiscard]] Result<std::string> complete_config(std::string_view schema_json,
                                                  std::string_view config_json);

}  // namespace lineup
