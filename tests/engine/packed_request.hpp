// SPDX-License-Identifier: Apache-2.0
//
// Writes and reads the flat form by the words of lineup/packed.h alone, as a binding for another
// language would, so that the engine's own reader is held to them.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "host.hpp"
#include "lineup/packed.h"

namespace lineup {

class PackedRequest {
 public:
  PackedRequest() { put<lineup_packed_request>({{}}); }

  lineup_packed_request& header() {
    return *reinterpret_cast<lineup_packed_request*>(bytes_.data());
  }
  // Appends an array and says where it begins.
  template <typename T>
  std::uint32_t put(const std::vector<T>& values) {
    bytes_.resize((bytes_.size() + alignof(std::uint64_t) - 1) / 8 * 8);
    const std::size_t at = bytes_.size();
    bytes_.resize(at + values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(bytes_.data() + at, values.data(), values.size() * sizeof(T));
    return static_cast<std::uint32_t>(at);
  }
  lineup_packed_text put_text(std::string_view text) {
    const std::uint32_t at = put(std::vector<char>(text.begin(), text.end()));
    return {at, static_cast<std::uint32_t>(text.size())};
  }
  std::uint32_t put_offsets(const host::Texts& texts) {
    return put(std::vector<std::uint32_t>(texts.offsets(), texts.offsets() + texts.size() + 1));
  }
  std::uint32_t put_bytes(const host::Texts& texts) {
    return put(std::vector<char>(texts.bytes(), texts.bytes() + texts.offsets()[texts.size()]));
  }
  // The whole buffer, sizes filled in.
  std::span<const std::byte> finish() {
    header().magic = LINEUP_PACKED_REQUEST;
    header().version = LINEUP_PACKED_VERSION;
    header().header_size = sizeof(lineup_packed_request);
    header().total_size = bytes_.size();
    return bytes_;
  }

 private:
  std::vector<std::byte> bytes_;
};

// The columns of a feed; authors as codes of a dictionary, the other categories as texts.
inline lineup_packed_rows pack_rows(PackedRequest& out, const Feed& feed) {
  const host::Texts authors{"a0", "a1", "a2", "a3", "a4", "a5", "a6"};
  std::vector<std::uint32_t> codes;
  for (std::uint32_t row = 0; row < feed.scores.size(); ++row) codes.push_back(row % 7);
  const auto text_column = [&](std::string_view name, const host::Texts& texts) {
    lineup_packed_column column{};
    column.name = out.put_text(name);
    column.type = LINEUP_TYPE_TEXT;
    column.offsets = out.put_offsets(texts);
    column.data = out.put_bytes(texts);
    return column;
  };
  lineup_packed_column score{};
  score.name = out.put_text("score");
  score.type = LINEUP_TYPE_F64;
  score.data = out.put(feed.scores);
  lineup_packed_column is_new{};
  is_new.name = out.put_text("is_new");
  is_new.type = LINEUP_TYPE_BOOL;
  is_new.data = out.put(feed.is_new);
  lineup_packed_column author{};
  author.name = out.put_text("author");
  author.type = LINEUP_TYPE_CODE;
  author.data = out.put(codes);
  author.dictionary_count = authors.size();
  author.dictionary_offsets = out.put_offsets(authors);
  author.dictionary_bytes = out.put_bytes(authors);
  const std::vector<lineup_packed_column> columns = {score, is_new, author,
                                                     text_column("category", feed.category),
                                                     text_column("type", feed.type)};
  lineup_packed_rows rows{};
  rows.row_count = static_cast<std::uint32_t>(feed.scores.size());
  rows.column_count = static_cast<std::uint32_t>(columns.size());
  rows.columns = out.put(columns);
  rows.id_offsets = out.put_offsets(feed.ids);
  rows.id_bytes = out.put_bytes(feed.ids);
  return rows;
}

// An answer, read without trust in it.
struct PackedAnswer {
  lineup_packed_response header{};
  std::vector<std::uint32_t> slate;
  std::string request_id;
  std::string revision;
  std::string error;
  std::vector<std::string> relaxed;
};

inline PackedAnswer read_answer(std::span<const std::byte> bytes) {
  PackedAnswer out;
  const auto part = [&](std::uint32_t offset, std::size_t size) {
    if (offset > bytes.size() || size > bytes.size() - offset) {
      throw std::runtime_error("the answer points outside its buffer");
    }
    return bytes.subspan(offset, size);
  };
  const auto text = [&](lineup_packed_text at) {
    const auto found = part(at.offset, at.size);
    return std::string(reinterpret_cast<const char*>(found.data()), found.size());
  };
  std::memcpy(&out.header, part(0, sizeof out.header).data(), sizeof out.header);
  if (out.header.magic != LINEUP_PACKED_RESPONSE || out.header.version != LINEUP_PACKED_VERSION ||
      out.header.total_size != bytes.size()) {
    throw std::runtime_error("no packed answer");
  }
  const std::size_t size = out.header.slate_count * sizeof(std::uint32_t);
  out.slate.resize(out.header.slate_count);
  if (size > 0) std::memcpy(out.slate.data(), part(out.header.slate, size).data(), size);
  out.request_id = text(out.header.request_id);
  out.revision = text(out.header.revision);
  out.error = text(out.header.error);
  for (std::uint32_t i = 0; i < out.header.relaxed_count; ++i) {
    lineup_packed_relaxed rule{};
    const auto at = out.header.relaxed + i * static_cast<std::uint32_t>(sizeof rule);
    std::memcpy(&rule, part(at, sizeof rule).data(), sizeof rule);
    out.relaxed.push_back(text(rule.rule) + " " + std::to_string(rule.violations));
  }
  return out;
}

}  // namespace lineup
