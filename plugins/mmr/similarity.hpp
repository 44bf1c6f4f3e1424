// SPDX-License-Identifier: Apache-2.0
//
// How alike a row is to all candidates: a weighted mean of the cosine of embeddings and of the
// equality of categories.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "lineup/plugin.hpp"

namespace mmr {

namespace sdk = lineup::plugin;

// One part of the mean. Exactly one of the columns is bound.
struct CategoryPart {
  sdk::Bound<sdk::Codes> column;
  double weight = 1.0;
};
struct EmbeddingPart {
  sdk::Bound<sdk::Vectors> column;
  double weight = 1.0;
};
struct Parts {
  std::vector<CategoryPart> categories;
  std::vector<EmbeddingPart> embeddings;
  double total_weight = 0.0;  // of all parts, above 0
};

// The sum over all dimensions. Eight partial sums in a fixed order: a compiler may then use vector
// instructions without changing the result.
inline float dot(std::span<const float> left, std::span<const float> right) {
  constexpr std::size_t kLanes = 8;
  float lanes[kLanes] = {};
  const std::size_t whole = left.size() / kLanes * kLanes;
  for (std::size_t begin = 0; begin < whole; begin += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      lanes[lane] += left[begin + lane] * right[begin + lane];
    }
  }
  float rest = 0.0F;
  for (std::size_t index = whole; index < left.size(); ++index) rest += left[index] * right[index];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7])) + rest;
}

// 1 / length, or 0 for a row that has no direction: its cosine with everything is then 0.
inline float inverse_length(const sdk::Vectors& vectors, sdk::Row row) {
  if (!vectors.has(row)) return 0.0F;
  const float square = dot(vectors[row], vectors[row]);
  return square > 0.0F && std::isfinite(square) ? 1.0F / std::sqrt(square) : 0.0F;
}

// The similarity of one call's rows. What every step reads is brought into plain arrays first.
class Similarity {
 public:
  Similarity(const Parts& parts, const sdk::Call& call) : parts_(parts), call_(call) {
    codes_ = call.allocate<std::span<std::uint32_t>>(parts.categories.size());
    for (std::size_t part = 0; part < parts.categories.size(); ++part) {
      const sdk::Codes codes = call.rows(parts.categories[part].column);
      codes_[part] = call.allocate<std::uint32_t>(call.row_count());
      for (sdk::Row row = 0; row < call.row_count(); ++row) codes_[part][row] = codes[row];
    }
    lengths_ = call.allocate<std::span<float>>(parts.embeddings.size());
    for (std::size_t part = 0; part < parts.embeddings.size(); ++part) {
      const sdk::Vectors vectors = call.rows(parts.embeddings[part].column);
      lengths_[part] = call.allocate<float>(call.row_count());
      for (sdk::Row row = 0; row < call.row_count(); ++row) {
        lengths_[part][row] = inverse_length(vectors, row);
      }
    }
  }

  // out[i]: how alike candidate i is to candidate `row`. REQUIRES: [row_count].
  void to_candidate(sdk::Row row, std::span<float> out) const {
    fill([&](const auto& bound) { return call_.rows(bound); }, row, out);
  }
  // The same for a row of the history.
  void to_history(sdk::Row row, std::span<float> out) const {
    fill([&](const auto& bound) { return call_.history(bound); }, row, out);
  }

 private:
  // `table` gives the columns in which `row` stands.
  template <typename Table>
  void fill(Table table, sdk::Row row, std::span<float> out) const {
    for (float& value : out) value = 0.0F;
    for (std::size_t index = 0; index < parts_.categories.size(); ++index) {
      const CategoryPart& part = parts_.categories[index];
      add_equal(codes_[index], table(part.column)[row], share(part.weight), out);
    }
    for (std::size_t index = 0; index < parts_.embeddings.size(); ++index) {
      const EmbeddingPart& part = parts_.embeddings[index];
      const sdk::Vectors anchor = table(part.column);
      const float length = inverse_length(anchor, row);
      const sdk::Vectors vectors = call_.rows(part.column);
      if (length == 0.0F || anchor.dimension() != vectors.dimension()) continue;
      add_cosine(vectors, lengths_[index], anchor[row], share(part.weight) * length, out);
    }
  }

  [[nodiscard]] float share(double weight) const {
    return static_cast<float>(weight / parts_.total_weight);
  }

  static void add_equal(std::span<const std::uint32_t> codes, std::uint32_t code, float share,
                        std::span<float> out) {
    if (code == sdk::Codes::kNone) return;
    for (std::size_t row = 0; row < out.size(); ++row) {
      out[row] += codes[row] == code ? share : 0.0F;
    }
  }

  static void add_cosine(const sdk::Vectors& vectors, std::span<const float> lengths,
                         std::span<const float> anchor, float scale, std::span<float> out) {
    for (sdk::Row row = 0; row < out.size(); ++row) {
      if (lengths[row] != 0.0F) out[row] += scale * lengths[row] * dot(vectors[row], anchor);
    }
  }

  const Parts& parts_;
  const sdk::Call& call_;
  std::span<std::span<std::uint32_t>> codes_;  // [categories][row_count]
  std::span<std::span<float>> lengths_;        // [embeddings][row_count] 1 / length
};

}  // namespace mmr
