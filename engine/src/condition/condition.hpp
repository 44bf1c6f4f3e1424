// SPDX-License-Identifier: Apache-2.0
//
// Conditions: one small expression language over columns, lists, context and segments, the same in
// YAML, Lua and the command line.
//
//   type == "ad" and not sponsored            and, or, not, parentheses
//   price >= 10 and price < 20                == ~= != < <= > >=
//   category in {"Drama", "Comedy"}           sets; not in
//   votes in 100..500                         closed ranges
//   author in list.blocked_authors            named lists of ids
//   tags == "short"                           a multi-valued column: one of its values is equal
//   author is missing, author ~= nil          null tests, in words and in Lua's way
//   title starts with "Live: "                texts by their beginning or end
//   released >= time("2010-01-01")            dates, ISO 8601; a text literal beside a time
//                                             column is read as a date too
//   released >= now - 7d                      the request's clock, and durations (s m h d w)
//   context.days_since_signup < 7             what the request says; context.trigger.category
//   segment.newcomers                         a named condition of the policy
//   experiment.ranking == "B"                 the variant that the request is in
//
// Conditions are two-valued: comparing with a missing value is false for everything but ~=, and
// `not` and `not in` turn false into true. `not` binds looser than a comparison. Context values
// have no declared type: values of two kinds are never equal. Ids are compared as whole numbers or
// texts, whichever the batch has: `id == 42` and `id == "42"` mean the same.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/arena.hpp"
#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "base/zone.hpp"
#include "batch/batch.hpp"

namespace lineup {

// A named set of ids or values, from a text file of `lists/`: one a line; `#` begins a comment
// where it begins the line or follows a space.
class IdList {
 public:
  explicit IdList(std::string_view file_text);
  [[nodiscard]] bool contains(std::string_view text) const;
  [[nodiscard]] bool contains(std::int64_t number) const;  // its decimal text is in the list
  [[nodiscard]] bool contains(double number) const;        // a number of the list is equal
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  std::unordered_set<std::string, TextHash, std::equal_to<>> texts_;
  std::unordered_set<std::int64_t> numbers_;
  std::vector<double> fractions_;  // sorted; what is written as a number and is none of those
};

using Lists = std::map<std::string, std::shared_ptr<const IdList>, std::less<>>;

// Where the variants of a request's experiments stand among its context values.
inline constexpr std::string_view kExperimentPrefix = "experiment.";

// The context values that the conditions of one plan read: path -> slot of RequestContext::context.
class ContextLayout {
 public:
  // The slot of `path` ("days_since_signup", "trigger.category"; "experiment.NAME" for a variant),
  // added when it is new.
  std::uint32_t slot(std::string_view path);
  [[nodiscard]] const std::vector<std::string>& paths() const { return paths_; }

 private:
  std::vector<std::string> paths_;
};

// What a condition may name. Null members offer nothing of their sort. Borrowed while compiling,
// except for the lists, which a compiled condition shares.
struct ConditionScope {
  const Schema* schema = nullptr;
  ContextLayout* context = nullptr;
  const Lists* lists = nullptr;
  const std::vector<std::string>* segments = nullptr;
  const TimeZone* zone = nullptr;  // of dates that name none; null: UTC
};

class ConditionProgram;  // the compiled form

// A compiled condition. Immutable, shared freely between threads.
class Condition {
 public:
  Condition() = default;  // an empty condition holds for every row

  // Compiles `text`. All errors go to `diagnostics`, at places inside `origin` (the span of the
  // value in its file; a text that starts one byte into the span, after its quote, is the usual
  // case and `text_offset` says how many). Where the origin does not hold the text byte for byte,
  // because of escapes or folded lines, errors point at the whole origin. An empty text makes an
  // empty condition. False when there was an error: then the condition is as it was.
  // Codes: condition/syntax, condition/unknown-column, condition/unknown-list,
  // condition/unknown-segment, condition/unknown-context, condition/type. [control]
  bool compile(std::string_view text, const ConditionScope& scope, const Span& origin,
               std::uint32_t text_offset, Diagnostics& diagnostics);

  [[nodiscard]] bool is_empty() const { return program_ == nullptr; }
  [[nodiscard]] const std::string& text() const { return text_; }
  // The columns it reads, sorted, each once; whether it reads ids; whether it reads only context
  // and segments.
  [[nodiscard]] const std::vector<std::uint32_t>& columns() const;
  [[nodiscard]] bool reads_ids() const;
  [[nodiscard]] bool reads_rows() const;

  // Sets the bit of every row of `table` that it holds for; `out` has word_count(row_count) words.
  // Column at a time. Scratch memory comes from `arena` and is given back. [request]
  void select(const Table& table, std::span<const Vocabulary> vocabularies,
              const RequestContext& request, Arena& arena, std::span<Word> out) const;

  // The same for one row, value by value. Shares no evaluation code with select(): the verifier
  // uses it. Allocates nothing. [request]
  [[nodiscard]] bool holds(const Table& table, std::span<const Vocabulary> vocabularies,
                           const RequestContext& request, std::uint32_t row) const;

  // For conditions that read no rows: segments, `when`. [request]
  [[nodiscard]] bool holds(const RequestContext& request) const;

 private:
  std::string text_;
  std::shared_ptr<const ConditionProgram> program_;
};

}  // namespace lineup
