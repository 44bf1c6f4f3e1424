// SPDX-License-Identifier: Apache-2.0
//
// KuaiRand: one row per video that was shown. The log has no page ids, so a user's consecutive
// impressions of the main tab, cut into blocks, are pseudo-lists: good as a negative control, no
// evidence of how neighbours act on each other.
//
// The statistics in the data set's item table cover the month that is judged; they are not used.
// A list is of the day of its last row, as in the published tables. `score` is the smoothed
// long-view rate of the item in the lists up to --train-until, so no list that is judged by default
// has a part in it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>

#include "cli/interrupt.hpp"
#include "cli/offline/csv.hpp"
#include "cli/offline/import.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t kLength = 6;
constexpr const char* kMainTab = "1";
constexpr double kPriorShown = 20.0;

struct Item {
  std::string author, tag, type;
  double shown = 0.0, viewed = 0.0;  // in the days up to --train-until
};

struct Impression {
  std::int64_t time_ms = 0;
  std::string video, date;
  bool is_viewed = false;
  std::vector<const char*> events;
};

constexpr std::pair<const char*, const char*> kEvents[] = {
    {"is_click", "click"},   {"long_view", "long_view"}, {"is_like", "like"},
    {"is_follow", "follow"}, {"is_comment", "comment"},  {"is_forward", "forward"},
    {"is_hate", "hate"}};

class KuaiRand {
 public:
  KuaiRand(const ImportOptions& options, LineWriter& out)
      : options_(options), out_(out), length_(options.length == 0 ? kLength : options.length) {}

  Result<Imported> run() {
    auto read = read_items();
    // Once to learn, once to write.
    for (const bool is_learning : {true, false}) {
      is_learning_ = is_learning;
      seen_.clear();
      user_.clear();
      if (read) read = read_rows();
      if (read) read = end_user();
    }
    if (!read) return tl::unexpected(read.error());
    imported_.note = "pseudo-lists: a negative control, no evidence of list effects";
    return imported_;
  }

 private:
  Result<void> read_items() {
    const std::string path = options_.directory + "/items.csv";
    // The original name, where the data set was not renamed.
    auto csv = CsvReader::open(
        has_csv(path) ? path : options_.directory + "/video_features_basic_pure.csv");
    if (!csv) return tl::unexpected(csv.error());
    std::size_t at[4];
    std::size_t index = 0;
    for (const char* name : {"video_id", "author_id", "tag", "video_type"}) {
      const auto column = csv->column(name);
      if (!column) return tl::unexpected(column.error());
      at[index++] = *column;
    }
    while (csv->next()) {
      items_[(*csv)[at[0]]] = {(*csv)[at[1]], (*csv)[at[2]], (*csv)[at[3]]};
    }
    if (!csv->fault().empty()) return failure("io/read", csv->fault());
    return {};
  }

  Result<void> read_rows() {
    auto csv = CsvReader::open(options_.directory + "/impressions.csv");
    if (!csv) return tl::unexpected(csv.error());
    for (const char* name : {"user_id", "video_id", "date", "time_ms", "tab", "long_view"}) {
      const auto column = csv->column(name);
      if (!column) return tl::unexpected(column.error());
      columns_[name] = *column;
    }
    for (const auto& [column, event] : kEvents) {
      if (const auto found = csv->find(column)) columns_[column] = *found;
    }
    while (csv->next()) {
      if (interrupted() != 0) return {};
      if ((*csv)[columns_["tab"]] != kMainTab) continue;
      auto taken = collect(*csv);
      if (!taken) return taken;
    }
    if (!csv->fault().empty()) return failure("io/read", csv->fault());
    return {};
  }

  [[nodiscard]] bool is_train(const std::string& date) const {
    return date <= options_.train_until;
  }

  void learn(const std::vector<const Impression*>& list) {
    for (const Impression* row : list) {
      Item& item = items_[row->video];
      item.shown += 1.0;
      item.viewed += row->is_viewed ? 1.0 : 0.0;
      shown_ += 1.0;
      viewed_ += row->is_viewed ? 1.0 : 0.0;
    }
  }

  Result<void> collect(const CsvReader& row) {
    const std::string& user = row[columns_["user_id"]];
    if (user != user_) {
      auto ended = end_user();
      if (!ended) return ended;
      if (!seen_.insert(user).second) {
        return failure("import/order", fmt::format("{}:{}: the rows of user `{}` do not stand "
                                                   "together; sort the file by user_id",
                                                   row.path(), row.line(), user));
      }
      user_ = user;
    }
    const std::string& date = row[columns_["date"]];
    const auto time = row.number(columns_["time_ms"]);
    if (!time) {
      return failure("import/value",
                     fmt::format("{}:{}: `time_ms` is no number", row.path(), row.line()));
    }
    Impression one{static_cast<std::int64_t>(*time),
                   row[columns_["video_id"]],
                   date,
                   row[columns_["long_view"]] == "1",
                   {}};
    for (const auto& [column, event] : kEvents) {
      const auto found = columns_.find(column);
      if (found != columns_.end() && row[found->second] == "1") one.events.push_back(event);
    }
    rows_.push_back(std::move(one));
    return {};
  }

  [[nodiscard]] double score_of(const Item& item) const {
    const double mean = shown_ > 0.0 ? viewed_ / shown_ : 0.0;
    return (item.viewed + kPriorShown * mean) / (item.shown + kPriorShown);
  }

  Result<void> end_user() {
    std::sort(rows_.begin(), rows_.end(), [](const Impression& a, const Impression& b) {
      return std::tie(a.time_ms, a.video) < std::tie(b.time_ms, b.video);
    });
    std::vector<const Impression*> list;
    std::size_t index = 0;
    for (const Impression& row : rows_) {
      list.push_back(&row);
      if (list.size() < length_) continue;
      const bool is_train_list = is_train(row.date);
      if (is_learning_) {
        if (is_train_list) learn(list);
      } else if (options_.part == "all" || is_train_list == (options_.part == "train")) {
        auto written = write_list(list, index);
        if (!written) return written;
      }
      ++index;
      list.clear();
    }
    rows_.clear();
    return {};
  }

  Result<void> write_list(const std::vector<const Impression*>& list, std::size_t index) {
    Json candidates = Json::array();
    Json exposed = Json::array();
    Json events = Json::array();
    std::unordered_set<std::string> ids;
    for (const Impression* row : list) {
      // A page holds an item once; a repeat inside a block is left out.
      if (!ids.insert(row->video).second) continue;
      const Item& item = items_[row->video];
      candidates.push_back({{"id", row->video}, {"score", score_of(item)}});
      Json& candidate = candidates.back();
      if (!item.author.empty()) candidate["author"] = item.author;
      if (!item.tag.empty()) candidate["tag"] = item.tag;
      if (!item.type.empty()) candidate["type"] = item.type == "AD" ? "ad" : "video";
      exposed.push_back(row->video);
      ++imported_.shown;
      for (const char* event : row->events) {
        events.push_back({{"id", row->video}, {"type", event}});
        imported_.rewards += std::string_view(event) == "click" ? 1 : 0;
      }
    }
    ++imported_.requests;
    const Json line = {{"id", fmt::format("u{}-{}", user_, index)},
                       {"scene", options_.scene},
                       {"user", user_},
                       {"page", candidates.size()},
                       {"time", list.front()->time_ms},
                       {"candidates", std::move(candidates)},
                       {"feedback", {{"exposed", std::move(exposed)}, {"events", events}}}};
    if (out_.write(line.dump())) return {};
    return failure("io/write", out_.fault());
  }

  const ImportOptions& options_;
  LineWriter& out_;
  std::size_t length_;
  std::unordered_map<std::string, Item> items_;
  std::unordered_map<std::string, std::size_t> columns_;
  std::unordered_set<std::string> seen_;
  std::string user_;
  std::vector<Impression> rows_;
  double shown_ = 0.0, viewed_ = 0.0;
  bool is_learning_ = false;
  Imported imported_;
};

}  // namespace

Result<Imported> import_kuairand(const ImportOptions& options, LineWriter& out) {
  return KuaiRand(options, out).run();
}

}  // namespace lineup::cli
