// SPDX-License-Identifier: Apache-2.0
//
// MovieLens: a user's ratings in order of time, cut into pages; a film that got 4 stars or more
// counts as clicked. Nothing was shown as a page there, so positions mean nothing. `score` is the
// smoothed share of other users who liked the film.
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

constexpr std::uint32_t kLength = 10;
constexpr double kLiked = 4.0;
constexpr double kPriorRatings = 10.0;

struct Film {
  std::string title, genres;
  double ratings = 0.0, likes = 0.0;
};

struct Rating {
  double time_s = 0.0;
  std::string film;
  bool is_liked = false;
};

class MovieLens {
 public:
  MovieLens(const ImportOptions& options, LineWriter& out)
      : options_(options), out_(out), length_(options.length == 0 ? kLength : options.length) {}

  Result<Imported> run() {
    auto read = read_films();
    if (read) read = read_ratings(true);
    if (read) read = read_ratings(false);
    if (read) read = write_user();
    if (!read) return tl::unexpected(read.error());
    imported_.note = "ratings in order of time, not pages that anybody saw";
    return imported_;
  }

 private:
  Result<void> read_films() {
    auto csv = CsvReader::open(options_.directory + "/movies.csv");
    if (!csv) return tl::unexpected(csv.error());
    const auto id = csv->column("movieId");
    const auto title = csv->column("title");
    const auto genres = csv->column("genres");
    for (const auto* column : {&id, &title, &genres}) {
      if (!*column) return tl::unexpected(column->error());
    }
    while (csv->next()) films_[(*csv)[*id]] = {(*csv)[*title], (*csv)[*genres]};
    if (!csv->fault().empty()) return failure("io/read", csv->fault());
    return {};
  }

  // Once to learn what is liked, once to write.
  Result<void> read_ratings(bool is_learning) {
    auto csv = CsvReader::open(options_.directory + "/ratings.csv");
    if (!csv) return tl::unexpected(csv.error());
    const auto user = csv->column("userId");
    const auto film = csv->column("movieId");
    const auto stars = csv->column("rating");
    const auto time = csv->column("timestamp");
    for (const auto* column : {&user, &film, &stars, &time}) {
      if (!*column) return tl::unexpected(column->error());
    }
    while (csv->next()) {
      if (interrupted() != 0) return {};
      const auto given = csv->number(*stars);
      const auto when = csv->number(*time);
      if (!given || !when) {
        return failure("import/value",
                       fmt::format("{}:{}: `rating` and `timestamp` must be numbers", csv->path(),
                                   csv->line()));
      }
      const bool is_liked = *given >= kLiked;
      if (is_learning) {
        Film& one = films_[(*csv)[*film]];
        one.ratings += 1.0;
        one.likes += is_liked ? 1.0 : 0.0;
        ratings_ += 1.0;
        likes_ += is_liked ? 1.0 : 0.0;
        continue;
      }
      auto taken = take((*csv)[*user], {*when, (*csv)[*film], is_liked}, *csv);
      if (!taken) return taken;
    }
    if (!csv->fault().empty()) return failure("io/read", csv->fault());
    return {};
  }

  Result<void> take(const std::string& user, Rating rating, const CsvReader& row) {
    if (user != user_) {
      auto written = write_user();
      if (!written) return written;
      if (!seen_.insert(user).second) {
        return failure("import/order", fmt::format("{}:{}: the rows of user `{}` do not stand "
                                                   "together; sort the file by userId",
                                                   row.path(), row.line(), user));
      }
      user_ = user;
    }
    rows_.push_back(std::move(rating));
    return {};
  }

  // Without the user's own rating.
  [[nodiscard]] double score_of(const Film& film, bool is_liked) const {
    const double mean = likes_ / ratings_;
    return (film.likes - (is_liked ? 1.0 : 0.0) + kPriorRatings * mean) /
           (film.ratings - 1.0 + kPriorRatings);
  }

  Result<void> write_user() {
    std::sort(rows_.begin(), rows_.end(), [](const Rating& a, const Rating& b) {
      return std::tie(a.time_s, a.film) < std::tie(b.time_s, b.film);
    });
    for (std::size_t begin = 0; begin + length_ <= rows_.size(); begin += length_) {
      Json candidates = Json::array();
      Json exposed = Json::array();
      Json events = Json::array();
      for (std::size_t i = begin; i < begin + length_; ++i) {
        const Rating& row = rows_[i];
        const Film& film = films_[row.film];
        candidates.push_back({{"id", row.film},
                              {"score", score_of(film, row.is_liked)},
                              {"title", film.title},
                              {"ratings", film.ratings}});
        if (!film.genres.empty()) candidates.back()["genres"] = split(film.genres);
        exposed.push_back(row.film);
        ++imported_.shown;
        if (!row.is_liked) continue;
        events.push_back({{"id", row.film}, {"type", "click"}});
        ++imported_.rewards;
      }
      ++imported_.requests;
      const Json line = {{"id", fmt::format("u{}-{}", user_, begin / length_)},
                         {"scene", options_.scene},
                         {"user", user_},
                         {"page", length_},
                         {"time", static_cast<std::int64_t>(rows_[begin].time_s * 1000.0)},
                         {"candidates", std::move(candidates)},
                         {"feedback", {{"exposed", std::move(exposed)}, {"events", events}}}};
      if (!out_.write(line.dump())) return failure("io/write", out_.fault());
    }
    rows_.clear();
    return {};
  }

  static std::vector<std::string> split(const std::string& genres) {
    std::vector<std::string> out;
    std::size_t begin = 0;
    while (begin <= genres.size()) {
      const std::size_t end = std::min(genres.find('|', begin), genres.size());
      if (end > begin) out.push_back(genres.substr(begin, end - begin));
      begin = end + 1;
    }
    return out;
  }

  const ImportOptions& options_;
  LineWriter& out_;
  std::size_t length_;
  std::unordered_map<std::string, Film> films_;
  std::unordered_set<std::string> seen_;
  std::string user_;
  std::vector<Rating> rows_;
  double ratings_ = 0.0, likes_ = 0.0;
  Imported imported_;
};

}  // namespace

Result<Imported> import_movielens(const ImportOptions& options, LineWriter& out) {
  return MovieLens(options, out).run();
}

}  // namespace lineup::cli
