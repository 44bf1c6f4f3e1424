// SPDX-License-Identifier: Apache-2.0
//
// What makes rows alike, as one vector per row: embeddings brought to length 1 and categories as
// one dimension per value, each part scaled so that the product of two rows' vectors is their
// similarity, the weighted mean of cosines and equalities. MMR, DPP and SSD all work on these: they
// project every row on a direction. The dimensions of categories are never multiplied out.
//
//   constructor   columns_.read(config)
//   activate      columns_.bind(binder)
//   request       const Features features(columns_, call, history_rows, Features::Layout::Blocks);
#ifndef LINEUP_CPP_FEATURES_HPP
#define LINEUP_CPP_FEATURES_HPP

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lineup/cpp/call.hpp"
#include "lineup/cpp/columns.hpp"
#include "lineup/cpp/product.hpp"

namespace lineup::plugin {

// The columns that are compared, from the parameters `embeddings` and `categories`: lists of
// {column, weight}.
class FeatureColumns {
 public:
  struct Embedding {
    std::string name;
    double share = 1.0;  // of the similarity, 0..1
    Bound<Vectors> column;
  };
  struct Category {
    std::string name;
    double share = 1.0;
    Bound<Codes> column;
  };

  // Throws Failure when there is nothing to compare rows by, or a weight is not above 0.
  void read(const Config& config) {
    double total = 0.0;
    read_list(config, "/embeddings", embeddings_, total);
    read_list(config, "/categories", categories_, total);
    if (embeddings_.empty() && categories_.empty()) {
      throw Failure("`embeddings` or `categories` must name a column to compare rows by");
    }
    for (Embedding& part : embeddings_) part.share /= total;
    for (Category& part : categories_) part.share /= total;
  }
  void bind(const Binder& binder) {
    for (Category& part : categories_) part.column = binder.required<Codes>(part.name);
    for (Embedding& part : embeddings_) part.column = binder.required<Vectors>(part.name);
  }
  [[nodiscard]] const std::vector<Embedding>& embeddings() const { return embeddings_; }
  [[nodiscard]] const std::vector<Category>& categories() const { return categories_; }

 private:
  template <typename Part>
  static void read_list(const Config& config, const std::string& list, std::vector<Part>& parts,
                        double& total) {
    for (std::uint64_t index = 0; index < config.count(list); ++index) {
      const std::string place = list + "/" + std::to_string(index);
      Part& part = parts.emplace_back();
      part.name = config.text(place + "/column", "");
      part.share = config.number(place + "/weight", 1.0);
      if (!(part.share > 0.0)) throw Failure("`" + place + "/weight` must be above 0");
      total += part.share;
    }
  }

  std::vector<Embedding> embeddings_;
  std::vector<Category> categories_;
};

// The vectors of one call. Candidates, and the last `history_rows` rows of the history.
class Features {
 public:
  // Blocks: also copied so that all rows can be projected at once. Rows: one by one only.
  enum class Layout { Rows, Blocks };

  // `append_one`: each embedding gets one more dimension, of the same value in every row, so that
  // opposite vectors are not multiples of each other.
  Features(const FeatureColumns& columns, const Call& call, std::uint32_t history_rows,
           Layout layout, bool append_one = false)
      : call_(call), rows_(call.row_count()), history_rows_(history_rows) {
    const double kept = append_one ? std::sqrt(0.5) : 1.0;
    embeddings_ = call.allocate<Embedding>(columns.embeddings().size());
    for (std::size_t index = 0; index < embeddings_.size(); ++index) {
      add_embedding(columns.embeddings()[index], kept, append_one, embeddings_[index]);
      if (layout == Layout::Blocks) fill_blocks(embeddings_[index]);
    }
    categories_ = call.allocate<Category>(columns.categories().size());
    for (std::size_t index = 0; index < categories_.size(); ++index) {
      add_category(columns.categories()[index], categories_[index]);
    }
    padded_ = (std::size_t{rows_} + kBlockRows - 1) / kBlockRows * kBlockRows;
    if (layout == Layout::Blocks) {
      part_doubles_ = call.allocate<double>(padded_);
      part_floats_ = call.allocate<float>(padded_);
      direction_floats_ = call.allocate<float>(width_);
    }
  }

  // Dimensions of a vector.
  [[nodiscard]] std::size_t width() const { return width_; }

  // The whole vector of a candidate, or of the row `back` rows before the page (1: the last of the
  // history). REQUIRES: out holds width().
  void candidate(Row row, std::span<double> out) const { expand(row, false, out); }
  void history(std::uint32_t back, std::span<double> out) const { expand(back, true, out); }

  // The product of one candidate's vector and `direction`.
  [[nodiscard]] double project(Row row, std::span<const double> direction) const {
    double sum = 0.0;
    for (const Embedding& part : embeddings_) {
      if (part.scale[row] == 0.0) continue;
      const std::span<const double> along = direction.subspan(part.begin, part.dimension);
      sum += part.scale[row] * product<float>(part.vectors[row], along);
      if (part.one != 0.0) sum += part.one * direction[part.begin + part.dimension];
    }
    for (const Category& part : categories_) {
      const std::uint32_t code = part.local[row];
      if (code != kNone) sum += part.scale * direction[part.begin + code];
    }
    return sum;
  }

  // The products of all candidates. T: double, or float where speed counts more than the last
  // digits. REQUIRES: Layout::Blocks; out: [row_count]. Not from several threads at once.
  template <typename T>
  void project_all(std::span<const double> direction, std::span<T> out) const {
    if (embeddings_.empty()) std::fill(out.begin(), out.end(), T{0});
    for (const Embedding& part : embeddings_) {
      const std::span<const T> products = project_part<T>(part, direction);
      const std::span<const T> scale = scale_in<T>(part);
      if (&part == embeddings_.data() && part.one == 0.0) {
        for (std::size_t row = 0; row < out.size(); ++row) out[row] = scale[row] * products[row];
        continue;
      }
      if (&part == embeddings_.data()) std::fill(out.begin(), out.end(), T{0});
      const T one =
          static_cast<T>(part.one == 0.0 ? 0.0 : part.one * direction[part.begin + part.dimension]);
      for (std::size_t row = 0; row < out.size(); ++row) {
        out[row] += scale[row] * products[row] + (scale[row] == T{0} ? T{0} : one);
      }
    }
    for (const Category& part : categories_) {
      const std::span<const double> along = direction.subspan(part.begin, part.values);
      for (std::size_t row = 0; row < out.size(); ++row) {
        const std::uint32_t code = part.local[row];
        if (code != kNone) out[row] += static_cast<T>(part.scale * along[code]);
      }
    }
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFU;

  struct Embedding {
    Vectors vectors;
    Vectors past;
    std::size_t begin = 0;  // its first dimension
    std::size_t dimension = 0;
    double one = 0.0;              // the appended dimension, 0: none
    std::span<double> scale;       // [rows] brings a vector to its share; 0: it has none
    std::span<double> past_scale;  // [history_rows] by `back` - 1
    std::span<float> blocks;       // [rows padded][dimension]
    std::span<float> scale_float;  // [rows] the same as `scale`, with blocks
  };
  struct Category {
    std::size_t begin = 0;
    std::uint32_t values = 0;  // distinct ones among these rows
    double scale = 0.0;
    std::span<std::uint32_t> local;       // [rows] number of the value, or kNone
    std::span<std::uint32_t> past_local;  // [history_rows] by `back` - 1
  };

  // Eight partial sums: one alone would wait for every addition.
  static double square_of(std::span<const float> vector) {
    constexpr std::size_t kLanes = 8;
    double sums[kLanes] = {};
    const std::size_t whole = vector.size() / kLanes * kLanes;
    for (std::size_t begin = 0; begin < whole; begin += kLanes) {
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const double value = vector[begin + lane];
        sums[lane] += value * value;
      }
    }
    for (std::size_t index = whole; index < vector.size(); ++index) {
      sums[0] += static_cast<double>(vector[index]) * vector[index];
    }
    return ((sums[0] + sums[4]) + (sums[1] + sums[5])) +
           ((sums[2] + sums[6]) + (sums[3] + sums[7]));
  }
  static double scale_of(const Vectors& vectors, Row row, double length) {
    if (!vectors.has(row)) return 0.0;
    const double square = square_of(vectors[row]);
    return square > 0.0 && std::isfinite(square) ? length / std::sqrt(square) : 0.0;
  }

  void add_embedding(const FeatureColumns::Embedding& column, double kept, bool append_one,
                     Embedding& part) {
    part = Embedding{};
    part.vectors = call_.rows(column.column);
    part.past = call_.history(column.column);
    part.begin = width_;
    part.dimension = part.vectors.dimension();
    const double length = std::sqrt(column.share) * kept;
    part.one = append_one ? length : 0.0;
    width_ += part.dimension + (append_one ? 1 : 0);
    part.scale = call_.allocate<double>(rows_);
    for (Row row = 0; row < rows_; ++row) part.scale[row] = scale_of(part.vectors, row, length);
    part.past_scale = call_.filled<double>(history_rows_, 0.0);
    if (part.past.dimension() != part.dimension) return;
    for (std::uint32_t back = 1; back <= history_rows_; ++back) {
      part.past_scale[back - 1] = scale_of(part.past, call_.history_count() - back, length);
    }
  }

  void fill_blocks(Embedding& part) {
    const std::size_t blocks = (std::size_t{rows_} + kBlockRows - 1) / kBlockRows;
    part.scale_float = call_.allocate<float>(rows_);
    std::copy(part.scale.begin(), part.scale.end(), part.scale_float.begin());
    part.blocks = call_.allocate<float>(blocks * kBlockRows * part.dimension);
    for (std::size_t block = 0; block < blocks; ++block) {
      float* to = part.blocks.data() + block * kBlockRows * part.dimension;
      for (std::size_t lane = 0; lane < kBlockRows; ++lane) {
        const std::size_t row = block * kBlockRows + lane;
        const bool has = row < rows_ && part.scale[row] != 0.0;
        const float* from = has ? part.vectors[static_cast<Row>(row)].data() : nullptr;
        for (std::size_t d = 0; d < part.dimension; ++d) {
          to[d * kBlockRows + lane] = has ? from[d] : 0.0F;
        }
      }
    }
  }

  // Values get numbers in the order in which they are met: codes of a dictionary may be many more
  // than there are rows.
  void add_category(const FeatureColumns::Category& column, Category& part) {
    part = Category{};
    part.begin = width_;
    part.scale = std::sqrt(column.share);
    const Codes codes = call_.rows(column.column);
    const Codes past = call_.history(column.column);
    std::size_t slots = 16;
    while (slots < 2 * (std::size_t{rows_} + history_rows_)) slots *= 2;
    const std::span<std::uint32_t> keys = call_.filled<std::uint32_t>(slots, kNone);
    const std::span<std::uint32_t> numbers = call_.allocate<std::uint32_t>(slots);
    const auto number_of = [&](std::uint32_t code) {
      if (code == Codes::kNone) return kNone;
      std::size_t at = (code * std::size_t{0x9E3779B1}) & (slots - 1);
      while (keys[at] != kNone && keys[at] != code) at = (at + 1) & (slots - 1);
      if (keys[at] == kNone) {
        keys[at] = code;
        numbers[at] = part.values++;
      }
      return numbers[at];
    };
    part.local = call_.allocate<std::uint32_t>(rows_);
    for (Row row = 0; row < rows_; ++row) part.local[row] = number_of(codes[row]);
    part.past_local = call_.allocate<std::uint32_t>(history_rows_);
    for (std::uint32_t back = 1; back <= history_rows_; ++back) {
      part.past_local[back - 1] = number_of(past[call_.history_count() - back]);
    }
    width_ += part.values;
  }

  void expand(std::uint32_t index, bool past, std::span<double> out) const {
    std::fill(out.begin(), out.end(), 0.0);
    for (const Embedding& part : embeddings_) {
      const double scale = past ? part.past_scale[index - 1] : part.scale[index];
      if (scale == 0.0) continue;
      const Row row = past ? call_.history_count() - index : index;
      const std::span<const float> vector = past ? part.past[row] : part.vectors[row];
      for (std::size_t d = 0; d < part.dimension; ++d) out[part.begin + d] = scale * vector[d];
      if (part.one != 0.0) out[part.begin + part.dimension] = part.one;
    }
    for (const Category& part : categories_) {
      const std::uint32_t code = past ? part.past_local[index - 1] : part.local[index];
      if (code != kNone) out[part.begin + code] = part.scale;
    }
  }

  template <typename T>
  static std::span<const T> scale_in(const Embedding& part) {
    if constexpr (std::is_same_v<T, double>) {
      return part.scale;
    } else {
      return part.scale_float;
    }
  }
  template <typename T>
  std::span<T> project_part(const Embedding& part, std::span<const double> direction) const {
    const std::size_t blocks = padded_ / kBlockRows;
    if constexpr (std::is_same_v<T, double>) {
      project_blocks(part.blocks.data(), blocks, direction.data() + part.begin, part.dimension,
                     part_doubles_.data());
      return part_doubles_;
    } else {
      for (std::size_t d = 0; d < part.dimension; ++d) {
        direction_floats_[d] = static_cast<float>(direction[part.begin + d]);
      }
      project_blocks(part.blocks.data(), blocks, direction_floats_.data(), part.dimension,
                     part_floats_.data());
      return part_floats_;
    }
  }

  const Call& call_;
  std::uint32_t rows_;
  std::uint32_t history_rows_;
  std::size_t width_ = 0;
  std::size_t padded_ = 0;
  std::span<Embedding> embeddings_;
  std::span<Category> categories_;
  std::span<double> part_doubles_;
  std::span<float> part_floats_;
  std::span<float> direction_floats_;
};

}  // namespace lineup::plugin

#endif
