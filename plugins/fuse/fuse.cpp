// SPDX-License-Identifier: Apache-2.0
//
// The scorer `fuse`: many predictions into one score, by a weighted sum, a product of powers, or by
// ranks alone.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "lineup/plugin.hpp"

namespace {

namespace sdk = lineup::plugin;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class Fuse : public sdk::Scorer {
 public:
  static constexpr const char* kName = "fuse";
  static constexpr const char* kId = "dev.lineup.fuse/1";

  explicit Fuse(const sdk::Config& config)
      : output_name_(config.text("/output", "score")), constant_(config.number("/constant", 60.0)) {
    const std::string method = config.text("/method", "sum");
    if (method == "product") {
      method_ = Method::Product;
    } else if (method == "rank") {
      method_ = Method::Rank;
    } else if (method != "sum") {
      throw sdk::Failure("`/method` must be `sum`, `product` or `rank`, got `" + method + "`");
    }
    if (!(constant_ >= 0.0)) throw sdk::Failure("`/constant` must be at least 0");
    for (std::uint64_t index = 0; index < config.count("/heads"); ++index) {
      const std::string place = "/heads/" + std::to_string(index);
      Head& head = heads_.emplace_back();
      head.column_name = config.text(place + "/column", "");
      head.weight = config.number(place + "/weight", 1.0);
      head.missing = config.number(place + "/missing", 0.0);
    }
    if (heads_.empty()) throw sdk::Failure("`/heads` must name at least one column");
  }

  void activate(const sdk::Binder& binder) {
    for (Head& head : heads_) head.column = binder.required<sdk::Floats>(head.column_name);
    output_ = binder.output(output_name_);
  }

  sdk::Status score(const sdk::Call& call, const sdk::Outputs& outputs) {
    const std::span<double> output = outputs[output_];
    std::fill(output.begin(), output.end(), method_ == Method::Product ? 1.0 : 0.0);
    for (const Head& head : heads_) {
      const sdk::Floats column = call.rows(head.column);
      if (method_ == Method::Rank) {
        add_ranks(call, head, column, output);
        continue;
      }
      for (sdk::Row row = 0; row < call.row_count(); ++row) {
        const double value = column.value_or(row, head.missing);
        if (method_ == Method::Sum) {
          output[row] += head.weight * value;
        } else {
          output[row] *= std::pow(std::max(value, 0.0), head.weight);
        }
      }
    }
    for (double& value : output) {
      if (!std::isfinite(value)) value = kMissing;
    }
    return LINEUP_OK;
  }

 private:
  enum class Method { Sum, Product, Rank };
  struct Head {
    std::string column_name;
    double weight = 1.0;
    double missing = 0.0;
    sdk::Bound<sdk::Floats> column;
  };

  // weight / (constant + rank), the best row of the head at rank 1. Equal values share the better
  // rank; a row without a value gets nothing.
  void add_ranks(const sdk::Call& call, const Head& head, const sdk::Floats& column,
                 std::span<double> output) const {
    const std::span<sdk::Row> order = call.allocate<sdk::Row>(call.row_count());
    std::size_t count = 0;
    for (sdk::Row row = 0; row < call.row_count(); ++row) {
      if (column.has(row)) order[count++] = row;
    }
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count),
              [&](sdk::Row left, sdk::Row right) {
                return column[left] != column[right] ? column[left] > column[right] : left < right;
              });
    std::size_t rank = 1;
    for (std::size_t at = 0; at < count; ++at) {
      if (at > 0 && column[order[at]] != column[order[at - 1]]) rank = at + 1;
      output[order[at]] += head.weight / (constant_ + static_cast<double>(rank));
    }
  }

  std::string output_name_;
  Method method_ = Method::Sum;
  double constant_;
  std::vector<Head> heads_;
  sdk::BoundOutput output_;
};

}  // namespace

LINEUP_METADATA(R"({
  "name": "fuse",
  "version": "1.0.0",
  "about": "Many predictions into one score.",
  "types": [{
    "name": "fuse",
    "kind": "scorer",
    "about": "A weighted sum, a product of powers, or reciprocal rank fusion of columns.",
    "threads": "reentrant",
    "deterministic": true,
    "columns": ["heads"],
    "configuration": {
      "type": "object",
      "additionalProperties": false,
      "required": ["heads"],
      "properties": {
        "output": {"type": "string", "minLength": 1, "default": "score",
          "description": "The float column to write."},
        "method": {"type": "string", "enum": ["sum", "product", "rank"], "default": "sum",
          "description": "sum of weight * value; product of value ^ weight; sum of weight / (constant + rank)."},
        "constant": {"type": "number", "minimum": 0, "default": 60,
          "description": "rank: how little the first ranks stand out."},
        "heads": {"type": "array", "minItems": 1,
          "description": "The predictions.",
          "items": {"type": "object", "additionalProperties": false, "required": ["column"],
            "properties": {
              "column": {"type": "string", "minLength": 1},
              "weight": {"type": "number", "default": 1},
              "missing": {"type": "number", "default": 0,
                "description": "sum, product: stands for a value that is not there."}}}}
      }
    }
  }]
})");

LINEUP_PLUGIN("1.0.0", Fuse)
