// SPDX-License-Identifier: Apache-2.0
//
// What the code of a rule can find out about a request, as questions that can be asked again of
// another one: `item.category`, `#slate`, `slate:count_same(item, "author", 9)`. Lua's views ask
// them while a function runs, and a remembered function is replayed by asking them without Lua, so
// both see the same answers. Rows are never named by their number: `slate[-1]` stays `slate[-1]`.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "batch/batch.hpp"
#include "condition/condition.hpp"

namespace lineup {

// Which row is meant: 0 is the item in question, 1 .. kSlotsMax are slots from the page's start,
// kSlotsMax + 1 .. 2 * kSlotsMax from its end.
using RowName = std::uint16_t;
inline constexpr RowName kItem = 0;
// LIMIT: the longest page that an engine makes.
inline constexpr std::int64_t kSlotsMax = 1000;

struct Question {
  enum class Op : std::uint8_t {
    Length,     // #slate
    At,         // slate[i]: is there such a row?
    Column,     // item.price, item.id
    Size,       // #item.tags
    Value,      // item.tags[n]
    Has,        // item.tags:has(text)
    Same,       // item:same(slate[i], column)
    Equal,      // item == slate[i]
    Count,      // slate:count(condition)
    CountSame,  // slate:count_same(item, column, n)
    Distance,   // slate:distance_to_same(item, column)
    Context,    // context.trigger.category
    Page        // context.page
  };
  Op op = Op::Length;
  std::uint8_t zero = 0;
  RowName row = kItem;
  RowName other = kItem;
  std::uint16_t zero_too = 0;
  std::int32_t column = 0;  // kIdField, an index of the schema, of a condition or of a context path
  std::int32_t number = 0;  // how many rows, which value, which text

  friend bool operator==(const Question&, const Question&) = default;
};
static_assert(sizeof(Question) == 16);

inline constexpr std::int32_t kIdField = -1;

// An answer with its type: 1 is not 1.0, and 0.0 is not -0.0. Texts are borrowed from the request.
struct FactAnswer {
  enum class Tag : std::uint8_t { Nil, Bool, Integer, Float, Text, There };
  Tag tag = Tag::Nil;        // There: a row, a list or a part of the context
  std::int32_t column = -1;  // Text: the column whose code `bits` is, or -1
  std::uint64_t bits = 0;
  std::string_view text;

  static FactAnswer of(bool value) { return {Tag::Bool, -1, value ? 1U : 0U, {}}; }
  static FactAnswer of(std::int64_t value) {
    return {Tag::Integer, -1, static_cast<std::uint64_t>(value), {}};
  }
  static FactAnswer of(double value);
  static FactAnswer there() { return {Tag::There, -1, 0, {}}; }
  [[nodiscard]] bool truth() const { return bits != 0; }
  [[nodiscard]] std::int64_t integer() const { return static_cast<std::int64_t>(bits); }
  [[nodiscard]] double number() const;
};

class Facts {
 public:
  // `conditions`: all that code may count by; equal texts mean the same.
  Facts(const Schema& schema, const ContextLayout& context, std::vector<Condition> conditions);

  void bind(const Batch& batch, const RequestContext& context, std::uint32_t slot_count);
  // What the next questions are about.
  void set_page(std::span<const std::uint32_t> slate, std::uint32_t item) {
    slate_ = slate;
    item_ = item;
  }

  // REQUIRES: the rows that the question names are there, and its column is of a fitting type.
  [[nodiscard]] FactAnswer ask(const Question& question);
  // item.tags:has(text), which has no symbol yet.
  [[nodiscard]] bool has(RowName row, std::uint32_t column, std::string_view text) const;
  [[nodiscard]] std::uint32_t row_of(RowName name) const;

  [[nodiscard]] const Schema& schema() const { return schema_; }
  [[nodiscard]] const Batch& batch() const { return *batch_; }
  [[nodiscard]] Arena& arena() { return arena_; }
  // For what one call of `allow_all` makes; whoever calls it resets it.
  [[nodiscard]] Arena& scratch() { return scratch_; }
  [[nodiscard]] std::span<const std::uint32_t> slate() const { return slate_; }
  // The place of `name` below a place of the context (0: its root), or -1.
  [[nodiscard]] std::int32_t inner_path(std::uint32_t path, std::string_view name) const;
  // The condition with this text, or -1.
  [[nodiscard]] std::int32_t condition(std::string_view text) const;
  // Rows that share a value; missing ones share none.
  [[nodiscard]] bool agree(std::int32_t column, std::uint32_t a, std::uint32_t b) const;
  // Its rows that hold; made when first asked in a request.
  [[nodiscard]] const Word* mask_of(std::size_t condition);

 private:
  // A name of the context, `trigger` of `context.trigger.category` say.
  struct PathNode {
    std::int32_t slot = -1;  // of RequestContext::context; -1: only leads on
    std::map<std::string, std::uint32_t, std::less<>> inner;
  };

  [[nodiscard]] FactAnswer column_of(std::int32_t column, std::uint32_t row) const;
  [[nodiscard]] FactAnswer text_of(std::uint32_t column, std::uint32_t code) const;
  [[nodiscard]] FactAnswer value_at(const Question& question) const;
  [[nodiscard]] FactAnswer context_at(std::uint32_t path) const;
  [[nodiscard]] std::int64_t count(std::size_t condition);
  [[nodiscard]] std::int64_t count_same(const Question& question) const;
  [[nodiscard]] FactAnswer distance(const Question& question) const;

  const Schema& schema_;
  std::vector<PathNode> paths_;
  std::vector<Condition> conditions_;
  std::vector<const Word*> masks_;
  Arena arena_;
  Arena scratch_;
  const Batch* batch_ = nullptr;
  RequestContext context_;
  std::uint32_t slot_count_ = 0;
  std::span<const std::uint32_t> slate_;
  std::uint32_t item_ = 0;
};

}  // namespace lineup
