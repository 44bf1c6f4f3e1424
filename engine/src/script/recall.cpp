// SPDX-License-Identifier: Apache-2.0
//
// Cells hold indexes of nodes, 0 for none. A cell that was filled stays as it is, so whoever loses
// a race looks at the winner's node and goes on from there.
#include "script/recall.hpp"

#include <cstring>

#include "base/hash.hpp"

namespace lineup {

Recall::Recall(std::size_t uses)
    : tries_(uses),
      texts_(std::make_unique<Text[]>(kSymbolsMax)),
      bytes_(std::make_unique<char[]>(kSymbolBytesMax)),
      text_buckets_(std::make_unique<std::atomic<std::uint32_t>[]>(kTextBuckets)) {
  for (Trie& trie : tries_) {
    trie.nodes = std::make_unique<Node[]>(kNodesMax);
    trie.buckets = std::make_unique<std::atomic<std::uint32_t>[]>(kBuckets);
  }
}

std::uint32_t Recall::bucket_of(std::uint32_t parent, FactAnswer::Tag tag, std::uint64_t bits) {
  const std::uint64_t key = mix64(bits) + (std::uint64_t{parent} << 8) + static_cast<unsigned>(tag);
  return static_cast<std::uint32_t>(mix64(key)) % kBuckets;
}

const Recall::Node* Recall::next_in_buckets(std::size_t use, const Node& node, FactAnswer::Tag tag,
                                            std::uint64_t bits) const {
  const Trie& trie = tries_[use];
  const auto parent = static_cast<std::uint32_t>(&node - trie.nodes.get());
  std::uint32_t bucket = bucket_of(parent, tag, bits);
  while (true) {
    const std::uint32_t at = trie.buckets[bucket].load(std::memory_order_acquire);
    if (at == 0) return nullptr;
    const Node& found = trie.nodes[at];
    if (found.parent == parent && found.tag == tag && found.bits == bits) return &found;
    bucket = (bucket + 1) % kBuckets;
  }
}

// Fills an empty cell with a node like `wanted`; `fresh` keeps a node that was made and not used.
Recall::Node* Recall::settle(Trie& trie, std::atomic<std::uint32_t>& cell, const Node& wanted,
                             std::uint32_t& fresh) {
  std::uint32_t at = cell.load(std::memory_order_acquire);
  if (at != 0) return &trie.nodes[at];
  if (fresh == 0) {
    // Counts past the end do no harm: they only say that the trie is full.
    if (trie.used.load(std::memory_order_relaxed) >= kNodesMax) return nullptr;
    fresh = trie.used.fetch_add(1, std::memory_order_relaxed);
    if (fresh >= kNodesMax) return nullptr;
    Node& node = trie.nodes[fresh];
    node.parent = wanted.parent;
    node.tag = wanted.tag;
    node.bits = wanted.bits;
    node.is_leaf = wanted.is_leaf;
    node.question = wanted.question;
    node.value = wanted.value;
  }
  if (cell.compare_exchange_strong(at, fresh, std::memory_order_acq_rel,
                                   std::memory_order_acquire)) {
    return &trie.nodes[fresh];
  }
  return &trie.nodes[at];
}

Recall::Node* Recall::find_or_add(Trie& trie, std::uint32_t parent, const RecallStep* answer,
                                  const Node& wanted) {
  std::uint32_t fresh = 0;
  if (answer == nullptr) return settle(trie, trie.root, wanted, fresh);
  const auto is_wanted = [&wanted](const Node& node) {
    return node.parent == wanted.parent && node.tag == wanted.tag && node.bits == wanted.bits;
  };
  if (const int place = place_of(answer->tag, answer->bits); place >= 0) {
    Node* node =
        settle(trie, trie.nodes[parent].next[static_cast<std::size_t>(place)], wanted, fresh);
    if (node == nullptr || is_wanted(*node)) return node;
  }
  std::uint32_t bucket = bucket_of(parent, answer->tag, answer->bits);
  while (true) {  // ends: there are twice as many buckets as nodes
    Node* node = settle(trie, trie.buckets[bucket], wanted, fresh);
    if (node == nullptr || is_wanted(*node)) return node;
    bucket = (bucket + 1) % kBuckets;
  }
}

bool Recall::store(std::size_t use, std::span<const RecallStep> steps, double value) {
  Trie& trie = tries_[use];
  std::uint32_t parent = 0;
  for (std::size_t depth = 0; depth <= steps.size(); ++depth) {
    const RecallStep* answer = depth == 0 ? nullptr : &steps[depth - 1];
    Node wanted;
    wanted.parent = parent;
    if (answer != nullptr) wanted.tag = answer->tag;
    if (answer != nullptr) wanted.bits = answer->bits;
    wanted.is_leaf = depth == steps.size();
    if (wanted.is_leaf) {
      wanted.value = value;
    } else {
      wanted.question = steps[depth].question;
    }
    const Node* node = find_or_add(trie, parent, answer, wanted);
    if (node == nullptr) return false;
    // The same answers must lead to the same question: anything else was no pure function.
    if (node->is_leaf != wanted.is_leaf || !(node->question == wanted.question)) return false;
    parent = static_cast<std::uint32_t>(node - trie.nodes.get());
  }
  return true;
}

std::uint32_t Recall::node_count(std::size_t use) const {
  const std::uint32_t used = tries_[use].used.load(std::memory_order_relaxed);
  return (used < kNodesMax ? used : kNodesMax) - 1;
}

bool Recall::is_text(Symbol symbol, std::uint64_t hash, std::string_view wanted) const {
  return texts_[symbol].hash == hash && text(symbol) == wanted;
}

std::string_view Recall::text(Symbol symbol) const {
  return {bytes_.get() + texts_[symbol].offset, texts_[symbol].size};
}

Symbol Recall::find(std::string_view wanted) const {
  const std::uint64_t hash = hash64(wanted);
  auto bucket = static_cast<std::uint32_t>(hash % kTextBuckets);
  while (true) {
    const Symbol symbol = text_buckets_[bucket].load(std::memory_order_acquire);
    if (symbol == kNoSymbol || is_text(symbol, hash, wanted)) return symbol;
    bucket = (bucket + 1) % kTextBuckets;
  }
}

Symbol Recall::intern(std::string_view wanted) {
  const std::uint64_t hash = hash64(wanted);
  auto bucket = static_cast<std::uint32_t>(hash % kTextBuckets);
  Symbol fresh = kNoSymbol;
  while (true) {
    Symbol symbol = text_buckets_[bucket].load(std::memory_order_acquire);
    if (symbol == kNoSymbol) {
      if (fresh == kNoSymbol) {
        const auto size = static_cast<std::uint32_t>(wanted.size());
        if (wanted.size() > kSymbolTextMax) return kNoSymbol;
        if (text_count_.load(std::memory_order_relaxed) >= kSymbolsMax) return kNoSymbol;
        if (byte_count_.load(std::memory_order_relaxed) + size > kSymbolBytesMax) return kNoSymbol;
        const std::uint32_t offset = byte_count_.fetch_add(size, std::memory_order_relaxed);
        const Symbol next = text_count_.fetch_add(1, std::memory_order_relaxed);
        if (next >= kSymbolsMax || offset + size > kSymbolBytesMax) return kNoSymbol;
        std::memcpy(bytes_.get() + offset, wanted.data(), wanted.size());
        texts_[next] = {hash, offset, size};
        fresh = next;
      }
      if (text_buckets_[bucket].compare_exchange_strong(symbol, fresh, std::memory_order_acq_rel,
                                                        std::memory_order_acquire)) {
        return fresh;
      }
    }
    if (is_text(symbol, hash, wanted)) return symbol;
    bucket = (bucket + 1) % kTextBuckets;
  }
}

}  // namespace lineup
