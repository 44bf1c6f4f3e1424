// SPDX-License-Identifier: Apache-2.0
//
// See the header.
#include "cli/offline/films.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "cli/offline/csv.hpp"

namespace lineup::cli {

namespace {

constexpr double kLiked = 4.0;
constexpr double kPriorRatings = 10.0;
constexpr double kGenrePrior = 5.0;
constexpr double kCovers = 0.8;
constexpr double kScoreNoise = 0.05;

}  // namespace

Result<void> Films::read_films(const std::string& directory) {
  auto csv = CsvReader::open(directory + "/movies.csv");
  if (!csv) return tl::unexpected(csv.error());
  const auto id = csv->column("movieId");
  const auto genres = csv->column("genres");
  if (!id) return tl::unexpected(id.error());
  if (!genres) return tl::unexpected(genres.error());
  while (csv->next()) {
    Film film;
    film.id = (*csv)[*id];
    std::string_view left = (*csv)[*genres];
    while (!left.empty()) {
      const std::size_t end = std::min(left.find('|'), left.size());
      const std::string genre(left.substr(0, end));
      left.remove_prefix(std::min(end + 1, left.size()));
      auto found = std::find(genres_.begin(), genres_.end(), genre);
      if (found == genres_.end()) found = genres_.insert(genres_.end(), genre);
      film.genres.push_back(static_cast<std::uint32_t>(found - genres_.begin()));
    }
    films_.push_back(std::move(film));
  }
  if (!csv->fault().empty()) return failure("io/read", csv->fault());
  return {};
}

Result<void> Films::read_ratings(const std::string& directory) {
  auto csv = CsvReader::open(directory + "/ratings.csv");
  if (!csv) return tl::unexpected(csv.error());
  std::array<std::size_t, 3> at{};
  std::size_t index = 0;
  for (const char* name : {"userId", "movieId", "rating"}) {
    const auto column = csv->column(name);
    if (!column) return tl::unexpected(column.error());
    at[index++] = *column;
  }
  std::unordered_map<std::string, std::uint32_t> films;
  for (std::uint32_t i = 0; i < films_.size(); ++i) films.emplace(films_[i].id, i);
  std::unordered_map<std::string, std::size_t> users;
  double ratings = 0.0;
  double likes = 0.0;
  while (csv->next()) {
    const auto stars = csv->number(at[2]);
    const auto film = films.find((*csv)[at[1]]);
    if (!stars || film == films.end()) {
      return failure("import/value", fmt::format("{}:{}: `rating` must be a number and `movieId` "
                                                 "stand in movies.csv",
                                                 csv->path(), csv->line()));
    }
    const double liked = *stars >= kLiked ? 1.0 : 0.0;
    const std::size_t user = users.emplace((*csv)[at[0]], users.size()).first->second;
    if (user == users_.size()) {
      users_.push_back({std::vector<double>(genres_.size()), std::vector<double>(genres_.size())});
    }
    Film& one = films_[film->second];
    one.ratings += 1.0;
    one.likes += liked;
    ratings += 1.0;
    likes += liked;
    for (const std::uint32_t genre : one.genres) {
      users_[user].ratings[genre] += 1.0;
      users_[user].likes[genre] += liked;
    }
  }
  if (!csv->fault().empty()) return failure("io/read", csv->fault());
  if (users_.empty()) return failure("import/value", "there are no ratings");
  mean_ = likes / ratings;
  double sum = 0.0;
  for (const Film& film : films_) popular_.push_back(sum += film.ratings);
  return {};
}

Result<Films> Films::read(const std::string& directory) {
  Films out;
  auto read = out.read_films(directory);
  if (read) read = out.read_ratings(directory);
  if (!read) return tl::unexpected(read.error());
  return out;
}

FilmRequest Films::draw(std::uint64_t seed, std::uint32_t number, std::uint32_t candidates) const {
  Random random(seed, number);
  FilmRequest out;
  out.user = random.below(static_cast<std::uint32_t>(users_.size()));
  const User& user = users_[out.user];
  double all = 0.0;
  double guessed_all = 0.0;
  for (std::size_t genre = 0; genre < genres_.size(); ++genre) {
    out.preference.push_back(user.likes[genre] + 0.1);
    // A ranker knows tastes from a part of what the user did.
    out.guessed.push_back(out.preference.back() * std::exp(0.3 * random.normal()));
    all += out.preference.back();
    guessed_all += out.guessed.back();
  }
  for (double& share : out.preference) share /= all;
  for (double& share : out.guessed) share /= guessed_all;
  const std::size_t wanted = std::min<std::size_t>(candidates, films_.size());
  while (out.films.size() < wanted) {
    const double at = random.uniform() * popular_.back();
    const auto found = std::upper_bound(popular_.begin(), popular_.end(), at);
    const auto film = static_cast<std::uint32_t>(found - popular_.begin());
    if (std::find(out.films.begin(), out.films.end(), film) != out.films.end()) continue;
    out.films.push_back(film);
    const Film& one = films_[film];
    double rated = kGenrePrior;
    double liked = kGenrePrior * mean_;
    for (const std::uint32_t genre : one.genres) {
      rated += user.ratings[genre];
      liked += user.likes[genre];
    }
    const double general = (one.likes + kPriorRatings * mean_) / (one.ratings + kPriorRatings);
    out.relevance.push_back(0.4 * (0.5 * general + 0.5 * liked / rated));
    out.score.push_back(
        std::clamp(out.relevance.back() + kScoreNoise * random.normal(), 0.001, 0.999));
  }
  return out;
}

double Coverage::gain(std::uint32_t film) const {
  double sum = 0.0;
  for (const std::uint32_t genre : films_->genres_of(film)) {
    sum += preference_[genre] * left_[genre] * kCovers;
  }
  return sum;
}

void Coverage::add(std::uint32_t film) {
  for (const std::uint32_t genre : films_->genres_of(film)) left_[genre] *= 1.0 - kCovers;
}

double click_chance(const ListModel& model, double relevance, double gain) {
  return std::clamp(model.base + model.by_relevance * relevance + model.by_coverage * gain, 0.0,
                    1.0);
}

double expected_clicks(const Films& films, const FilmRequest& request, const ListModel& model,
                       std::span<const double> relevance, std::span<const double> preference,
                       std::span<const std::uint32_t> page) {
  Coverage coverage(films, preference);
  double look = 1.0;
  double clicks = 0.0;
  for (const std::uint32_t row : page) {
    const std::uint32_t film = request.films[row];
    const double click = click_chance(model, relevance[row], coverage.gain(film));
    clicks += look * click;
    look *= click * (1.0 - kLeaveAfterClick) + (1.0 - click) * (1.0 - kLeaveOtherwise);
    coverage.add(film);
  }
  return clicks;
}

std::vector<std::uint32_t> beam_page(const Films& films, const FilmRequest& request,
                                     const ListModel& model, std::span<const double> relevance,
                                     std::span<const double> preference, std::size_t slots,
                                     std::size_t width) {
  struct Path {
    std::vector<std::uint32_t> page;
    double value = 0.0;
  };
  std::vector<Path> beam(1);
  for (std::size_t slot = 0; slot < std::min(slots, request.films.size()); ++slot) {
    std::vector<Path> next;
    for (const Path& path : beam) {
      for (std::uint32_t row = 0; row < request.films.size(); ++row) {
        if (std::find(path.page.begin(), path.page.end(), row) != path.page.end()) continue;
        Path longer = path;
        longer.page.push_back(row);
        longer.value = expected_clicks(films, request, model, relevance, preference, longer.page);
        next.push_back(std::move(longer));
      }
    }
    const auto keep = static_cast<std::ptrdiff_t>(std::min(width, next.size()));
    std::partial_sort(next.begin(), next.begin() + keep, next.end(),
                      [](const Path& a, const Path& b) {
                        return a.value != b.value ? a.value > b.value : a.page < b.page;
                      });
    next.resize(static_cast<std::size_t>(keep));
    beam = std::move(next);
  }
  return beam.front().page;
}

ListModel learn_model(const Films& films, const ListModel& truth,
                      std::span<const FilmRequest> requests, std::size_t slots,
                      std::uint64_t seed) {
  std::array<std::array<double, 4>, 3> sums{};  // normal equations and their right side
  for (std::size_t number = 0; number < requests.size(); ++number) {
    const FilmRequest& request = requests[number];
    Random random(seed, 1'000'000 + number);
    Coverage real(films, request.preference);
    Coverage guessed(films, request.guessed);
    std::vector<std::uint32_t> rows(request.films.size());
    for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    for (std::size_t slot = 0; slot < std::min(slots, rows.size()); ++slot) {
      std::swap(rows[slot],
                rows[slot + random.below(static_cast<std::uint32_t>(rows.size() - slot))]);
      const std::uint32_t row = rows[slot];
      const std::uint32_t film = request.films[row];
      const bool is_clicked =
          random.chance(click_chance(truth, request.relevance[row], real.gain(film)));
      const std::array<double, 4> seen = {1.0, request.score[row], guessed.gain(film),
                                          is_clicked ? 1.0 : 0.0};
      for (std::size_t i = 0; i < 3; ++i) {
        for (std::size_t j = 0; j < 4; ++j) sums[i][j] += seen[i] * seen[j];
      }
      real.add(film);
      guessed.add(film);
      if (random.chance(is_clicked ? kLeaveAfterClick : kLeaveOtherwise)) break;
    }
  }
  // A ridge so small that it only matters where there is no data.
  for (std::size_t i = 0; i < 3; ++i) sums[i][i] += 1e-6;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t other = 0; other < 3; ++other) {
      if (other == i) continue;
      const double factor = sums[other][i] / sums[i][i];
      for (std::size_t j = 0; j < 4; ++j) sums[other][j] -= factor * sums[i][j];
    }
  }
  return {sums[0][3] / sums[0][0], sums[1][3] / sums[1][1], sums[2][3] / sums[2][2]};
}

}  // namespace lineup::cli
