// SPDX-License-Identifier: Apache-2.0
//
// Made-up requests for a plugin nobody knows: first its names are asked for, then a schema and
// columns are made that fit them. Everything a plugin reads stands in guarded, sealed memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/guarded.hpp"
#include "conformance/random.hpp"
#include "node/run.hpp"

namespace lineup {

// What the values of a request are like.
enum class Values : std::uint8_t {
  Ordinary,  // every row has every value, all finite and of usual size
  Sparse,    // some are missing, some rows are no candidates
  Wild,      // NaN, infinities, the ends of every type, rows that are all alike
  Absent,    // declared, but the request carries no optional column at all
};

struct Shape {
  std::uint32_t rows = 60;
  std::uint32_t slots = 10;
  std::uint32_t history = 6;
  Values values = Values::Ordinary;
  std::uint64_t seed = 1;
  std::uint64_t work_limit = 50'000'000;
  std::int64_t deadline_ns = INT64_MAX;
};

// What an instance asks for while it is activated, whatever it is.
struct Wishes {
  struct Wish {
    std::string name;
    ColumnType type = ColumnType::Float;
    bool required = false;
  };
  std::vector<Wish> columns;
  std::vector<std::string> objectives;  // asked for by name
};

// The names that an instance binds when it gets all it asks for. Codes: conformance/config (the
// plugin does not take the configuration; the message is its own), conformance/create,
// conformance/activate.
[[nodiscard]] Result<Wishes> ask_wishes(const NodeType& type, const std::string& config_json);

// A policy that has what was wished for, or only what is required.
struct MadePolicy {
  explicit MadePolicy(const Wishes& wishes, bool with_optional = true);
  MadePolicy(const MadePolicy&) = delete;
  MadePolicy& operator=(const MadePolicy&) = delete;
  Schema schema;
  ContextLayout context;
  std::vector<Objective> objectives;
  NodeLayout layout;
};

// One request of a shape. REQUIRES: the stage and its schema stay as they are while it lives.
class MadeRequest {
 public:
  MadeRequest(const MadePolicy& stage, const Shape& shape);
  MadeRequest(const MadeRequest&) = delete;
  MadeRequest& operator=(const MadeRequest&) = delete;

  [[nodiscard]] NodeRequest request(Arena& arena) const;
  // A page of the request under one rule: at most two rows of a group in any five slots.
  [[nodiscard]] Problem problem() const;
  [[nodiscard]] const Shape& shape() const { return shape_; }

 private:
  struct Rows {
    std::uint32_t count = 0;
    std::vector<Column> columns;
    std::span<const std::int64_t> ids;
  };
  Column make_column(const ColumnSpec& spec, std::uint32_t rows, Random& random);
  const Word* make_validity(std::uint32_t rows, Random& random);
  double make_number(Random& random) const;
  std::int64_t make_integer(Random& random) const;
  Rows make_rows(const Schema& schema, std::uint32_t count, Random& random);
  void make_context(const ContextLayout& layout, Random& random);

  Shape shape_;
  const Schema& schema_;
  GuardedMemory memory_;
  Rows rows_;
  Rows past_;
  Batch batch_;
  std::vector<std::string_view> texts_;
  std::vector<Vocabulary> vocabularies_;
  std::vector<Scalar> context_;
  std::span<const double> weights_;
  std::span<const double> discounts_;
  std::span<const Word> candidates_;
  std::vector<double> score_;
  std::vector<std::uint32_t> groups_;
  std::vector<Constraint> rules_;
  std::uint32_t slot_count_ = 0;
};

}  // namespace lineup
