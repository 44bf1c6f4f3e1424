// SPDX-License-Identifier: Apache-2.0
//
// Rounds of chance: a random configuration that fits the schema, a random request. Every round has
// a seed of its own, which is told before it begins: a crash names the round that can be repeated.
#include <fmt/format.h>

#include "base/clock.hpp"
#include "conformance/subject.hpp"

namespace lineup {

namespace {

constexpr int kRounds = 60;

Shape random_shape(Random& random) {
  constexpr std::uint32_t kRows[] = {1, 2, 3, 63, 64, 65, 128, 300};
  Shape shape;
  shape.rows = kRows[random.below(std::size(kRows))];
  shape.slots = 1 + random.below(30);
  shape.history = random.below(20);
  shape.values = static_cast<Values>(random.below(4));
  shape.seed = random.next();
  if (random.one_in(6)) shape.work_limit = random.below(5000);
  if (random.one_in(8)) shape.deadline_ns = monotonic_ns();
  return shape;
}

// One round on one type; what is wrong, or empty.
std::string play(const std::shared_ptr<const NodeType>& type, std::uint64_t seed) {
  Random random(seed);
  const auto config = random_config(type->configuration_schema, random);
  if (!config) return {};
  auto subject = make_subject(type, *config, !random.one_in(4));
  // A configuration may fit the schema and still make no sense: saying so is right.
  if (!subject) return {};
  for (int call = 0; call < 3; ++call) {
    const CallAnswer answer = (*subject)->call(random_shape(random));
    if (!answer.faults.empty()) {
      return fmt::format("{}; configuration {}", answer.faults.front(), *config);
    }
  }
  return {};
}

}  // namespace

CaseOutcome case_fuzz(const CaseInput& input) {
  const auto library = load_subject(input);
  if (!library) return failed(library.error().message);
  Random seeds(input.seed);
  const int rounds = input.only ? 1 : kRounds;
  for (int round = 0; round < rounds; ++round) {
    // Short enough to be typed again.
    const std::uint64_t seed = input.only ? *input.only : seeds.next() % 1'000'000'000;
    for (const auto& type : (*library)->types()) {
      input.at(fmt::format("fuzz round {} of `{}` (again with --reproduce {})", round + 1,
                           type->name, seed));
      if (const std::string fault = play(type, seed); !fault.empty()) {
        return failed(fmt::format("`{}`: {}; again with --reproduce {}", type->name, fault, seed));
      }
    }
  }
  return {};
}

}  // namespace lineup
