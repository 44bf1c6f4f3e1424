// SPDX-License-Identifier: Apache-2.0
//
// Rows with relevance, categories and embeddings for the tests of generators that compare rows, and
// their feature vectors written out.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "loaded.hpp"

namespace lineup::testing {

inline constexpr std::uint32_t kVariedDimension = 11;  // not a multiple of any vector width

// Score, category (some missing), author, embedding (some zero). All draws are distinct, so that
// no two rows tie.
inline void fill_varied(FakeTable& table, Numbers& numbers) {
  const std::uint32_t count = table.row_count();
  std::vector<double> scores;
  std::vector<std::string> categories, authors;
  std::vector<float> vectors;
  for (Row row = 0; row < count; ++row) {
    scores.push_back(numbers.unit() * 8.0 - 3.0);
    const std::uint32_t category = numbers.below(6);
    categories.push_back(category == 0 ? "" : "c" + std::to_string(category));
    authors.push_back("a" + std::to_string(numbers.below(15)));
    const bool empty = numbers.below(12) == 0;
    for (std::uint32_t i = 0; i < kVariedDimension; ++i) {
      vectors.push_back(empty ? 0.0F : static_cast<float>(numbers.unit() - 0.4));
    }
  }
  table.floats("score", scores).codes("category", categories).codes("author", authors);
  table.vectors("embedding", kVariedDimension, vectors);
}

// How much each part counts; 0: not at all.
struct PartWeights {
  double embedding = 0.0;
  double category = 0.0;
  double author = 0.0;
};

inline std::string to_config(const PartWeights& weights) {
  std::string categories;
  const auto add = [&](const char* name, double weight) {
    if (weight == 0.0) return;
    categories += categories.empty() ? "" : ", ";
    categories +=
        std::string(R"({"column": ")") + name + R"(", "weight": )" + std::to_string(weight) + "}";
  };
  add("category", weights.category);
  add("author", weights.author);
  std::string config = "\"categories\": [" + categories + "]";
  if (weights.embedding > 0.0) {
    config += R"(, "embeddings": [{"column": "embedding", "weight": )" +
              std::to_string(weights.embedding) + "}]";
  }
  return config;
}

// The vector of a row: embedding of length 1 (with one more dimension when asked), then one
// dimension per category and per author, each part scaled by the root of its share.
inline std::vector<double> features_of(const FakeTable& table, Row row, const PartWeights& weights,
                                       bool append_one = false) {
  const double total = weights.embedding + weights.category + weights.author;
  std::vector<double> out(kVariedDimension + 1 + 40, 0.0);
  const std::vector<float>& vectors = table.find("embedding")->vectors;
  double square = 0.0;
  for (std::uint32_t i = 0; i < kVariedDimension; ++i) {
    out[i] = vectors[row * kVariedDimension + i];
    square += out[i] * out[i];
  }
  const double share = std::sqrt(weights.embedding / total * (append_one ? 0.5 : 1.0));
  for (std::uint32_t i = 0; i < kVariedDimension; ++i) {
    out[i] *= square > 0.0 ? share / std::sqrt(square) : 0.0;
  }
  if (append_one && square > 0.0) out[kVariedDimension] = share;
  const std::uint32_t category = table.find("category")->codes[row];
  if (category != LINEUP_NO_CODE) {
    out[kVariedDimension + 1 + category] = std::sqrt(weights.category / total);
  }
  const std::uint32_t author = table.find("author")->codes[row];
  if (author != LINEUP_NO_CODE) {
    out[kVariedDimension + 1 + 20 + author] = std::sqrt(weights.author / total);
  }
  return out;
}

inline double dot(const std::vector<double>& left, const std::vector<double>& right) {
  double sum = 0.0;
  for (std::size_t i = 0; i < left.size(); ++i) sum += left[i] * right[i];
  return sum;
}

}  // namespace lineup::testing
