// SPDX-License-Identifier: Apache-2.0
//
// What stands in one cell of a request, as texts for people or as a number for sums.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "table/owned_rows.hpp"

namespace lineup::cli {

// Reads cells. One per thread: it keeps the memory.
class CellReader {
 public:
  // The values of the cell as texts; none when it is missing. `split` cuts a text into several, 0
  // does not. Borrowed from the column and from this object until the next call. Vectors have none.
  [[nodiscard]] std::span<const std::string_view> texts(const OwnedColumn& column,
                                                        std::uint32_t row, char split = 0);

 private:
  void add_split(std::string_view text, char split);

  std::string number_;
  std::vector<std::string_view> values_;
};

// A finite number that stands in the cell.
[[nodiscard]] std::optional<double> number_at(const OwnedColumn& column, std::uint32_t row);

}  // namespace lineup::cli
