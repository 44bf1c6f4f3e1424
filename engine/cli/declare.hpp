// SPDX-License-Identifier: Apache-2.0
//
// What the files that declare verbs share. They alone know CLI11.
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <functional>
#include <string>

#include "cli/manage/bundle_verbs.hpp"
#include "cli/manage/rollout_verbs.hpp"
#include "cli/verbs.hpp"

namespace lineup::cli {

// The verb that was named, ready to run.
using Verb = std::function<int()>;

// A subcommand whose options live in `options`, which outlives the parsing.
template <typename Options>
CLI::App* declare(CLI::App& app, const char* name, const char* about, const char* examples,
                  Verb& chosen, int (*verb)(const Options&), Options& options) {
  CLI::App* made = app.add_subcommand(name, about);
  made->footer(fmt::format("Examples:\n{}", examples));
  made->callback(
      [&chosen, verb, &options] { chosen = [verb, &options] { return verb(options); }; });
  return made;
}

void add_json(CLI::App* verb, bool& json);
// A time that the verb is to take for now.
CLI::Option* add_at(CLI::App* verb, At& at, const std::string& about,
                    const std::string& name = "--at");

// Four verbs that differ in what they name: one struct each, since all are declared at once.
struct WeightsVerbs {
  WeightsOptions list, set, history, revert;
};

void declare_weights(CLI::App& app, Verb& chosen, WeightsVerbs& options);

struct BundleVerbs {
  BundleCreateOptions create;
  BundleSignOptions sign;
  BundleVerifyOptions verify;
  BundleShowOptions show;
  BundleKeygenOptions keygen;
  ChangesOptions changes;
  MetricsOptions metrics;
};
void declare_bundle(CLI::App& app, Verb& chosen, BundleVerbs& options);

void declare_rollout(CLI::App& app, Verb& chosen, std::array<RolloutOptions, 4>& options);

}  // namespace lineup::cli
