// SPDX-License-Identifier: Apache-2.0
//
// What a benchmark ranks: a bundle held in memory, and the rows in the forms hosts have them in.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/bench_data.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

struct Workload {
  std::string name;
  std::string variant;
  std::uint32_t page = 0;
  std::vector<std::pair<std::string, std::string>> bundle;  // path -> contents
};

// `page` 0: the workload's own. Errors: bench/unknown.
[[nodiscard]] Result<std::vector<Workload>> make_workloads(const std::string& name,
                                                           const std::string& variant,
                                                           std::uint32_t page);

enum class ColumnForm : std::uint8_t { Coded, Strings };

// The rows as one host holds them. Coded: dictionaries with an identity and ids promised to be
// unique, as a ranking service has them after it looked its items up. Strings: texts, and no
// promises. Immutable; must stay where it is.
class BenchColumns {
 public:
  BenchColumns(const BenchRows& rows, ColumnForm form);
  BenchColumns(const BenchColumns&) = delete;
  BenchColumns& operator=(const BenchColumns&) = delete;

  static constexpr const char* kNames[] = {"score", "category", "author", "type"};
  static constexpr std::size_t kCount = 4;
  // Borrowed from this object and from `handles`, [kCount].
  [[nodiscard]] lineup_rows view(const lineup_handle* handles) const;

 private:
  // One column of texts in either form.
  struct Texts {
    std::string bytes;
    std::vector<std::uint32_t> offsets;
    std::vector<std::uint32_t> codes;
    lineup_dictionary dictionary{};
    lineup_column column{};
  };
  void fill(Texts& texts, const std::vector<std::string>& values, ColumnForm form,
            std::uint64_t identity);

  std::vector<double> scores_;
  std::vector<std::int64_t> ids_;
  lineup_ids id_view_{};
  lineup_column score_column_{};
  Texts texts_[3];
  const lineup_column* columns_[kCount] = {};
};

// The rows as a request line.
[[nodiscard]] std::string bench_request(const BenchRows& rows, std::uint32_t page);

}  // namespace lineup::cli
