// SPDX-License-Identifier: Apache-2.0
//
// The verbs of the program and what each can be told. A verb gets its options read and checked,
// does its work, and returns the exit code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lineup::cli {

enum ExitCode : int {
  kYes = 0,
  kNo = 1,          // the answer is no, or some response is an error
  kCouldNotRun = 2  // the question could not be asked
};

// Where a bundle is and what stands behind it.
struct BundleOptions {
  std::string bundle;
  std::vector<std::string> rule_directories;
  std::vector<std::string> plugin_directories;
  std::string trust;  // empty: no signature is asked for
  std::string state;  // empty: nothing is kept
};

// `--at`: the clock that requests see, milliseconds since the epoch; without it, their own.
using At = std::optional<std::int64_t>;

struct CheckOptions {
  BundleOptions bundle;
  std::string requests;  // empty: no requests are looked at
  At at;
  bool json = false;
};

struct RunOptions {
  BundleOptions bundle;
  At at;
  std::string requests = "-";
  std::string out = "-";
  std::string record;  // empty: nothing is recorded
  std::uint32_t threads = 1;
  std::uint32_t workers = 0;
  bool explain = false;
};

struct ExplainOptions {
  BundleOptions bundle;
  At at;
  std::string requests = "-";
  std::string request;  // id; empty: the first
  std::string why;      // id of an item
  bool json = false;
};

struct TestOptions {
  BundleOptions bundle;
  At at;
  std::string rule, plugin;  // only those of one; both empty: all
  bool coverage = false;
  double min_coverage = 0.0;  // percent of every rule; 0: any
  bool json = false;
};

struct WatchOptions {
  BundleOptions bundle;
  std::string requests;
  std::string request;
  std::uint32_t interval_ms = 20;
  bool json = false;
};

struct ReplayOptions {
  BundleOptions bundle;
  std::string id;
  std::string records;
  bool allow_other_revision = false;
  bool json = false;
};

struct VerifyOptions {
  BundleOptions bundle;
  At at;
  std::string requests;
  std::string slates;
  bool json = false;
};

struct GraphOptions {
  BundleOptions bundle;  // its directory is the verb's first word
  std::string scene;     // empty: the only one
  bool svg = false;      // else DOT
  bool dot = false;
};

struct WeightsOptions {
  std::string verb;   // list, set, history, revert
  std::string state;  // directory
  std::string scene, name;
  double value = 0.0;
  double ttl_s = 0.0;  // 0: for good
  std::string who, why;
  int wait_ms = 5000;
  bool json = false;
};

struct DiffOptions {
  std::string old_bundle, new_bundle;
  BundleOptions bundle;  // where else rules and plugins are; its directory is not used
  std::string requests;
  At at;
  std::string segment;        // empty: all requests
  std::string html;           // empty: no page is written
  std::uint32_t threads = 0;  // 0: one for each processor
  bool json = false;
};

struct RulesOptions {
  BundleOptions bundle;
  std::string name;  // empty: list
  bool json = false;
};

struct PluginNewOptions {
  std::string name;
  std::string language = "cpp";
  std::string kind = "scorer";
  std::string directory;  // empty: ./NAME
};

struct PluginCheckOptions {
  std::string path;
  bool list = false;               // only name the cases
  std::vector<std::string> cases;  // empty: all
  bool in_process = false;         // the one case, in this process
  std::uint32_t timeout_ms = 10'000;
  std::string config;  // JSON, or the file that holds it
  std::uint64_t seed = 1;
  std::optional<std::uint64_t> reproduce;
  bool json = false;
};

struct BenchOptions {
  std::string workload = "w1";
  std::string variant;     // empty: all
  std::uint32_t rows = 0;  // 0: the workload's
  std::uint32_t page = 0;  // 0: the workload's
  std::uint32_t threads = 1;
  bool json = false;
};

int check_verb(const CheckOptions& options);
int run_verb(const RunOptions& options);
int explain_verb(const ExplainOptions& options);
int test_verb(const TestOptions& options);
int watch_verb(const WatchOptions& options);
int replay_verb(const ReplayOptions& options);
int verify_verb(const VerifyOptions& options);
int diff_verb(const DiffOptions& options);
int graph_verb(const GraphOptions& options);
int weights_verb(const WeightsOptions& options);
int rules_verb(const RulesOptions& options);
int plugin_new_verb(const PluginNewOptions& options);
int plugin_check_verb(const PluginCheckOptions& options);
int bench_verb(const BenchOptions& options);

// Says on standard error why the verb could not run, and returns that exit code.
int could_not_run(const std::string& why);

}  // namespace lineup::cli
