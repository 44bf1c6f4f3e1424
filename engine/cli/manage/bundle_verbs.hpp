// SPDX-License-Identifier: Apache-2.0
//
// `lineup bundle ...`, `lineup audit`, `lineup metrics`: what each can be told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lineup::cli {

struct BundleCreateOptions {
  std::string bundle;
  std::string author;
  std::string reason;
  std::optional<std::string> parent;  // none: the revision of the manifest that is there
  std::optional<std::int64_t> at;     // `created`; none: now
  bool json = false;
};

struct BundleSignOptions {
  std::string path;  // a bundle, or one file
  std::string key;
  bool json = false;
};

struct BundleVerifyOptions {
  std::string bundle;
  std::string trust;  // empty: nobody is asked who signed
  std::string live;   // the bundle that serves
  std::string state;  // of the engine that is to take it
  std::optional<std::int64_t> at;
  bool json = false;
};

struct BundleShowOptions {
  std::string bundle;
  std::string trust;
  bool json = false;
};

struct BundleKeygenOptions {
  std::string out;
  std::string name;
  std::string role = "operator";
  std::vector<std::string> scenes;
  bool json = false;
};

struct ChangesOptions {
  std::string state;
  std::optional<std::int64_t> since;
  std::uint32_t most = 1000;
  bool json = false;
};

struct MetricsOptions {
  std::string state;
};

int changes_verb(const ChangesOptions& options);
int metrics_verb(const MetricsOptions& options);
int bundle_create_verb(const BundleCreateOptions& options);
int bundle_sign_verb(const BundleSignOptions& options);
int bundle_verify_verb(const BundleVerifyOptions& options);
int bundle_show_verb(const BundleShowOptions& options);
int bundle_keygen_verb(const BundleKeygenOptions& options);

}  // namespace lineup::cli
