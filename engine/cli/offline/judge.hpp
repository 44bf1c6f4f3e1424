// SPDX-License-Identifier: Apache-2.0
//
// Judges one logged request: asks every arm for its page and measures the pages. One per thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cli/engine_handle.hpp"
#include "cli/offline/click_models.hpp"
#include "cli/offline/feedback_line.hpp"
#include "cli/offline/metrics.hpp"
#include "cli/offline/options.hpp"
#include "cli/offline/tally.hpp"
#include "cli/request/column_values.hpp"
#include "cli/request/line_source.hpp"
#include "cli/request/request_json.hpp"
#include "facade/facade.hpp"

namespace lineup::cli {

struct Sweep {
  std::string name;  // empty: none
  bool is_weight = false;
  std::vector<double> values;
};

// What all threads share.
struct JudgeSetup {
  EngineHandle engine;
  EngineHandle baseline;  // null: the order by score
  std::vector<SceneDescription> scenes;
  ClickModels models;
  Sweep sweep;
  TallyHead head;
  std::string event, category, embedding;
  std::int64_t now_ms = 0;
  bool is_at = false;
};

class Judge {
 public:
  explicit Judge(const JudgeSetup& setup);

  void work(LineSource& source);
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  using Rows = std::vector<std::uint32_t>;
  Result<void> judge(const NumberedLine& line);
  Result<void> ask(Asker& asker, std::string_view who, Rows& out);
  Result<void> ask_at(double value, Rows& out);
  Result<void> ask_arms();
  void rank_by_score(std::size_t slots, Rows& out);
  void read_rows();
  [[nodiscard]] PageValues measure(const Rows& page, bool is_logged) const;
  [[nodiscard]] std::vector<std::pair<double, double>> weigh(const Rows& page,
                                                             bool is_logged) const;
  std::uint32_t code_of(std::string_view text);

  const JudgeSetup& setup_;
  Asker asker_;
  std::optional<Asker> baseline_;
  RequestReader reader_;
  FeedbackReader feedback_reader_;
  RequestLine request_;
  Feedback feedback_;
  CellReader cells_;
  Tally tally_;
  // Of the request: by arm, then by row.
  std::vector<Rows> pages_;
  Rows exposed_;  // rows of feedback_.exposed
  std::unordered_map<std::string, std::uint32_t> rows_;
  std::unordered_map<std::string, std::uint32_t> codes_;
  std::vector<std::string> ids_;
  std::vector<double> rewards_, position_based_, dependent_;
  std::vector<Groups> groups_;
  std::vector<std::span<const float>> vectors_;
};

}  // namespace lineup::cli
