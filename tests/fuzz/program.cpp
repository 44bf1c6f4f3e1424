// SPDX-License-Identifier: Apache-2.0
//
// Programs of rules by a grammar: whatever they do ends within its counts, twice at the same place,
// keeps to its memory, and leaves the next call unharmed. PRINT_PROGRAM=1 shows the program.
#include <cstdlib>
#include <fstream>

#include "fuzz.hpp"
#include "fuzz/grammar.hpp"
#include "script/request.hpp"

using namespace lineup;

namespace {

// Counts end everything; the clock has time for a busy machine.
ScriptLimits counted() {
  ScriptLimits limits;
  limits.load_instructions_max = 200'000;
  limits.call_instructions_max = 20'000;
  limits.load_ns_max = limits.call_ns_max = 30'000'000'000;
  limits.state_bytes_max = 4 * 1024 * 1024;
  return limits;
}

}  // namespace

std::vector<std::string> fuzz::made_seeds() {
  std::vector<std::string> seeds;
  std::uint32_t state = 1;
  for (int i = 0; i < 64; ++i) {
    std::string seed;
    for (int byte = 0; byte < 40 + 4 * i; ++byte) {
      state = state * 1664525U + 1013904223U;
      seed += static_cast<char>(state >> 24);
    }
    seeds.push_back(seed);
  }
  return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string source = fuzz::Grammar(fuzz::text_of(data, size)).rule();
  if (std::getenv("PRINT_PROGRAM") != nullptr) std::cout << source;
  Diagnostics findings;
  if (load_rule("r.lua", source, counted(), findings) == nullptr) {
    fuzz::require(findings.has_errors(), "a refusal has a reason");
    return 0;
  }
  try {
    test::CodeRun run(source, test::with({}), counted());
    test::add_rows(run.rows());
    run.bind();
    const std::vector<std::uint32_t> slate = {1, 2, 3};
    fuzz::require(run.answer(slate, 1) == "true", "who is not asked anything is allowed");
    const std::string first = run.answer(slate, 0);
    run.bind();
    fuzz::require(run.answer(slate, 1) == "true", "the next request is unharmed");
    fuzz::require(run.answer(slate, 0) == first, "the same call ends alike");
    fuzz::require(run.worker().memory_bytes() <= counted().state_bytes_max, "memory is capped");
  } catch (const std::runtime_error&) {
    // Names that no column has are found when the rule is bound: that is an answer, too.
  }
  return 0;
}
