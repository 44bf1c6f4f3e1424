// SPDX-License-Identifier: Apache-2.0
//
// Plugins in C++20, header-only over plugin.h. A node type is a class that derives from its kind
// and has a few members; LINEUP_PLUGIN exports it:
//
//   class ScoreOrder : public lineup::plugin::Generator {
//    public:
//     static constexpr const char* kName = "score_order";             // what a policy writes
//     static constexpr const char* kId = "dev.lineup.score_order/1";  // never changes
//     explicit ScoreOrder(const Config& config);   // may throw Failure
//     void activate(const Binder& binder);         // may throw Failure
//     Status generate(const Call& call, Builder& builder);
//   };
//   LINEUP_METADATA(R"({...})");
//   LINEUP_PLUGIN("1.0.0", ScoreOrder)
//
// Kinds and their members ([optional]):
//   Scorer      Status score(const Call&, const Outputs&)
//   Generator   Status generate(const Call&, Builder&)
//   Evaluator   Status evaluate(const Call&, const Slates&, std::span<double> values)
//   Constraint  Judgement judge(const Call&, const Page&, Row)
//               [std::uint64_t state_size() const, void begin(const Call&, Page&),
//                void place(const Call&, Page&, Row)]
//               [void* prepare(const Call&)]
//               [std::uint32_t violations_at_least(const Call&, const Page&, std::uint32_t slots)]
//   all         [void activate(const Binder&)], [void deactivate()]
//
// Every entry stands behind a wall: what is thrown becomes a status and a message.
#ifndef LINEUP_PLUGIN_HPP
#define LINEUP_PLUGIN_HPP

#include "lineup/cpp/tables.hpp"

// Exports the plugin. `version` is the plugin's own; the rest are its node types. Once per library,
// after LINEUP_METADATA, outside of any namespace.
#define LINEUP_PLUGIN(version, ...)            \
  constinit const lineup_plugin lineup_entry = \
      ::lineup::plugin::detail::entry<__VA_ARGS__>(version, lineup_metadata_text);

#endif
