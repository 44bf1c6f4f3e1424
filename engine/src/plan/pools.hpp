// SPDX-License-Identifier: Apache-2.0
//
// The rows of all pools that a policy names, held against its columns and laid out as a host would
// lend them: coded once, when the plan is made, and put behind the candidates of every request.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "batch/ingest.hpp"
#include "policy/document.hpp"
#include "policy/pool.hpp"

namespace lineup {

using Pools = std::map<std::string, PoolDocument, std::less<>>;

// Immutable once it was made; what it lends points into itself.
class PoolTable {
 public:
  PoolTable() = default;
  PoolTable(const PoolTable&) = delete;
  PoolTable& operator=(const PoolTable&) = delete;

  struct Row {
    std::string id;
    std::string pool;
    std::int64_t from_ms = INT64_MIN;
    std::int64_t expires_ms = INT64_MAX;

    // Whether the row may be shown at this moment.
    [[nodiscard]] bool is_current(std::int64_t now_ms) const {
      return from_ms <= now_ms && now_ms < expires_ms;
    }
  };
  [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }
  // Columns by schema index, as ingest() takes them.
  [[nodiscard]] const TableInput& input() const { return input_; }

 private:
  friend class PoolCompiler;
  // Values of one column; which vectors are filled follows from its type.
  struct Values {
    lineup_column view{};
    lineup_dictionary dictionary{};
    std::vector<double> floats;
    std::vector<std::int64_t> integers;
    std::vector<std::uint8_t> bools;
    std::vector<std::uint32_t> codes;
    std::vector<std::uint32_t> list_offsets;
    std::vector<float> vectors;
    std::vector<std::uint64_t> validity;
    std::vector<std::uint32_t> offsets;  // of the dictionary
    std::string bytes;                   // of the dictionary
    std::map<std::string, std::uint32_t, std::less<>> code_of;
    bool is_used = false;
  };
  std::vector<Row> rows_;
  std::deque<Values> values_;  // [schema]
  std::vector<const lineup_column*> columns_;
  std::vector<std::int64_t> id_numbers_;
  std::vector<std::uint32_t> id_offsets_;
  std::string id_bytes_;
  lineup_ids ids_{};
  TableInput input_;
};

// The rows that `document` names, of `pools`; null when there are none. What does not fit its
// columns is reported, and rows that have ended by `now_ms` are warned of. [control]
[[nodiscard]] std::unique_ptr<const PoolTable> compile_pools(const PolicyDocument& document,
                                                             const Schema& schema,
                                                             const Pools& pools,
                                                             std::int64_t now_ms,
                                                             Diagnostics& diagnostics);

}  // namespace lineup
