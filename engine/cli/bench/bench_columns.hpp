// SPDX-License-Identifier: Apache-2.0
//
// The rows of a benchmark in the forms hosts have them in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/bench/bench_data.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

enum class ColumnForm : std::uint8_t { Coded, Strings };

// The rows as one host holds them. Coded: dictionaries with an identity and ids promised to be
// unique, as a ranking service has them after it looked its items up. Strings: texts, and no
// promises. Immutable; must stay where it is. Borrows the rows' embeddings.
class BenchColumns {
 public:
  // What a workload reads besides score, category, author and type.
  struct More {
    bool attributes = false;   // price, is_new, tags, embedding
    bool predictions = false;  // pctr, pnext, embedding
  };
  BenchColumns(const BenchRows& rows, ColumnForm form, More more);
  BenchColumns(const BenchColumns&) = delete;
  BenchColumns& operator=(const BenchColumns&) = delete;

  [[nodiscard]] std::size_t count() const { return count_; }
  // REQUIRES: index < count().
  [[nodiscard]] std::string_view name(std::size_t index) const { return names_[index]; }
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
  void add(std::string_view name, const lineup_column& column);
  void add(std::string_view name, lineup_column& column, lineup_type type, const void* data);
  void fill(Texts& texts, const std::vector<std::string>& values, ColumnForm form,
            std::uint64_t identity);
  void fill_tags(const BenchRows& rows, ColumnForm form);

  std::vector<double> scores_;
  std::vector<double> prices_;
  std::vector<double> clicks_;
  std::vector<double> continues_;
  std::vector<std::uint8_t> is_new_;
  std::vector<std::int64_t> ids_;
  lineup_ids id_view_{};
  lineup_column score_column_{};
  lineup_column price_column_{};
  lineup_column is_new_column_{};
  lineup_column clicks_column_{};
  lineup_column continues_column_{};
  lineup_column embedding_column_{};
  Texts texts_[4];
  static constexpr std::size_t kColumnsMax = 10;
  const lineup_column* columns_[kColumnsMax] = {};
  std::string_view names_[kColumnsMax] = {};
  std::size_t count_ = 0;
};

// The rows as a request line.
[[nodiscard]] std::string bench_request(const BenchRows& rows, std::uint32_t page);

}  // namespace lineup::cli
