// SPDX-License-Identifier: Apache-2.0
//
// Every rule is a thin cover of one kind, so that what is timed is the kind.
#include "cli/bench/bench_rules.hpp"

#include <fmt/format.h>

namespace lineup::cli {

namespace {

constexpr std::string_view kWindow = R"(return rule {
  name = "bench_window",
  about = "At most (at least) so many rows of one value, or that match, in neighbouring slots.",
  parameters = {
    by    = columns { optional = true, about = "The columns that must agree." },
    where = condition { optional = true, about = "Which rows count." },
    size  = integer { min = 1, about = "Slots of the window." },
    max   = integer { optional = true, min = 1, about = "Most rows." },
    min   = integer { optional = true, min = 0, about = "Fewest rows." },
  },
  constraints = function(p)
    return { window { by = p.by, where = p.where, size = p.size, max = p.max, min = p.min } }
  end,
}
)";

constexpr std::string_view kSpacing = R"(return rule {
  name = "bench_spacing",
  about = "Matching rows stand apart.",
  parameters = {
    where      = condition { about = "Which rows." },
    gap        = integer { min = 0, about = "Fewest other rows between two." },
    first_slot = integer { default = 1, min = 1, about = "The first slot that may hold one." },
  },
  constraints = function(p)
    return { spacing { where = p.where, gap = p.gap, first_slot = p.first_slot } }
  end,
}
)";

constexpr std::string_view kQuota = R"(return rule {
  name = "bench_quota",
  about = "How many matching rows the slots hold.",
  parameters = {
    where = condition { about = "Which rows." },
    min   = amount { optional = true, about = "Fewest." },
    max   = amount { optional = true, about = "Most." },
    slots = slots { optional = true, about = "Which slots." },
  },
  constraints = function(p)
    return { quota { where = p.where, min = p.min, max = p.max, slots = p.slots } }
  end,
}
)";

constexpr std::string_view kCap = R"(return rule {
  name = "bench_cap",
  about = "At most so many rows of one value on the page.",
  parameters = {
    by  = columns { about = "The columns that must agree." },
    max = integer { min = 1, about = "Most rows." },
  },
  constraints = function(p)
    return { cap { by = p.by, max = p.max } }
  end,
}
)";

constexpr std::string_view kPlace = R"(return rule {
  name = "bench_place",
  about = "Where certain rows stand.",
  parameters = {
    id    = id { optional = true, about = "The row." },
    where = condition { optional = true, about = "Or the rows." },
    slots = slots { about = "Where." },
    mode  = choice { "exactly", "at_or_above", "only_within", "never_in", default = "exactly",
                     about = "How." },
  },
  constraints = function(p)
    return { place { id = p.id, where = p.where, slots = p.slots, mode = p.mode } }
  end,
}
)";

constexpr std::string_view kAdjacent = R"(return rule {
  name = "bench_adjacent",
  about = "What may not stand right before what.",
  parameters = {
    left  = condition { about = "Rows that come first." },
    right = condition { about = "Rows that may not follow them." },
  },
  constraints = function(p) return { adjacent { left = p.left, right = p.right } } end,
}
)";

constexpr std::string_view kBudget = R"(return rule {
  name = "bench_budget",
  about = "What the rows of some slots come to.",
  parameters = {
    column = column { about = "What is summed." },
    min    = number { about = "Least." },
    max    = number { about = "Most." },
    slots  = slots { about = "Which slots." },
  },
  constraints = function(p)
    return { budget { column = p.column, min = p.min, max = p.max, slots = p.slots } }
  end,
}
)";

constexpr std::string_view kOrder = R"(return rule {
  name = "bench_order",
  about = "Matching rows of one value stand in an order.",
  parameters = {
    by     = columns { about = "What orders them." },
    within = columns { about = "The columns that must agree." },
    where  = condition { about = "Which rows." },
  },
  constraints = function(p) return { order { by = p.by, within = p.within, where = p.where } } end,
}
)";

constexpr std::string_view kSimilar = R"(return rule {
  name = "bench_similar",
  about = "No two rows near each other are alike.",
  parameters = {
    size       = integer { min = 2, about = "Slots of the window." },
    max_cosine = number { about = "What is alike." },
  },
  constraints = function(p)
    return { similar { embedding = "embedding", size = p.size, max_cosine = p.max_cosine } }
  end,
}
)";

constexpr std::string_view kMix = R"(return rule {
  name = "bench_mix",
  about = "Whose each slot is.",
  parameters = {
    by      = column { about = "The column of the channels." },
    pattern = text { about = "The channels, slot by slot, apart by blanks." },
    slots   = slots { about = "Which slots." },
  },
  constraints = function(p)
    local channels, pattern, known = {}, {}, {}
    for word in string.gmatch(p.pattern, "%a+") do
      pattern[#pattern + 1] = word
      if not known[word] then channels[#channels + 1] = word end
      known[word] = true
    end
    return { mix { by = p.by, channels = channels, pattern = pattern, slots = p.slots } }
  end,
}
)";

constexpr std::string_view kPolicy = R"(lineup: 1
scene: {}
page: {}
columns:
  score:    {{type: float}}
  category: {{type: category}}
  author:   {{type: category}}
  type:     {{type: category}}
  price:    {{type: float}}
  is_new:   {{type: bool, default: false}}
  tags:     {{type: categories}}
{}rules:
{}graph:
  - {{id: page, generate: score_order}}
fallback: score_order
limits: {{deadline_ms: 1000, gap: 0.005{}{}}}
)";

}  // namespace

std::vector<std::pair<std::string, std::string>> bench_rule_files() {
  return {{"rules/bench_window.lua", std::string(kWindow)},
          {"rules/bench_spacing.lua", std::string(kSpacing)},
          {"rules/bench_quota.lua", std::string(kQuota)},
          {"rules/bench_cap.lua", std::string(kCap)},
          {"rules/bench_place.lua", std::string(kPlace)},
          {"rules/bench_adjacent.lua", std::string(kAdjacent)},
          {"rules/bench_budget.lua", std::string(kBudget)},
          {"rules/bench_order.lua", std::string(kOrder)},
          {"rules/bench_similar.lua", std::string(kSimilar)},
          {"rules/bench_mix.lua", std::string(kMix)}};
}

std::string bench_use(std::string_view kind, std::string_view name, std::string_view with,
                      std::string_view strength) {
  return fmt::format("  - {{use: bench_{}, as: {}, with: {{{}}}, {}}}\n", kind, name, with,
                     strength);
}

std::string bench_policy(std::string_view scene, std::uint32_t page, std::string_view uses,
                         std::string_view limits) {
  const bool has_embedding = uses.find("bench_similar") != std::string_view::npos;
  return fmt::format(kPolicy, scene, page,
                     has_embedding ? "  embedding: {type: embedding, dimension: 64}\n" : "", uses,
                     limits.empty() ? "" : ", ", limits);
}

}  // namespace lineup::cli
