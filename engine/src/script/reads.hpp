// SPDX-License-Identifier: Apache-2.0
//
// What the code of a rule reads, found in its text before it ever runs.
#pragma once

#include <string>
#include <vector>

#include "script/rule.hpp"
#include "script/source.hpp"

namespace lineup {

// A function `allow` or `score`: where it stands and what it calls its arguments.
struct CodeText {
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  std::vector<std::string> arguments;  // item, slate, context, p as the author named them
};

// The columns, context paths and conditions that the text reads directly: `item.price`,
// `slate[-1].price`, `slate:count_same(item, "price", 3)`, `slate:count("is_new")`,
// `context.hour`. Aliases and computed names are left to run time.
[[nodiscard]] std::vector<CodeRead> find_reads(const Source& source, const CodeText& code);

// Where the text goes through the slate: `ipairs(slate)`, `for i = 1, #slate do`.
[[nodiscard]] std::vector<Span> find_loops(const Source& source, const CodeText& code);

}  // namespace lineup
