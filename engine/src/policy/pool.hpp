// SPDX-License-Identifier: Apache-2.0
//
// A file of `pools/`: rows that operations insert (a banner, an editor's pick), as they were
// written. What does not depend on a policy is checked here: ids, dates, the shape of rows. Columns
// are held against each policy that names the pool when its plan is made.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/zone.hpp"
#include "policy/yaml.hpp"

namespace lineup {

// One row. Dates are kept as texts: which moments they are depends on the zone of the policy.
struct PoolRow {
  std::string id;
  std::string from;               // empty: from ever
  std::string expires;            // empty: never
  std::string zone;               // empty: the policy's
  std::vector<YamlEntry> values;  // columns, as written
  Span span;                      // of the id
  Span expires_span;
};

struct PoolDocument {
  std::string path;
  std::string name;
  std::vector<PoolRow> rows;
};

// Reads a pool. Everything that is wrong is reported, with codes pool/... and those of read_yaml().
// False when there was an error: `out` then holds what could be read. [control]
[[nodiscard]] bool parse_pool(const std::string& path, const std::string& name,
                              std::string_view text, PoolDocument& out, Diagnostics& diagnostics);

}  // namespace lineup
