// SPDX-License-Identifier: Apache-2.0
//
// What the offline verbs can be told, and the verbs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/verbs.hpp"

namespace lineup::cli {

struct ImportOptions {
  std::string format;  // kuairand, movielens, obd, jsonl
  std::string directory;
  std::string out = "-";
  std::string scene = "feed";
  std::string part = "test";  // kuairand: test, train, all
  std::string train_until = "20220503";
  std::uint32_t length = 0;  // slots of a page; 0: the format's
};

struct EvaluateOptions {
  BundleOptions bundle;
  std::string data;      // - is standard input
  std::string baseline;  // a bundle; empty: the order by score
  std::string event = "click";
  std::vector<std::string> models;  // files of click counts
  std::string category, embedding;  // columns; empty: none
  std::string sweep;                // PARAMETER=a:b:n
  std::string html;
  At at;
  std::uint32_t threads = 0;
  bool fit = false;
  bool partial = false;
  bool merge = false;
  std::vector<std::string> parts;  // what `merge` reads
  bool json = false;
};

struct SimulateOptions {
  BundleOptions bundle;  // its directory is not used
  std::string a, b;
  std::string scene;  // empty: the only one
  std::uint32_t users = 500;
  std::uint32_t sessions = 6;  // of each user
  std::uint32_t items = 400;   // at the start
  std::uint32_t candidates = 60;
  std::uint32_t page = 10;
  std::uint64_t seed = 1;
  double tire = 0.5;  // how much one repeated category costs
  double loss = 0.0;  // share of feedback that never arrives
  std::int64_t delay_minutes = 0;
  bool json = false;
};

struct ListEffectOptions {
  BundleOptions bundle;   // plugins
  std::string movielens;  // directory
  std::uint32_t requests = 1000;
  std::uint64_t seed = 1;
  double coverage = 0.5;  // how much of a click is what the page has not covered yet
  bool json = false;
};

int import_verb(const ImportOptions& options);
int evaluate_verb(const EvaluateOptions& options);
int simulate_verb(const SimulateOptions& options);
int list_effect_verb(const ListEffectOptions& options);

}  // namespace lineup::cli
