// SPDX-License-Identifier: Apache-2.0
//
// When rules were given up, or the page is shorter than asked: which rules cannot hold together on
// a page of the length asked for, and the numbers that show it. Rules that the page keeps all hold
// together, as the page itself proves, so every conflict has a rule in it that was given up; that
// one is set aside to look for the next conflict.
#include <algorithm>

#include "constraint/conflict.hpp"
#include "constraint/describe.hpp"
#include "plan/trace.hpp"

namespace lineup {

namespace {

// LIMIT: conflicts named for one page.
constexpr std::size_t kConflictsMax = 4;

// One constraint of a rule as this request has it.
struct Piece {
  const CompiledConstraint* compiled = nullptr;
  Constraint instance;
};

class ConflictTrace {
 public:
  explicit ConflictTrace(TraceScene& scene)
      : scene_(scene),
        run_(scene.run),
        problem_(make_problem(run_, run_.slots_wanted, Rules::All)),
        kept_(scene.use_count(), 1) {}

  TraceJson json() {
    TraceJson out = TraceJson::array();
    while (out.size() < kConflictsMax) {
      const auto order = order_to_try();
      const Conflict found = find_conflict(problem_, kept_, order, {}, run_.arena);
      if (found.uses.empty()) break;
      const std::size_t given_up = least_important(found.uses);
      TraceJson rules = TraceJson::array();
      for (const std::uint16_t use : found.uses) {
        rules.push_back({{"rule", scene_.use(use).name}, {"because", evidence(found.uses, use)}});
      }
      TraceJson entry = {{"rules", std::move(rules)}, {"proven_minimal", found.is_minimal}};
      entry["given_up"] =
          scene_.base[given_up] > 0 ? TraceJson(scene_.use(given_up).name) : TraceJson();
      out.push_back(std::move(entry));
      kept_[given_up] = 0;
    }
    return out;
  }

 private:
  // Rules that hold first, the least important first; rules that were given up last, so that they
  // stay in the conflict that they are explained by.
  [[nodiscard]] std::vector<std::uint16_t> order_to_try() const {
    std::vector<std::uint16_t> order;
    for (std::uint16_t use = 0; use < scene_.use_count(); ++use) order.push_back(use);
    std::stable_sort(order.begin(), order.end(), [this](std::uint16_t a, std::uint16_t b) {
      const bool a_broken = scene_.base[a] > 0;
      const bool b_broken = scene_.base[b] > 0;
      if (a_broken != b_broken) return b_broken;
      return scene_.importance(a) > scene_.importance(b);
    });
    return order;
  }

  // Among those that the page breaks, if there are any.
  [[nodiscard]] std::size_t least_important(const std::vector<std::uint16_t>& uses) const {
    return *std::max_element(uses.begin(), uses.end(), [this](std::uint16_t a, std::uint16_t b) {
      const bool a_broken = scene_.base[a] > 0;
      const bool b_broken = scene_.base[b] > 0;
      if (a_broken != b_broken) return b_broken;
      return scene_.importance(a) < scene_.importance(b);
    });
  }

  // The constraints of a rule one by one, with those that this request does not have left out.
  [[nodiscard]] std::vector<Piece> pieces_of(std::size_t use) const {
    std::vector<Piece> out;
    const RuleUse& whole = scene_.use(use);
    for (const CompiledConstraint& compiled : whole.constraints) {
      RuleUse one;
      one.strength = whole.strength;
      one.level = whole.level;
      one.constraints.push_back(compiled);
      const Idle active = Idle::Active;
      const Problem alone = instantiate({&one, 1}, {&active, 1}, run_.input, run_.candidates,
                                        run_.slots_wanted, run_.plan.level_count, run_.arena);
      for (const Constraint& instance : alone.constraints) out.push_back({&compiled, instance});
    }
    return out;
  }

  // Of the rule's constraints those that the conflict needs, each with its numbers.
  [[nodiscard]] std::string evidence(const std::vector<std::uint16_t>& uses, std::uint16_t use) {
    std::vector<Piece> pieces = pieces_of(use);
    if (pieces.size() > 1) pieces = needed(uses, use, pieces);
    std::string out;
    for (const Piece& piece : pieces) {
      out += (out.empty() ? "" : "; ") +
             evidence_of(*piece.compiled, piece.instance, problem_, run_.parameters);
    }
    return out.empty() ? describe(scene_.use(use), run_.parameters) : out;
  }

  // The other rules stay whole; each piece of this one may be left out.
  [[nodiscard]] std::vector<Piece> needed(const std::vector<std::uint16_t>& uses, std::uint16_t use,
                                          const std::vector<Piece>& pieces) {
    const auto mark = run_.arena.mark();
    std::vector<Constraint> constraints;
    for (const Constraint& constraint : problem_.constraints) {
      const bool is_in = std::find(uses.begin(), uses.end(), constraint.use) != uses.end();
      if (is_in && constraint.use != use) constraints.push_back(constraint);
    }
    for (Constraint& constraint : constraints) constraint.use = 0;
    std::vector<std::uint16_t> order;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      constraints.push_back(pieces[i].instance);
      constraints.back().use = static_cast<std::uint16_t>(i + 1);
      order.push_back(constraints.back().use);
    }
    Problem question = problem_;
    question.constraints = constraints;
    question.use_count = static_cast<std::uint32_t>(pieces.size() + 1);
    const std::vector<std::uint8_t> all(question.use_count, 1);
    const Conflict found = find_conflict(question, all, order, {}, run_.arena);
    run_.arena.rewind(mark);
    std::vector<Piece> out;
    for (const std::uint16_t piece : found.uses) {
      if (piece > 0) out.push_back(pieces[piece - 1U]);
    }
    return out.empty() ? pieces : out;
  }

  TraceScene& scene_;
  Run& run_;
  Problem problem_;  // of a page of the length asked for
  std::vector<std::uint8_t> kept_;
};

}  // namespace

TraceJson trace_conflicts(TraceScene& scene, const Response& response) {
  const bool is_broken =
      std::any_of(response.relaxed.begin(), response.relaxed.end(),
                  [](const RelaxedRule& rule) { return rule.reason == GivenUp::Conflict; });
  if (!is_broken && scene.page().size() >= scene.run.slots_wanted) return nullptr;
  return ConflictTrace(scene).json();
}

}  // namespace lineup
