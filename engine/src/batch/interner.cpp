// SPDX-License-Identifier: Apache-2.0
//
// Open addressing with linear probing at a load of at most one half. Short texts, which categories
// are, become two overlapping words: hashed by one multiplication each, compared without a look at
// the text.
#include "batch/interner.hpp"

#include <bit>

namespace lineup {

namespace {

// Bytes that two words hold.
constexpr std::size_t kShort = 16;

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

// Inlined, so that both words stay in registers: as a struct in memory they are read back wider
// than they were written, which stalls the processor for longer than all the rest takes.
[[gnu::always_inline]] inline Interner::Key Interner::key_of(std::string_view text) {
  const std::size_t size = text.size();
  const char* data = text.data();
  Key key{0, 0, static_cast<std::uint32_t>(size)};
  if (size > kShort) {
    key.low = hash64(text);
  } else if (size > 8) {
    key.low = word_at(data);
    key.high = word_at(data + size - 8);
  } else if (size >= 4) {
    key.low = half_at(data) | (std::uint64_t{half_at(data + size - 4)} << (size * 8 - 32));
  } else if (size > 0) {
    const auto at = [&](std::size_t i) {
      return std::uint64_t{static_cast<unsigned char>(data[i])} << (i * 8);
    };
    key.low = at(0) | at(size / 2) | at(size - 1);
  }
  return key;
}

[[gnu::always_inline]] inline std::uint32_t Interner::Key::hash() const {
  const std::uint64_t mixed =
      (low ^ 0xa0761d6478bd642fULL) * 0x9e3779b97f4a7c15ULL + (high ^ size) * 0xe7037ed1a0b428dbULL;
  return static_cast<std::uint32_t>(mixed >> 32) ^ static_cast<std::uint32_t>(mixed >> 15);
}

void Interner::grow() {
  const std::vector<Entry> old = std::move(entries_);
  entries_.assign(old.size() * 2, Entry{});
  mask_ = static_cast<std::uint32_t>(entries_.size() - 1);
  for (const Entry& entry : old) {
    if (entry.epoch != epoch_) continue;
    std::uint32_t i = entry.key.hash() & mask_;
    while (entries_[i].epoch == epoch_) i = (i + 1) & mask_;
    entries_[i] = entry;
  }
}

[[gnu::always_inline]] inline std::uint32_t Interner::find_or_add(const Key& key,
                                                                  std::string_view text) {
  for (std::uint32_t i = key.hash() & mask_;; i = (i + 1) & mask_) {
    const Entry& entry = entries_[i];
    if (entry.epoch != epoch_) return add(key, text, i);
    if (entry.key.low == key.low && entry.key.high == key.high && entry.key.size == key.size &&
        (text.size() <= kShort || texts_[entry.code] == text)) {
      return entry.code;
    }
  }
}

std::uint32_t Interner::add(const Key& key, std::string_view text, std::uint32_t at) {
  if ((texts_.size() + 1) * 2 > entries_.size()) {
    grow();
    at = key.hash() & mask_;
    while (entries_[at].epoch == epoch_) at = (at + 1) & mask_;
  }
  const auto fresh = static_cast<std::uint32_t>(texts_.size());
  entries_[at] = {key, epoch_, fresh};
  texts_.push_back(text);
  return fresh;
}

std::uint32_t Interner::code(std::string_view text) { return find_or_add(key_of(text), text); }

void Interner::codes(const char* bytes, const std::uint32_t* offsets, std::uint32_t count,
                     std::uint32_t* out) {
  for (std::uint32_t row = 0; row < count; ++row) {
    const std::uint32_t end = offsets[row + 1];
    const std::uint32_t size = end - offsets[row];
    const std::string_view text{bytes + offsets[row], size};
    if (size - 1 < 8 && end >= 8) {
      // The eight bytes that end with the text, and none of those before it: no branch on the size.
      const std::uint64_t word = word_at(bytes + end - 8) >> (64 - size * 8);
      out[row] = find_or_add({word, 0, size}, text);
    } else {
      out[row] = code(text);
    }
  }
}

void SeenKeys::begin(std::uint32_t expected) {
  make_room(entries_, expected, mask_);
  next_epoch(entries_, epoch_);
}

}  // namespace lineup
