// SPDX-License-Identifier: Apache-2.0
//
// Open Bandit Dataset: a row is one item at one of three slots, with the probability that the
// logging policy gave it there. A row becomes a request whose candidates are all items of the
// campaign; what stood on the other two slots is not known. `score` is the user's affinity to the
// item. Both layouts are read: POLICY_CAMPAIGN.csv in one folder, and the original folders.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "cli/interrupt.hpp"
#include "cli/offline/csv.hpp"
#include "cli/offline/import.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t kSlots = 3;

struct Log {
  std::string policy, campaign, rows, items;
};

std::vector<Log> find_logs(const std::string& directory) {
  std::vector<Log> out;
  for (const char* policy : {"random", "bts"}) {
    for (const char* campaign : {"men", "women", "all"}) {
      const std::string flat = fmt::format("{}/{}_{}.csv", directory, policy, campaign);
      const std::string nested = fmt::format("{}/{}/{}", directory, policy, campaign);
      if (has_csv(flat)) {
        out.push_back(
            {policy, campaign, flat, fmt::format("{}/item_context_{}.csv", directory, campaign)});
      } else if (has_csv(fmt::format("{}/{}.csv", nested, campaign))) {
        out.push_back({policy, campaign, fmt::format("{}/{}.csv", nested, campaign),
                       nested + "/item_context.csv"});
      }
    }
  }
  return out;
}

class Obd {
 public:
  Obd(const ImportOptions& options, LineWriter& out) : options_(options), out_(out) {}

  Result<void> add(const Log& log) {
    auto read = read_items(log);
    if (!read) return read;
    auto csv = CsvReader::open(log.rows);
    if (!csv) return tl::unexpected(csv.error());
    std::size_t at[5];
    std::size_t index = 0;
    for (const char* name : {"timestamp", "item_id", "position", "click", "propensity_score"}) {
      const auto column = csv->column(name);
      if (!column) return tl::unexpected(column.error());
      at[index++] = *column;
    }
    affinities_.clear();
    for (std::size_t i = 0; i < items_.size(); ++i) {
      affinities_.push_back(
          csv->find(fmt::format("user-item_affinity_{}", items_[i]["id"].get<std::string>())));
    }
    while (csv->next()) {
      if (interrupted() != 0) return {};
      const auto slot = csv->number(at[2]);
      const auto propensity = csv->number(at[4]);
      const auto time = parse_time_ms(iso_time((*csv)[at[0]]));
      if (!slot || *slot < 1 || *slot > kSlots || !propensity || !(*propensity > 0.0) || !time) {
        return failure("import/value", fmt::format("{}:{}: `timestamp`, `position` (1 to {}) and "
                                                   "`propensity_score` (above 0) must be given",
                                                   csv->path(), csv->line(), kSlots));
      }
      auto written = write(log, *csv, (*csv)[at[1]], static_cast<std::uint32_t>(*slot), *propensity,
                           (*csv)[at[3]] == "1", *time);
      if (!written) return written;
    }
    if (!csv->fault().empty()) return failure("io/read", csv->fault());
    return {};
  }
  [[nodiscard]] const Imported& imported() const { return imported_; }

 private:
  // "2019-11-24 00:01:03.979311+00:00" with a `T`, and milliseconds at most.
  static std::string iso_time(std::string text) {
    if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
    const std::size_t point = text.find('.');
    if (point == std::string::npos) return text;
    const std::size_t end = std::min(text.find_first_not_of("0123456789", point + 1), text.size());
    if (end > point + 4) text.erase(point + 4, end - point - 4);
    return text;
  }

  Result<void> read_items(const Log& log) {
    auto csv = CsvReader::open(log.items);
    if (!csv) return tl::unexpected(csv.error());
    const auto id = csv->column("item_id");
    if (!id) return tl::unexpected(id.error());
    items_.clear();
    while (csv->next()) {
      Json item = {{"id", (*csv)[*id]}, {"score", 0.0}};
      for (int feature = 0; feature < 4; ++feature) {
        const std::string name = fmt::format("item_feature_{}", feature);
        const auto column = csv->find(name);
        if (!column) continue;
        const auto number = csv->number(*column);
        if (number && feature == 0) {
          item[name] = *number;
        } else {
          item[name] = (*csv)[*column];
        }
      }
      items_.push_back(std::move(item));
    }
    if (!csv->fault().empty()) return failure("io/read", csv->fault());
    return {};
  }

  Result<void> write(const Log& log, const CsvReader& row, const std::string& item,
                     std::uint32_t slot, double propensity, bool is_clicked, std::int64_t time) {
    Json candidates = Json::array();
    for (std::size_t i = 0; i < items_.size(); ++i) {
      candidates.push_back(items_[i]);
      if (affinities_[i]) candidates.back()["score"] = row.number(*affinities_[i]).value_or(0.0);
    }
    Json events = Json::array();
    if (is_clicked) events.push_back({{"id", item}, {"type", "click"}});
    ++imported_.requests;
    ++imported_.shown;
    imported_.rewards += is_clicked ? 1 : 0;
    const Json line = {{"id", fmt::format("{}_{}-{}", log.policy, log.campaign, row.line())},
                       {"scene", options_.scene},
                       {"page", options_.length == 0 ? kSlots : options_.length},
                       {"time", time},
                       {"context", {{"policy", log.policy}, {"campaign", log.campaign}}},
                       {"candidates", std::move(candidates)},
                       {"feedback",
                        {{"exposed", {item}},
                         {"slots", {slot}},
                         {"propensities", {propensity}},
                         {"events", events}}}};
    if (out_.write(line.dump())) return {};
    return failure("io/write", out_.fault());
  }

  const ImportOptions& options_;
  LineWriter& out_;
  std::vector<Json> items_;
  std::vector<std::optional<std::size_t>> affinities_;
  Imported imported_;
};

}  // namespace

Result<Imported> import_obd(const ImportOptions& options, LineWriter& out) {
  const std::vector<Log> logs = find_logs(options.directory);
  if (logs.empty()) {
    return failure("import/none",
                   fmt::format("`{}` has no log such as random_men.csv or random/men/men.csv",
                               options.directory));
  }
  Obd obd(options, out);
  for (const Log& log : logs) {
    auto added = obd.add(log);
    if (!added) return tl::unexpected(added.error());
  }
  return obd.imported();
}

}  // namespace lineup::cli
