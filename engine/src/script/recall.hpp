// SPDX-License-Identifier: Apache-2.0
//
// What calls of code rules came to, remembered by what they asked. A rule's function is pure: its
// next question follows from the answers before, so its calls form a tree of questions whose edges
// are answers and whose leaves are results. One tree for each use, shared by all sessions of a
// revision.
//
// The tree only grows, in memory of fixed size. A node is written before it is published by one
// compare-and-swap and never changes after, so readers take no lock and retry nothing. Two threads
// that find out the same at once waste one node. What does not fit is not remembered.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "script/facts.hpp"

namespace lineup {

// A text that was seen once has the same number for as long as the revision lives, whatever code a
// request gives it.
using Symbol = std::uint32_t;
inline constexpr Symbol kNoSymbol = 0;

// A question with its answer as the tree keeps it: texts by symbol.
struct RecallStep {
  Question question;
  FactAnswer::Tag tag = FactAnswer::Tag::Nil;
  std::uint64_t bits = 0;
};

class Recall {
 public:
  // LIMIT: calls that ask more are not worth replaying.
  static constexpr std::size_t kStepsMax = 64;
  // LIMIT: 256 KiB a use; a rule with relative reads has tens of nodes, one that reads two
  // categories of forty values each about 1700.
  static constexpr std::uint32_t kNodesMax = 4096;
  // LIMIT: texts that rules read; longer ones than kTextBytesMax are no names of anything.
  static constexpr std::uint32_t kSymbolsMax = 4096;
  static constexpr std::uint32_t kSymbolBytesMax = 128 * 1024;
  static constexpr std::size_t kSymbolTextMax = 256;

  struct alignas(64) Node {
    std::uint32_t parent = 0;
    FactAnswer::Tag tag = FactAnswer::Tag::Nil;  // the answer that leads here
    bool is_leaf = false;
    std::uint64_t bits = 0;
    Question question;   // unless it is a leaf
    double value = 0.0;  // of a leaf
    // Answers that questions mostly have lead on from here; all others through the buckets.
    std::array<std::atomic<std::uint32_t>, 6> next{};
  };
  static_assert(sizeof(Node) == 64);

  explicit Recall(std::size_t uses);

  // The first question of a use's calls; null: none was remembered yet. [request]
  [[nodiscard]] const Node* root(std::size_t use) const {
    const std::uint32_t at = tries_[use].root.load(std::memory_order_acquire);
    return at == 0 ? nullptr : &tries_[use].nodes[at];
  }
  // What follows `node` when its question is answered so; null: not known. [request]
  [[nodiscard]] const Node* next(std::size_t use, const Node& node, FactAnswer::Tag tag,
                                 std::uint64_t bits) const {
    if (const int place = place_of(tag, bits); place >= 0) {
      const auto at = node.next[static_cast<std::size_t>(place)].load(std::memory_order_acquire);
      if (at == 0) return nullptr;
      const Node& found = tries_[use].nodes[at];
      if (found.tag == tag && found.bits == bits) return &found;
    }
    return next_in_buckets(use, node, tag, bits);
  }
  // Remembers a call. False: no room, or the use's calls contradict each other. [request]
  bool store(std::size_t use, std::span<const RecallStep> steps, double value);
  [[nodiscard]] bool is_full(std::size_t use) const {
    return tries_[use].used.load(std::memory_order_relaxed) >= kNodesMax;
  }
  [[nodiscard]] std::uint32_t node_count(std::size_t use) const;

  // The symbol of a text; find: kNoSymbol when it was never seen; intern: when there is no room.
  // [request]
  [[nodiscard]] Symbol find(std::string_view text) const;
  [[nodiscard]] Symbol intern(std::string_view text);
  [[nodiscard]] std::string_view text(Symbol symbol) const;

 private:
  struct Trie {
    std::unique_ptr<Node[]> nodes;                          // [kNodesMax]; 0 is nobody
    std::unique_ptr<std::atomic<std::uint32_t>[]> buckets;  // [2 * kNodesMax]
    std::atomic<std::uint32_t> root{0};
    std::atomic<std::uint32_t> used{1};
  };
  struct Text {
    std::uint64_t hash = 0;
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };
  static constexpr std::uint32_t kBuckets = 2 * kNodesMax;
  static constexpr std::uint32_t kTextBuckets = 2 * kSymbolsMax;

  // The place of a frequent answer in Node::next, or -1. What is answered by a number is not
  // answered by true or a row, so they share places.
  static int place_of(FactAnswer::Tag tag, std::uint64_t bits) {
    switch (tag) {
      case FactAnswer::Tag::Nil:
        return 0;
      case FactAnswer::Tag::Bool:
        return 1 + static_cast<int>(bits);
      case FactAnswer::Tag::There:
        return 3;
      case FactAnswer::Tag::Integer:
        return bits < 5 ? 1 + static_cast<int>(bits) : -1;
      case FactAnswer::Tag::Float:
      case FactAnswer::Tag::Text:
        break;
    }
    return -1;
  }
  [[nodiscard]] const Node* next_in_buckets(std::size_t use, const Node& node, FactAnswer::Tag tag,
                                            std::uint64_t bits) const;
  static std::uint32_t bucket_of(std::uint32_t parent, FactAnswer::Tag tag, std::uint64_t bits);
  // The node at a root, a place or a bucket, made when it is new; null: no room.
  Node* find_or_add(Trie& trie, std::uint32_t parent, const RecallStep* answer, const Node& wanted);
  Node* settle(Trie& trie, std::atomic<std::uint32_t>& cell, const Node& wanted,
               std::uint32_t& fresh);
  [[nodiscard]] bool is_text(Symbol symbol, std::uint64_t hash, std::string_view text) const;

  std::vector<Trie> tries_;
  std::unique_ptr<Text[]> texts_;  // [kSymbolsMax]; 0 is nobody
  std::unique_ptr<char[]> bytes_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> text_buckets_;
  std::atomic<std::uint32_t> text_count_{1};
  std::atomic<std::uint32_t> byte_count_{0};
};

}  // namespace lineup
