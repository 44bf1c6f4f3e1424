// SPDX-License-Identifier: Apache-2.0
//
// Makes the C tables of plugin.h out of a C++ class: one small adapter per kind, each entry behind
// the wall. What a class lacks is reported by a static_assert that shows the member expected.
#ifndef LINEUP_CPP_TABLES_HPP
#define LINEUP_CPP_TABLES_HPP

#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "lineup/cpp/kinds.hpp"
#include "lineup/cpp/state.hpp"
#include "lineup/ext/chosen.h"

namespace lineup::plugin::detail {

// What the host holds as a lineup_instance.
template <typename Node>
struct Instance {
  Instance(const Config& config, const lineup_host_builder* host_builder)
      : node(config), builder(host_builder) {}
  Node node;
  const lineup_host_builder* builder;  // generators: the host's slate builder
};

template <typename Node>
Instance<Node>& unwrap(lineup_instance* instance) noexcept {
  return *reinterpret_cast<Instance<Node>*>(instance);
}

// The members that every kind has.
template <typename Node>
struct Lifecycle {
  static_assert(std::constructible_from<Node, const Config&>,
                "a node type needs a constructor: explicit Node(const Config& config)");
  static_assert(std::convertible_to<decltype(Node::kName), const char*> &&
                    std::convertible_to<decltype(Node::kId), const char*>,
                "a node type needs: static constexpr const char* kName, kId");

  static lineup_status create(const lineup_host* host, lineup_text config_json,
                              lineup_error_sink* errors, lineup_instance** out) noexcept {
    return guarded(errors, [&] {
      const Host the_host(host);
      const auto* builder = the_host.extension<lineup_host_builder>(LINEUP_HOST_BUILDER);
      if (Node::kKind == LINEUP_KIND_GENERATOR && builder == nullptr) {
        throw Failure(LINEUP_E_UNSUPPORTED, "the host has no `" LINEUP_HOST_BUILDER "`");
      }
      const Config config(the_host, config_json, errors);
      *out = reinterpret_cast<lineup_instance*>(new Instance<Node>(config, builder));
      return Status();
    });
  }
  static lineup_status activate(lineup_instance* instance, const lineup_binder* binder,
                                lineup_error_sink* errors) noexcept {
    return guarded(errors, [&] {
      if constexpr (requires(Node & node, const Binder& names) { node.activate(names); }) {
        unwrap<Node>(instance).node.activate(Binder(binder));
      }
      return Status();
    });
  }
  static void deactivate(lineup_instance* instance) noexcept {
    if constexpr (requires(Node & node) { node.deactivate(); }) {
      // There is nobody to tell: what is thrown here ends here.
      static_cast<void>(guarded(nullptr, [&] {
        unwrap<Node>(instance).node.deactivate();
        return Status();
      }));
    }
  }
  static void destroy(lineup_instance* instance) noexcept {
    delete reinterpret_cast<Instance<Node>*>(instance);
  }
};

template <typename Node>
struct Table;

template <typename Node>
requires std::derived_from<Node, Scorer>
struct Table<Node> {
  static_assert(
      requires(Node & node, const Call& call, const Outputs& outputs) {
        { node.score(call, outputs) } -> std::same_as<Status>;
      },
      "a Scorer needs: Status score(const Call& call, const Outputs& outputs)");

  static lineup_status score(lineup_instance* instance, const lineup_call* call,
                             double* const* outputs) noexcept {
    return guarded(call->errors, [&] {
      return unwrap<Node>(instance).node.score(Call(call), Outputs(outputs, call->row_count));
    });
  }
  static constexpr lineup_scorer kTable{sizeof(lineup_scorer), 0, score};
};

template <typename Node>
requires std::derived_from<Node, Generator>
struct Table<Node> {
  static_assert(
      requires(Node & node, const Call& call, Builder& builder) {
        { node.generate(call, builder) } -> std::same_as<Status>;
      },
      "a Generator needs: Status generate(const Call& call, Builder& builder)");

  static lineup_status generate(lineup_instance* instance, const lineup_call* call,
                                lineup_builder* builder) noexcept {
    return guarded(call->errors, [&] {
      auto& [node, table] = unwrap<Node>(instance);
      Builder page(table, builder, call->row_count);
      return node.generate(Call(call), page);
    });
  }
  static constexpr lineup_generator kTable{sizeof(lineup_generator), 0, generate};
};

template <typename Node>
requires std::derived_from<Node, Evaluator>
struct Table<Node> {
  static_assert(
      requires(Node & node, const Call& call, const Slates& slates, std::span<double> values) {
        { node.evaluate(call, slates, values) } -> std::same_as<Status>;
      },
      "an Evaluator needs: Status evaluate(const Call& call, const Slates& slates, "
      "std::span<double> values)");

  static lineup_status evaluate(lineup_instance* instance, const lineup_call* call,
                                const lineup_slates* slates, double* values) noexcept {
    return guarded(call->errors, [&] {
      const std::size_t count = std::size_t{slates->slate_count} * call->objective_count;
      return unwrap<Node>(instance).node.evaluate(Call(call), Slates(slates),
                                                  std::span<double>(values, count));
    });
  }
  static constexpr lineup_evaluator kTable{sizeof(lineup_evaluator), 0, evaluate};
};

template <typename Node>
requires std::derived_from<Node, Constraint>
struct Table<Node> {
  static_assert(
      requires(Node & node, const Call& call, const Page& page, Row row) {
        { node.judge(call, page, row) } -> std::same_as<Judgement>;
      },
      "a Constraint needs: Judgement judge(const Call& call, const Page& page, Row row)");

  static constexpr bool kHasState = requires(const Node& node) {
    { node.state_size() } -> std::convertible_to<std::uint64_t>;
  };
  static constexpr bool kHasPrepare = requires(Node & node, const Call& call) {
    { node.prepare(call) } -> std::convertible_to<void*>;
  };
  static constexpr bool kHasBound = requires(Node & node, const Call& call, const Page& page) {
    { node.violations_at_least(call, page, std::uint32_t{}) } -> std::same_as<std::uint32_t>;
  };
  static_assert(
      !kHasState ||
          requires(Node & node, const Call& call, Page& page, Row row) {
            node.begin(call, page);
            node.place(call, page, row);
          },
      "a Constraint with state_size() needs: void begin(const Call& call, Page& page) and "
      "void place(const Call& call, Page& page, Row row)");

  static std::uint64_t state_size(const lineup_instance* instance) noexcept {
    if constexpr (kHasState) {
      return reinterpret_cast<const Instance<Node>*>(instance)->node.state_size();
    } else {
      return 0;
    }
  }
  static lineup_status prepare(lineup_instance* instance, const lineup_call* call,
                               void** prepared) noexcept {
    return guarded(call->errors, [&] {
      *prepared = unwrap<Node>(instance).node.prepare(Call(call));
      return Status();
    });
  }
  static lineup_status begin(lineup_instance* instance, const lineup_call* call,
                             lineup_page* page) noexcept {
    return guarded(call->errors, [&] {
      Page the_page(page);
      unwrap<Node>(instance).node.begin(Call(call), the_page);
      return Status();
    });
  }
  static lineup_status judge(lineup_instance* instance, const lineup_call* call,
                             const lineup_page* page, std::uint32_t row,
                             lineup_judgement* out) noexcept {
    return guarded(call->errors, [&] {
      const Judgement judgement = unwrap<Node>(instance).node.judge(Call(call), Page(page), row);
      out->violations = judgement.violations;
      out->penalty = judgement.penalty;
      return Status();
    });
  }
  static lineup_status place(lineup_instance* instance, const lineup_call* call, lineup_page* page,
                             std::uint32_t row) noexcept {
    return guarded(call->errors, [&] {
      Page the_page(page);
      unwrap<Node>(instance).node.place(Call(call), the_page, row);
      return Status();
    });
  }
  static lineup_status violations_at_least(lineup_instance* instance, const lineup_call* call,
                                           const lineup_page* page, std::uint32_t slots_left,
                                           std::uint32_t* out) noexcept {
    return guarded(call->errors, [&] {
      *out = unwrap<Node>(instance).node.violations_at_least(Call(call), Page(page), slots_left);
      return Status();
    });
  }

  // A table whose optional entries are null where the class has no such member.
  static constexpr lineup_constraint table() noexcept {
    lineup_constraint table{
        sizeof(lineup_constraint), 0, state_size, nullptr, nullptr, judge, nullptr, nullptr};
    if constexpr (kHasState) {
      table.begin = begin;
      table.place = place;
    }
    if constexpr (kHasPrepare) table.prepare = prepare;
    if constexpr (kHasBound) table.violations_at_least = violations_at_least;
    return table;
  }
  static constexpr lineup_constraint kTable = table();
};

// Generators that want to know what became of their proposals have a member chosen().
template <typename Node>
struct ChosenTable {
  static lineup_status chosen(lineup_instance* instance, const lineup_call* call,
                              const lineup_choice* choice) noexcept {
    return guarded(call->errors,
                   [&] { return unwrap<Node>(instance).node.chosen(Call(call), *choice); });
  }
  static constexpr lineup_chosen kTable{sizeof(lineup_chosen), 0, chosen};
};

// A class that can save and load its state offers the table for it.
template <typename Node>
concept CarriesState = requires(Node& node, StateWriter& out, StateReader& in) {
  node.save(out);
  node.load(in);
};

template <typename Node>
struct StateTable {
  static lineup_status save(lineup_instance* instance, const lineup_state_sink* sink,
                            lineup_error_sink* errors) noexcept {
    return guarded(errors, [&] {
      StateWriter out(sink);
      unwrap<Node>(instance).node.save(out);
      return Status();
    });
  }
  static lineup_status load(lineup_instance* instance, const lineup_state_source* source,
                            lineup_error_sink* errors) noexcept {
    return guarded(errors, [&] {
      StateReader in(source);
      unwrap<Node>(instance).node.load(in);
      return Status();
    });
  }
  static constexpr lineup_state kTable{sizeof(lineup_state), 0, save, load};
};

template <typename Node>
const void* extension(const char* id) noexcept {
  if constexpr (requires(Node & node, const Call& call, const lineup_choice& choice) {
                  node.chosen(call, choice);
                }) {
    if (std::strcmp(id, LINEUP_EXT_CHOSEN) == 0) return &ChosenTable<Node>::kTable;
  }
  if constexpr (CarriesState<Node>) {
    if (std::strcmp(id, LINEUP_EXT_STATE) == 0) return &StateTable<Node>::kTable;
  }
  return std::strcmp(id, Node::kExtension) == 0 ? &Table<Node>::kTable : nullptr;
}

template <typename Node>
inline constexpr lineup_node_type kType{
    sizeof(lineup_node_type),
    Node::kKind,
    Node::kName,
    Node::kId,
    Lifecycle<Node>::create,
    Lifecycle<Node>::activate,
    Lifecycle<Node>::deactivate,
    Lifecycle<Node>::destroy,
    extension<Node>,
};

template <typename... Nodes>
const lineup_node_type* type_at(std::uint32_t index) noexcept {
  static constexpr const lineup_node_type* kTypes[] = {&kType<Nodes>...};
  return index < sizeof...(Nodes) ? kTypes[index] : nullptr;
}

template <typename... Nodes>
constexpr lineup_plugin entry(const char* version, const char* metadata_json) noexcept {
  static_assert(sizeof...(Nodes) > 0, "LINEUP_PLUGIN needs at least one node type");
  return {LINEUP_PLUGIN_MAGIC,
          sizeof(lineup_plugin),
          LINEUP_ABI_MAJOR,
          LINEUP_ABI_MINOR,
          LINEUP_ABI_MINOR,
          0,
          version,
          metadata_json,
          nullptr,
          nullptr,
          type_at<Nodes...>};
}

}  // namespace lineup::plugin::detail

#endif
