// SPDX-License-Identifier: Apache-2.0
//
// The rows of a benchmark in the forms hosts have them in.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/bench_data.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

enum class ColumnForm : std::uint8_t { Coded, Strings };

// The rows as one host holds them. Coded: dictionaries with an identity and ids promised to be
// unique, as a ranking service has them after it looked its items up. Strings: texts, and no
// promises. Borrows the embeddings. Immutable; must stay where it is.
class BenchColumns {
 public:
  // `is_wide`: also the columns after the first four, which few workloads read.
  BenchColumns(const BenchRows& rows, ColumnForm form, bool is_wide);
  BenchColumns(const BenchColumns&) = delete;
  BenchColumns& operator=(const BenchColumns&) = delete;

  static constexpr std::array kNames = {"score", "category", "author", "type",
                                        "price", "is_new",   "tags",   "embedding"};
  [[nodiscard]] std::size_t count() const { return count_; }
  // Borrowed from this object and from `handles`, [count()].
  [[nodiscard]] lineup_rows view(const lineup_handle* handles) const;

 private:
  // One column of texts in either form.
  struct Texts {
    std::string bytes;
    std::vector<std::uint32_t> offsets;
    std::vector<std::uint32_t> codes;
    std::vector<std::uint32_t> list_offsets;
    lineup_dictionary dictionary{};
    lineup_column column{};
  };
  void fill(Texts& texts, const std::vector<std::string>& values, ColumnForm form,
            std::uint64_t identity);
  void fill_tags(const BenchRows& rows, ColumnForm form);

  std::vector<double> scores_;
  std::vector<double> prices_;
  std::vector<std::uint8_t> is_new_;
  std::vector<std::int64_t> ids_;
  lineup_ids id_view_{};
  lineup_column score_column_{};
  lineup_column price_column_{};
  lineup_column is_new_column_{};
  lineup_column embedding_column_{};
  Texts texts_[4];
  const lineup_column* columns_[kNames.size()] = {};
  std::size_t count_ = 0;
};

// The rows as a request line.
[[nodiscard]] std::string bench_request(const BenchRows& rows, std::uint32_t page);

}  // namespace lineup::cli
