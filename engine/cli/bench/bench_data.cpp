// SPDX-License-Identifier: Apache-2.0
//
// The order of the draws is part of the definition: category, author, type, is_new, score, row by
// row; then the rows are sorted; then the centres of the categories and the embeddings are drawn.
#include "cli/bench/bench_data.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/hash.hpp"

namespace lineup::cli {

namespace {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}
  // Uniform in [0, 1), 31 bits.
  double next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 33) / 2147483648.0;
  }

 private:
  std::uint64_t state_;
};

std::uint32_t type_of(double draw) { return draw < 0.6 ? 0 : draw < 0.9 ? 1 : 2; }

// Outside the generator's sequence, so that the columns of the definition stay as they are.
void draw_more(BenchRow& row, std::uint32_t batch) {
  std::uint64_t lot = mix64(mix64(batch + 1) + row.id);
  row.price = static_cast<double>(lot % 10'001) / 100.0;
  for (std::uint32_t tag = 0; tag < kBenchTags; ++tag) {
    lot = mix64(lot);
    if (lot % 100 < 12) row.tags |= 1U << tag;
  }
}

std::vector<float> make_embeddings(const std::vector<BenchRow>& rows, Generator& generator) {
  using Vector = std::array<double, kBenchDimension>;
  std::array<Vector, 40> centres;
  for (Vector& centre : centres) {
    for (double& value : centre) value = generator.next() - 0.5;
  }
  std::vector<float> out;
  out.reserve(rows.size() * kBenchDimension);
  for (const BenchRow& row : rows) {
    Vector vector;
    double squares = 0.0;
    for (std::size_t d = 0; d < kBenchDimension; ++d) {
      vector[d] = centres[row.category][d] + 0.5 * (generator.next() - 0.5);
      squares += vector[d] * vector[d];
    }
    const double length = std::sqrt(squares);
    for (const double value : vector) out.push_back(static_cast<float>(value / length));
  }
  return out;
}

}  // namespace

BenchRows make_bench_rows(std::uint32_t count, std::uint32_t batch) {
  Generator generator(12345 + std::uint64_t{count} + std::uint64_t{batch} * 1'000'003);
  BenchRows out;
  out.rows.resize(count);
  for (BenchRow& row : out.rows) {
    const double category = generator.next();
    row.category = static_cast<std::uint32_t>(40 * category * category);
    const double author = generator.next();
    row.author = static_cast<std::uint32_t>((count / 5.0) * author * author);
    row.type = type_of(generator.next());
    row.is_new = generator.next() < 0.15;
    row.score = generator.next();
  }
  std::stable_sort(out.rows.begin(), out.rows.end(),
                   [](const BenchRow& a, const BenchRow& b) { return a.score > b.score; });
  for (std::uint32_t id = 0; id < count; ++id) {
    BenchRow& row = out.rows[id];
    row.id = id;
    row.pctr = 0.02 + 0.28 * row.score * row.score;
    draw_more(row, batch);
    row.pnext = 0.97 - 0.12 * ((row.category * 7 + row.author) % 11) / 10;
  }
  out.embeddings = make_embeddings(out.rows, generator);
  return out;
}

}  // namespace lineup::cli
