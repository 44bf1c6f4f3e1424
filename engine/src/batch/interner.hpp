// SPDX-License-Identifier: Apache-2.0
//
// Hash tables that serve one request after another without being cleared or freed: entries carry
// the epoch they were made in, so starting anew costs one increment.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/hash.hpp"

namespace lineup {

// Text -> dense code, in order of first appearance. Texts are borrowed. Not thread safe: part of a
// session. Grows while warming up, then allocates nothing.
class Interner {
 public:
  // Forgets everything; room for `expected` distinct texts without growing.
  void begin(std::uint32_t expected);
  [[nodiscard]] std::uint32_t code(std::string_view text);
  // The same for many texts that lie in one piece: [count] codes, offsets [count + 1] into bytes.
  void codes(const char* bytes, const std::uint32_t* offsets, std::uint32_t count,
             std::uint32_t* out);
  [[nodiscard]] const std::vector<std::string_view>& texts() const { return texts_; }

 private:
  // Size and both words tell texts of up to 16 bytes apart: no text is looked at again.
  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    std::uint32_t size = 0;
    [[nodiscard]] std::uint32_t hash() const;
  };
  struct Entry {
    Key key;
    std::uint32_t epoch = 0;
    std::uint32_t code = 0;
  };
  static Key key_of(std::string_view text);
  std::uint32_t find_or_add(const Key& key, std::string_view text);
  std::uint32_t add(const Key& key, std::string_view text, std::uint32_t at);
  void grow();
  std::vector<Entry> entries_;
  std::vector<std::string_view> texts_;
  std::uint32_t epoch_ = 0;
  std::uint32_t mask_ = 0;
};

// Which 64-bit keys were met before. Same habits as Interner.
class SeenKeys {
 public:
  void begin(std::uint32_t expected);
  // True when `key` is new.
  [[nodiscard]] bool insert(std::uint64_t key) {
    for (std::uint32_t i = static_cast<std::uint32_t>(mix64(key)) & mask_;; i = (i + 1) & mask_) {
      Entry& entry = entries_[i];
      if (entry.epoch != epoch_) {
        entry = {key, epoch_};
        return true;
      }
      if (entry.key == key) return false;
    }
  }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t epoch = 0;
  };
  std::vector<Entry> entries_;
  std::uint32_t epoch_ = 0;
  std::uint32_t mask_ = 0;
};

}  // namespace lineup
