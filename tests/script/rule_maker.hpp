// SPDX-License-Identifier: Apache-2.0
//
// Random programs of the language that code rules are written in, and random requests for them.
#pragma once

#include <random>
#include <string>

#include "script/recall_run.hpp"

namespace lineup::test {

// Writes the body of an `allow`: reads of every sort, loops, local functions, tables, catching, and
// now and then a mistake. Every program ends.
class RuleMaker {
 public:
  explicit RuleMaker(std::uint32_t seed) : random_(seed) {}

  std::string body();
  // Rows and context for the schema of CodeRun, with gaps and few distinct values.
  void fill(Page& page, std::uint32_t rows);
  std::vector<std::uint32_t> slate(std::uint32_t rows);
  std::uint32_t below(std::uint32_t count) { return random_() % count; }

 private:
  std::string truth(int depth);
  std::string number(int depth);
  std::string text(int depth);
  std::string row();
  std::string statement(int depth);
  std::string pick(std::initializer_list<const char*> choices) {
    return choices.begin()[below(static_cast<std::uint32_t>(choices.size()))];
  }

  std::mt19937 random_;
};

}  // namespace lineup::test
