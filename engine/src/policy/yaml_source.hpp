// SPDX-License-Identifier: Apache-2.0
//
// Where values end. yaml-cpp says where a value begins; its end is found in the source.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace lineup {

class YamlSource {
 public:
  // `text` is borrowed.
  YamlSource(std::string path, std::string_view text);

  // The byte at a line and column counted from 0, as yaml-cpp does; the end when there is none.
  [[nodiscard]] std::size_t offset(int line, int column) const;
  [[nodiscard]] Span span(std::size_t begin, std::size_t end) const;
  [[nodiscard]] std::size_t size() const { return text_.size(); }
  // '\0' past the end.
  [[nodiscard]] char at(std::size_t offset) const {
    return offset < text_.size() ? text_[offset] : '\0';
  }

  // One past the last byte of the scalar that begins at `begin` and reads as `value`. Nothing when
  // its quote is never closed (which yaml-cpp lets pass).
  [[nodiscard]] std::optional<std::size_t> scalar_end(std::size_t begin,
                                                      std::string_view value) const;
  // One past the bracket that closes a flow collection whose last part ends at `from`.
  [[nodiscard]] std::size_t flow_end(std::size_t from) const;
  // Where a tab stands in the indentation of the line that holds `offset`.
  [[nodiscard]] std::optional<std::size_t> indenting_tab(std::size_t offset) const;

 private:
  [[nodiscard]] std::optional<std::size_t> quoted_end(std::size_t begin) const;
  [[nodiscard]] std::size_t block_end(std::size_t begin) const;
  [[nodiscard]] std::size_t plain_end(std::size_t begin, std::string_view value) const;

  std::string path_;
  std::string_view text_;
  std::vector<std::size_t> lines_;  // where each begins
};

}  // namespace lineup
