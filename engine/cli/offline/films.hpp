// SPDX-License-Identifier: Apache-2.0
//
// Users and films of MovieLens with a planted list effect whose truth is known. How likely a film
// is clicked depends on what stands above it:
//
//   click(film | above) = (1 - share) * relevance + share * 0.5 * sum over genres g of
//                         preference(g) * (covered(above and film, g) - covered(above, g))
//
// with relevance from the ratings, preferences from the user's likes, and a genre covered by a film
// that has it with probability 0.8. Users look from the top; after a click they leave with
// probability 0.3, else after every slot with 0.05.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/offline/random.hpp"

namespace lineup::cli {

inline constexpr double kLeaveAfterClick = 0.3;
inline constexpr double kLeaveOtherwise = 0.05;

// One request: what the truth knows, and what a ranker guesses.
struct FilmRequest {
  std::uint32_t user = 0;
  std::vector<std::uint32_t> films;         // [rows]
  std::vector<double> relevance, score;     // [rows]
  std::vector<double> preference, guessed;  // [genres]
};

// How a list model sees a click: three numbers, and whose preferences.
struct ListModel {
  double base = 0.0, by_relevance = 0.0, by_coverage = 0.0;
};

class Films {
 public:
  // Errors: io/..., csv/..., import/value.
  [[nodiscard]] static Result<Films> read(const std::string& directory);

  [[nodiscard]] FilmRequest draw(std::uint64_t seed, std::uint32_t number,
                                 std::uint32_t candidates) const;
  [[nodiscard]] const std::vector<std::string>& genres() const { return genres_; }
  [[nodiscard]] const std::vector<std::uint32_t>& genres_of(std::uint32_t film) const {
    return films_[film].genres;
  }
  [[nodiscard]] const std::string& id(std::uint32_t film) const { return films_[film].id; }

 private:
  struct Film {
    std::string id;
    std::vector<std::uint32_t> genres;
    double ratings = 0.0, likes = 0.0;
  };
  struct User {
    std::vector<double> ratings, likes;  // [genres]
  };
  Result<void> read_films(const std::string& directory);
  Result<void> read_ratings(const std::string& directory);

  std::vector<std::string> genres_;
  std::vector<Film> films_;
  std::vector<double> popular_;  // [films] ratings up to and with this film
  std::vector<User> users_;
  double mean_ = 0.5;
};

// What the genres of a page still leave uncovered, slot by slot.
class Coverage {
 public:
  Coverage(const Films& films, std::span<const double> preference)
      : films_(&films), preference_(preference), left_(preference.size(), 1.0) {}
  [[nodiscard]] double gain(std::uint32_t film) const;
  void add(std::uint32_t film);

 private:
  const Films* films_;
  std::span<const double> preference_;
  std::vector<double> left_;
};

// Expected clicks of a page of rows, by a model that reads `relevance` and `preference`.
[[nodiscard]] double expected_clicks(const Films& films, const FilmRequest& request,
                                     const ListModel& model, std::span<const double> relevance,
                                     std::span<const double> preference,
                                     std::span<const std::uint32_t> page);
[[nodiscard]] double click_chance(const ListModel& model, double relevance, double gain);

// A beam over pages under such a model.
[[nodiscard]] std::vector<std::uint32_t> beam_page(const Films& films, const FilmRequest& request,
                                                   const ListModel& model,
                                                   std::span<const double> relevance,
                                                   std::span<const double> preference,
                                                   std::size_t slots, std::size_t width);

// The model that a log of pages shows: least squares of clicks on what a ranker knows. Users act
// by `truth`.
[[nodiscard]] ListModel learn_model(const Films& films, const ListModel& truth,
                                    std::span<const FilmRequest> requests, std::size_t slots,
                                    std::uint64_t seed);

}  // namespace lineup::cli
