// SPDX-License-Identifier: Apache-2.0
//
// Open addressing with linear probing at a load of at most one half. Short texts, which categories
// are, hash in a few multiplications over two overlapping words.
#include "batch/interner.hpp"

#include <bit>

namespace lineup {

namespace {

std::uint64_t word_at(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

std::uint32_t half_at(const char* at) {
  std::uint32_t half;
  std::memcpy(&half, at, sizeof half);
  return half;
}

std::uint32_t hash_text(std::string_view text) {
  const std::size_t size = text.size();
  const char* data = text.data();
  std::uint64_t low = 0;
  std::uint64_t high = size;
  if (size > 16) {
    low = hash64(text);
  } else if (size >= 8) {
    low = word_at(data);
    high ^= word_at(data + size - 8) * 0x9e3779b97f4a7c15ULL;
  } else if (size >= 4) {
    low = half_at(data);
    high ^= std::uint64_t{half_at(data + size - 4)} << 32;
  } else if (size > 0) {
    low = static_cast<unsigned char>(data[0]) |
          (static_cast<std::uint64_t>(static_cast<unsigned char>(data[size / 2])) << 8) |
          (static_cast<std::uint64_t>(static_cast<unsigned char>(data[size - 1])) << 16);
  }
  const std::uint64_t mixed = (low ^ 0xa0761d6478bd642fULL) * (high ^ 0xe7037ed1a0b428dbULL);
  return static_cast<std::uint32_t>(mixed ^ (mixed >> 32)) ^
         static_cast<std::uint32_t>((low + high) * 0x9e3779b97f4a7c15ULL >> 40);
}

// Advances `epoch`; at its wrap all entries are cleared once.
template <typename Entries>
void next_epoch(Entries& entries, std::uint32_t& epoch) {
  if (++epoch == 0) {
    for (auto& entry : entries) entry.epoch = 0;
    epoch = 1;
  }
}

template <typename Entries>
void make_room(Entries& entries, std::uint32_t expected, std::uint32_t& mask) {
  const std::size_t wanted = std::bit_ceil(std::size_t{expected} * 2 + 16);
  if (entries.size() < wanted) entries.resize(wanted);
  mask = static_cast<std::uint32_t>(entries.size() - 1);
}

}  // namespace

void Interner::begin(std::uint32_t expected) {
  make_room(entries_, expected, mask_);
  next_epoch(entries_, epoch_);
  texts_.clear();
}

void Interner::grow() {
  const std::vector<Entry> old = std::move(entries_);
  entries_.assign(old.size() * 2, Entry{});
  mask_ = static_cast<std::uint32_t>(entries_.size() - 1);
  for (const Entry& entry : old) {
    if (entry.epoch != epoch_) continue;
    std::uint32_t i = entry.hash & mask_;
    while (entries_[i].epoch == epoch_) i = (i + 1) & mask_;
    entries_[i] = entry;
  }
}

std::uint32_t Interner::code(std::string_view text) {
  const std::uint32_t hash = hash_text(text);
  for (std::uint32_t i = hash & mask_;; i = (i + 1) & mask_) {
    Entry& entry = entries_[i];
    if (entry.epoch != epoch_) {
      if ((texts_.size() + 1) * 2 > entries_.size()) {
        grow();
        return code(text);
      }
      const auto fresh = static_cast<std::uint32_t>(texts_.size());
      entry = {epoch_, hash, fresh};
      texts_.push_back(text);
      return fresh;
    }
    if (entry.hash == hash && texts_[entry.code] == text) return entry.code;
  }
}

void SeenKeys::begin(std::uint32_t expected) {
  make_room(entries_, expected, mask_);
  next_epoch(entries_, epoch_);
}

}  // namespace lineup
