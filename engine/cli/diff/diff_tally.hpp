// SPDX-License-Identifier: Apache-2.0
//
// Sums over pages that two bundles made of the same requests. Each thread has its own tally; in the
// end they are merged. What a tally holds does not grow with the number of requests, only with that
// of scenes, rules and values of category columns, which is bounded.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cli/bench/latencies.hpp"
#include "cli/diff/diff_report.hpp"
#include "cli/request/column_values.hpp"
#include "cli/request/request_json.hpp"
#include "facade/facade.hpp"
#include "lineup/engine.h"

namespace lineup::cli {

// LIMIT: pages shown side by side; requests named that could not be compared.
inline constexpr std::size_t kMostChangedMax = 10;
inline constexpr std::size_t kLeftOutShownMax = 20;
// LIMIT: values of one column that are counted apart, so that memory does not grow with the file.
// What comes later is counted together.
inline constexpr std::size_t kValuesMax = 200'000;
inline constexpr std::string_view kOtherValues = "(others)";
// LIMIT: values of one column that are reported: those whose exposure changed most.
inline constexpr std::size_t kValuesShownMax = 20;
// Shares are summed in whole billionths: then the order of the sum changes no digit.
inline constexpr double kBillion = 1e9;

// Which of two changed pages is shown first: the one that changed more, then the earlier.
[[nodiscard]] bool is_more_changed(const ChangedPage& a, const ChangedPage& b);
[[nodiscard]] bool is_earlier(const LeftOut& a, const LeftOut& b);

// One request as both bundles answered it.
struct Compared {
  std::uint64_t line = 0;
  const RequestLine* request = nullptr;
  Pair<const lineup_result*> results{};  // of lineup_rerank
  Pair<const lineup_result*> audits{};   // of lineup_verify on these pages
  Pair<const lineup_result*> ranked{};   // of lineup_verify on the order by score alone
};

class DiffTally {
 public:
  // What both policies say of their scenes.
  explicit DiffTally(const Pair<std::vector<SceneDescription>>& scenes);

  void add(const Compared& compared);
  void add_left_out(LeftOut request);
  void add_not_in_segment() { ++report_.not_in_segment; }
  void merge(const DiffTally& other);

  // Means and orders; what the caller knows of the run is left to it.
  [[nodiscard]] DiffReport finish() const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Exposure {
    Pair<std::uint64_t> shown{};
    Pair<double> attention{};
  };
  using Exposures = std::unordered_map<std::string, Exposure, TextHash, std::equal_to<>>;
  struct ColumnTally {
    CategoryDescription column;
    Exposures values;
  };
  struct ObjectiveTally {
    std::string objective;
    Pair<std::string> column;
    Pair<bool> is_used{};
    Pair<double> sum{};
  };
  struct SceneTally {
    std::string scene;
    std::uint64_t pages = 0;
    std::vector<DiffRule> rules;
    std::vector<ObjectiveTally> objectives;
    std::vector<std::size_t> columns;  // indexes of columns_
  };

  void learn(const SceneDescription& scene, std::size_t side);
  SceneTally& scene_of(std::string_view name);
  static DiffRule& rule_of(SceneTally& scene, std::string_view name);
  void add_rules(SceneTally& scene, const Compared& compared, std::size_t side);
  void add_exposure(const SceneTally& scene, const Compared& compared, std::size_t side);
  static void add_objectives(SceneTally& scene, const Compared& compared, std::size_t side);
  void keep_if_most_changed(const SceneTally& scene, const Compared& compared,
                            const PageOverlap& overlap);
  [[nodiscard]] ChangedPage show(const SceneTally& scene, const Compared& compared,
                                 const PageOverlap& overlap);
  [[nodiscard]] std::string label_of(const SceneTally& scene, const RequestLine& request,
                                     std::uint32_t row);
  [[nodiscard]] static DiffColumn finish(const ColumnTally& column);

  std::vector<SceneTally> scenes_;
  std::vector<ColumnTally> columns_;
  Pair<Latencies> latencies_;
  DiffReport report_;  // what can be added up in place
  PageComparer comparer_;
  CellReader cells_;
};

}  // namespace lineup::cli
