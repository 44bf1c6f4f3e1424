// SPDX-License-Identifier: Apache-2.0
//
// A host for tests: loads a plugin and calls its nodes with requests made by hand, so that a plugin
// is tested as the engine will use it, without the engine.
//
//   FakeHost host;
//   FakePlugin plugin("plugins/mmr.so", host);
//   FakeRequest request(3, 2);                       // three rows, two slots
//   request.candidates.floats("score", {0.1, 0.9, 0.5});
//   FakeNode node(plugin, "mmr", R"({"theta": 0.5})");
//   node.activate(request);
//   node.generate(request);                          // {{1, 2}}
//
// What a plugin refuses is thrown as Refused, with its status and sentence.
#ifndef LINEUP_TESTING_FAKE_HOST_HPP
#define LINEUP_TESTING_FAKE_HOST_HPP

#include <dlfcn.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "fake_builder.hpp"
#include "fake_call.hpp"
#include "fake_config.hpp"
#include "fake_request.hpp"
#include "lineup/ext/constraint.h"
#include "lineup/ext/evaluator.h"
#include "lineup/ext/generator.h"
#include "lineup/ext/scorer.h"

namespace lineup::testing {

// The host's table.
class FakeHost : public lineup_host {
 public:
  FakeHost()
      : lineup_host{
            sizeof(lineup_host), LINEUP_ABI_MAJOR, LINEUP_ABI_MINOR, "fake", "0", find, keep} {}
  [[nodiscard]] const std::vector<std::string>& log_lines() const { return log_lines_; }

 private:
  static const void* find(const lineup_host*, const char* id) {
    if (std::strcmp(id, LINEUP_HOST_BUILDER) == 0) return FakeBuilder::table();
    if (std::strcmp(id, LINEUP_HOST_SEARCH) == 0) return FakeBuilder::search_table();
    if (std::strcmp(id, LINEUP_HOST_SLATES) == 0) return FakeBuilder::slates_table();
    if (std::strcmp(id, LINEUP_HOST_CONFIG) == 0) return &FakeConfig::kTable;
    return nullptr;
  }
  static void keep(const lineup_host* host, std::int32_t, lineup_text message) {
    static_cast<const FakeHost*>(host)->log_lines_.emplace_back(message.data, message.size);
  }
  mutable std::vector<std::string> log_lines_;
};

// A loaded plugin; unloaded when it goes.
class FakePlugin {
 public:
  FakePlugin(const std::string& path, const FakeHost& host)
      : host_(host), library_(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (library_ == nullptr) throw std::runtime_error(dlerror());
    entry_ = static_cast<const lineup_plugin*>(dlsym(library_, "lineup_entry"));
    if (entry_ == nullptr || entry_->magic != LINEUP_PLUGIN_MAGIC) {
      throw std::runtime_error(path + " is not a plugin");
    }
    FakeErrors errors;
    if (entry_->init != nullptr) errors.require(entry_->init(&host_, &errors));
  }
  FakePlugin(const FakePlugin&) = delete;
  FakePlugin& operator=(const FakePlugin&) = delete;
  ~FakePlugin() {
    if (entry_->deinit != nullptr) entry_->deinit();
    dlclose(library_);
  }

  [[nodiscard]] const lineup_host& host() const { return host_; }
  [[nodiscard]] const lineup_plugin& entry() const { return *entry_; }
  [[nodiscard]] const lineup_node_type& type(const std::string& name) const {
    for (std::uint32_t index = 0;; ++index) {
      const lineup_node_type* type = entry_->type_at(index);
      if (type == nullptr) throw std::runtime_error("no node type `" + name + "`");
      if (name == type->name) return *type;
    }
  }

 private:
  const FakeHost& host_;
  void* library_;
  const lineup_plugin* entry_ = nullptr;
};

// What placing each row of a page meant, slot by slot.
struct FakeVerdict {
  std::vector<std::uint32_t> violations;
  std::vector<double> penalties;
};

// One node: an instance of a plugin's node type.
class FakeNode {
 public:
  FakeNode(const FakePlugin& plugin, const std::string& type, const std::string& config = "{}")
      : type_(plugin.type(type)) {
    FakeErrors errors;
    errors.require(
        type_.create(&plugin.host(), {config.data(), config.size()}, &errors, &instance_));
  }
  FakeNode(const FakeNode&) = delete;
  FakeNode& operator=(const FakeNode&) = delete;
  ~FakeNode() {
    deactivate();
    type_.destroy(instance_);
  }

  // Binds the columns of `request`; later requests must have them too.
  void activate(const FakeRequest& request) {
    deactivate();
    names_ = {};
    const FakeBinder binder(request, names_);
    FakeErrors errors;
    errors.require(type_.activate(instance_, &binder, &errors));
    active_ = true;
  }
  void deactivate() {
    if (active_) type_.deactivate(instance_);
    active_ = false;
  }

  // The slates that a generator emits.
  [[nodiscard]] std::vector<std::vector<Row>> generate(const FakeRequest& request) {
    FakeBuilder::Slates slates;
    FakeBuilder builder(request, slates);
    FakeCall call(request, names_);
    call.errors.require(
        table<lineup_generator>(LINEUP_EXT_GENERATOR).generate(instance_, &call, builder.handle()));
    return slates;
  }

  // The columns that a scorer writes, by name.
  [[nodiscard]] std::map<std::string, std::vector<double>> score(const FakeRequest& request) {
    std::vector<std::vector<double>> columns;
    for (const std::string& name : names_.outputs) {
      const FakeColumn* found = request.candidates.find(name);
      columns.push_back(found == nullptr
                            ? std::vector<double>(request.candidates.row_count(), kMissing)
                            : found->floats);
    }
    std::vector<double*> outputs;
    for (std::vector<double>& column : columns) outputs.push_back(column.data());
    FakeCall call(request, names_);
    call.errors.require(
        table<lineup_scorer>(LINEUP_EXT_SCORER).score(instance_, &call, outputs.data()));
    std::map<std::string, std::vector<double>> written;
    for (std::size_t index = 0; index < columns.size(); ++index) {
      written[names_.outputs[index]] = columns[index];
    }
    return written;
  }

  // What an evaluator says: [slate][objective].
  [[nodiscard]] std::vector<std::vector<double>> evaluate(
      const FakeRequest& request, const std::vector<std::vector<Row>>& slates) {
    std::vector<Row> rows(slates.size() * request.slot_count, 0);
    std::vector<std::uint32_t> lengths;
    for (std::size_t index = 0; index < slates.size(); ++index) {
      std::copy(slates[index].begin(), slates[index].end(),
                rows.begin() + static_cast<std::ptrdiff_t>(index * request.slot_count));
      lengths.push_back(static_cast<std::uint32_t>(slates[index].size()));
    }
    const lineup_slates view{sizeof(lineup_slates), static_cast<std::uint32_t>(slates.size()),
                             request.slot_count,    0,
                             rows.data(),           lengths.data()};
    const std::size_t objectives = request.objectives.size();
    std::vector<double> values(slates.size() * objectives, 0.0);
    FakeCall call(request, names_);
    call.errors.require(table<lineup_evaluator>(LINEUP_EXT_EVALUATOR)
                            .evaluate(instance_, &call, &view, values.data()));
    std::vector<std::vector<double>> answer;
    for (std::size_t index = 0; index < slates.size(); ++index) {
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(index * objectives);
      answer.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(objectives));
    }
    return answer;
  }

  // What a constraint says of each row of `page`, given those before it. `slots_left` and
  // `at_least`: also asks for the bound after the whole page.
  [[nodiscard]] FakeVerdict judge(const FakeRequest& request, const std::vector<Row>& page,
                                  std::uint32_t slots_left = 0, std::uint32_t* at_least = nullptr) {
    const auto& constraint = table<lineup_constraint>(LINEUP_EXT_CONSTRAINT);
    FakeCall call(request, names_);
    // Filled with rubbish, as the engine's memory may be: begin() has to set it.
    std::vector<std::byte> state(constraint.state_size(instance_), std::byte{0xA5});
    lineup_page view{sizeof(lineup_page), 0, page.data(), state.data(), nullptr};
    if (constraint.prepare != nullptr) {
      call.errors.require(constraint.prepare(instance_, &call, &view.prepared));
    }
    if (constraint.begin != nullptr) {
      call.errors.require(constraint.begin(instance_, &call, &view));
    }
    FakeVerdict verdict;
    for (const Row row : page) {
      lineup_judgement judgement{sizeof(lineup_judgement), 0, 0.0};
      call.errors.require(constraint.judge(instance_, &call, &view, row, &judgement));
      verdict.violations.push_back(judgement.violations);
      verdict.penalties.push_back(judgement.penalty);
      if (constraint.place != nullptr) {
        call.errors.require(constraint.place(instance_, &call, &view, row));
      }
      ++view.count;
    }
    if (at_least != nullptr) {
      *at_least = 0;
      if (constraint.violations_at_least != nullptr) {
        call.errors.require(
            constraint.violations_at_least(instance_, &call, &view, slots_left, at_least));
      }
    }
    return verdict;
  }

 private:
  template <typename Table>
  [[nodiscard]] const Table& table(const char* id) const {
    const void* found = type_.extension(id);
    if (found == nullptr) throw std::runtime_error(std::string(type_.name) + " has no " + id);
    return *static_cast<const Table*>(found);
  }

  const lineup_node_type& type_;
  lineup_instance* instance_ = nullptr;
  FakeNames names_;
  bool active_ = false;
};

}  // namespace lineup::testing

#endif
