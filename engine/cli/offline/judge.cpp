// SPDX-License-Identifier: Apache-2.0
//
// Arms are: what the bundle is compared with, the bundle (or its sweep), and the page as it was
// logged. Deadlines are lifted: pages then depend on counts alone.
#include "cli/offline/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

// Sets a value for one question and takes it back.
class Setting {
 public:
  Setting(RequestLine& request, const Sweep& sweep, double value)
      : list_(sweep.is_weight ? request.weights : request.overrides), before_(list_) {
    const auto found = std::find_if(list_.begin(), list_.end(),
                                    [&](const auto& entry) { return entry.first == sweep.name; });
    if (found != list_.end()) {
      found->second = value;
    } else {
      list_.emplace_back(sweep.name, value);
    }
  }
  ~Setting() { list_ = std::move(before_); }
  Setting(const Setting&) = delete;
  Setting& operator=(const Setting&) = delete;

 private:
  using List = std::vector<std::pair<std::string, double>>;
  List& list_;
  List before_;
};

}  // namespace

Judge::Judge(const JudgeSetup& setup)
    : setup_(setup), asker_(setup.engine.get()), feedback_reader_(setup.event), tally_(setup.head) {
  asker_.lift_deadline();
  if (setup.baseline != nullptr) {
    baseline_.emplace(setup.baseline.get());
    baseline_->lift_deadline();
  }
}

void Judge::work(LineSource& source) {
  NumberedLine line;
  while (source.take(line)) {
    const auto judged = judge(line);
    if (!judged) tally_.add_left_out(line.number, judged.error().message);
  }
}

Result<void> Judge::ask(Asker& asker, std::string_view who, Rows& out) {
  const auto answer = asker.rerank(request_);
  if (!answer)
    return failure(answer.error().code, fmt::format("{}: {}", who, answer.error().message));
  const lineup_result& result = **answer;
  if (result.answer == LINEUP_ANSWER_ERROR) {
    return failure("evaluate/error", fmt::format("{}: {}", who, view(result.error)));
  }
  out.assign(result.slate, result.slate + result.slate_count);
  return {};
}

// A value past the policy's bounds is brought inside them; a point of a sweep must be what it says.
Result<void> Judge::ask_at(double value, Rows& out) {
  const Setting setting(request_, setup_.sweep, value);
  const auto answer = asker_.rerank(request_);
  if (!answer) return tl::unexpected(answer.error());
  const lineup_result& result = **answer;
  if (result.answer == LINEUP_ANSWER_ERROR) {
    return failure("evaluate/error", std::string(view(result.error)));
  }
  const auto check = [&](const lineup_named_value* values, std::uint32_t count) -> Result<void> {
    for (std::uint32_t i = 0; i < count; ++i) {
      if (view(values[i].name) != setup_.sweep.name || values[i].value == value) continue;
      return failure("evaluate/sweep", fmt::format("the policy's bounds make `{}` {:g} where {:g} "
                                                   "was asked for",
                                                   setup_.sweep.name, values[i].value, value));
    }
    return {};
  };
  auto checked = check(result.weights, result.weight_count);
  if (checked) checked = check(result.parameters, result.parameter_count);
  if (!checked) return checked;
  out.assign(result.slate, result.slate + result.slate_count);
  return {};
}

void Judge::rank_by_score(std::size_t slots, Rows& out) {
  const std::uint32_t rows = request_.candidates.row_count();
  out.resize(rows);
  std::iota(out.begin(), out.end(), 0U);
  if (const OwnedColumn* scores = request_.candidates.find("score")) {
    std::vector<double> values(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      values[row] = number_at(*scores, row).value_or(-std::numeric_limits<double>::infinity());
    }
    std::stable_sort(out.begin(), out.end(),
                     [&values](std::uint32_t a, std::uint32_t b) { return values[a] > values[b]; });
  }
  out.resize(std::min<std::size_t>(slots, out.size()));
}

Result<void> Judge::ask_arms() {
  pages_.resize(setup_.head.arms.size());
  const std::size_t sweeps = setup_.sweep.values.size();
  const std::size_t own = std::max<std::size_t>(sweeps, 1);
  for (std::size_t i = 0; i < own; ++i) {
    auto asked = sweeps > 0 ? ask_at(setup_.sweep.values[i], pages_[1 + i])
                            : ask(asker_, "bundle", pages_[1 + i]);
    if (!asked) return asked;
  }
  if (baseline_) {
    auto asked = ask(*baseline_, "baseline", pages_[0]);
    if (!asked) return asked;
  } else {
    rank_by_score(pages_[1].size(), pages_[0]);
  }
  pages_[1 + own] = exposed_;
  return {};
}

std::uint32_t Judge::code_of(std::string_view text) {
  return codes_.emplace(text, static_cast<std::uint32_t>(codes_.size())).first->second;
}

// What every row is worth and which groups it is in. Rows of pools stand behind the candidates and
// have no columns here.
void Judge::read_rows() {
  const OwnedRows& candidates = request_.candidates;
  const std::uint32_t rows = candidates.row_count() + candidates.ids().inserted_count();
  for (std::uint32_t row = static_cast<std::uint32_t>(ids_.size()); row < rows; ++row) {
    ids_.push_back(candidates.ids().text(row));
  }
  rewards_.assign(rows, 0.0);
  for (std::size_t i = 0; i < exposed_.size(); ++i) rewards_[exposed_[i]] = feedback_.rewards[i];
  if (setup_.models.pages > 0) {
    position_based_.resize(rows);
    dependent_.resize(rows);
    for (std::uint32_t row = 0; row < rows; ++row) {
      const auto& attraction = setup_.models.of(ids_[row]);
      position_based_[row] = attraction.position_based;
      dependent_[row] = attraction.dependent;
    }
  }
  codes_.clear();
  groups_.assign(rows, {});
  vectors_.assign(rows, {});
  const OwnedColumn* category = candidates.find(setup_.category);
  const OwnedColumn* embedding = candidates.find(setup_.embedding);
  const bool has_category = category != nullptr && !category->is_empty();
  const lineup_column* vectors =
      embedding != nullptr && !embedding->is_empty() ? embedding->view() : nullptr;
  for (std::uint32_t row = 0; row < candidates.row_count(); ++row) {
    if (has_category) {
      for (const std::string_view text : cells_.texts(*category, row)) {
        groups_[row].push_back(code_of(text));
      }
    }
    if (vectors != nullptr && vectors->type == LINEUP_TYPE_VECTOR) {
      const auto* values = static_cast<const float*>(vectors->data);
      vectors_[row] = {values + std::size_t{row} * vectors->dimension, vectors->dimension};
    }
  }
}

PageValues Judge::measure(const Rows& page, bool is_logged) const {
  PageValues out;
  const auto set = [&out](Metric metric, double value) {
    out[static_cast<std::size_t>(metric)] = value;
  };
  const auto pick = [&page](const auto& values) {
    std::vector<typename std::decay_t<decltype(values)>::value_type> picked;
    picked.reserve(page.size());
    for (const std::uint32_t row : page) picked.push_back(values[row]);
    return picked;
  };
  // A log that recorded some slots only says nothing of what stood between them.
  const bool is_whole = !feedback_.is_partial;
  if (is_logged && !is_whole) return out;
  if (setup_.models.pages > 0) {
    set(Metric::ClicksPositionBased,
        expect_position_based(setup_.models, pick(position_based_)).clicks);
    const Expected dependent = expect_dependent(setup_.models, pick(dependent_));
    set(Metric::ClicksDependent, dependent.clicks);
    set(Metric::ViewsDependent, dependent.views);
  }
  const auto groups = pick(groups_);
  const std::span<const Groups> offered_groups(groups_);
  if (!setup_.category.empty()) {
    set(Metric::DifferentPairs, different_pairs(groups));
    set(Metric::GroupCoverage, group_coverage(groups, offered_groups));
    set(Metric::ErrIa, err_ia(groups));
  }
  if (!setup_.embedding.empty()) {
    set(Metric::IntraListDistance, intra_list_distance(pick(vectors_)));
  }
  if (!feedback_.is_there || !is_whole) return out;
  const std::vector<double> rewards = pick(rewards_);
  set(Metric::Hits, std::accumulate(rewards.begin(), rewards.end(), 0.0));
  set(Metric::Ndcg, ndcg(rewards, rewards_));
  set(Metric::Map, average_precision(rewards));
  if (!setup_.category.empty()) {
    set(Metric::AlphaNdcg, alpha_ndcg(rewards, groups, rewards_, offered_groups));
  }
  return out;
}

// Slot by slot: how much more likely this arm was to show there what the log shows.
std::vector<std::pair<double, double>> Judge::weigh(const Rows& page, bool is_logged) const {
  std::vector<std::pair<double, double>> out;
  for (std::size_t i = 0; i < exposed_.size(); ++i) {
    double likely = is_logged ? feedback_.propensities[i] : 0.0;
    if (!is_logged && !feedback_.targets.empty()) {
      likely = feedback_.targets[i];
    } else if (!is_logged) {
      const std::uint32_t slot = feedback_.slots[i];
      likely = slot < page.size() && page[slot] == exposed_[i] ? 1.0 : 0.0;
    }
    out.emplace_back(likely / feedback_.propensities[i], feedback_.rewards[i]);
  }
  return out;
}

Result<void> Judge::judge(const NumberedLine& line) {
  if (line.is_too_long) {
    return failure("request/size", fmt::format("longer than {} MiB", kLineBytesMax >> 20));
  }
  auto read = reader_.read(line.text, request_);
  if (read) read = feedback_reader_.read(line.text, feedback_);
  if (!read) return read;
  if (setup_.is_at || request_.now_ms == LINEUP_NO_TIME) request_.now_ms = setup_.now_ms;
  request_.explain = false;
  request_.revision.clear();  // of the engine that recorded it
  if (!feedback_.is_there) {
    tally_.add_without_feedback();
    return {};
  }
  rows_.clear();
  ids_.clear();
  for (std::uint32_t row = 0; row < request_.candidates.row_count(); ++row) {
    ids_.push_back(request_.candidates.ids().text(row));
    rows_.emplace(ids_.back(), row);
  }
  exposed_.clear();
  for (const std::string& id : feedback_.exposed) {
    const auto found = rows_.find(id);
    if (found == rows_.end()) {
      return failure("feedback/unknown",
                     fmt::format("`feedback.exposed`: `{}` is not among the candidates", id));
    }
    exposed_.push_back(found->second);
  }
  auto asked = ask_arms();
  if (!asked) return asked;
  read_rows();

  Judged judged;
  judged.user = request_.user;
  judged.request = request_.id.empty() ? std::string_view(line.text) : request_.id;
  judged.groups.push_back(fmt::format("length {:02}", std::min<std::size_t>(exposed_.size(), 50)));
  for (const SceneDescription& scene : setup_.scenes) {
    if (scene.scene != request_.scene) continue;
    for (const std::string& segment : scene.segments) {
      if (asker_.is_in_segment(request_, segment)) judged.groups.push_back("segment " + segment);
    }
  }
  for (std::size_t arm = 0; arm < pages_.size(); ++arm) {
    const bool is_logged = arm + 1 == pages_.size();
    judged.arms.push_back(measure(pages_[arm], is_logged));
    if (!feedback_.propensities.empty()) judged.weighted.push_back(weigh(pages_[arm], is_logged));
    for (const std::uint32_t row : pages_[arm]) tally_.add_shown(arm, ids_[row]);
  }
  for (const std::string& id : ids_) tally_.add_offered(id);
  tally_.add(judged);
  return {};
}

}  // namespace lineup::cli
