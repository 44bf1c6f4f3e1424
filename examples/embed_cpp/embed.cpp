// SPDX-License-Identifier: Apache-2.0
//
// A host in C++20: two threads ask for pages while the main thread edits a rule file on disk and
// reloads, a hundred times. Read it from the end: open, serve, reload; what was opened closes
// itself.
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "lineup/engine.hpp"

namespace {

namespace fs = std::filesystem;
using lineup::host::Answer;
using lineup::host::Engine;
using lineup::host::Level;

constexpr int kReloads = 100;

// The candidates, column by column, best first. The engine borrows them.
const lineup::host::Texts kTitles{"Alien", "Heat", "Brazil", "Solaris", "Fargo", "Ran"};
const lineup::host::Texts kGenres{"SciFi", "Crime", "SciFi", "SciFi", "Crime", "Drama"};
const std::array<double, 6> kScores{0.9, 0.8, 0.7, 0.6, 0.5, 0.4};

// What one thread found.
struct Served {
  long pages = 0;
  long failures = 0;
  std::map<std::string, long> openings;  // by the film that opened the shelf
};

// Asks for pages until it is told to stop. Handles are bound once and hold across reloads; request
// and rows are made once and keep their memory.
void serve(Engine& engine, const std::atomic<bool>& stop, Served& served) {
  const auto scene = engine.scene("shelf");
  const auto score = engine.column("score");
  const auto genre = engine.column("genre");
  lineup::host::Rows rows;
  lineup::host::Request request;
  while (!stop) {
    rows.clear(kTitles.size());
    rows.ids(kTitles);
    rows.column(score, kScores);
    rows.column(genre, kGenres);
    request.clear();
    request.scene(scene);
    request.candidates(rows);
    const auto result = engine.rerank(request);
    ++served.pages;
    if (result.answer() == Answer::Ok && !result.slate().empty()) {
      ++served.openings[std::string(kTitles[result.slate()[0]])];
    } else {
      ++served.failures;
    }
  }
}

// A bundle of our own that can be edited.
class Copy {
 public:
  explicit Copy(const fs::path& bundle)
      : path_(fs::temp_directory_path() / ("embed_cpp-" + std::to_string(::getpid()))) {
    fs::copy(bundle, path_, fs::copy_options::recursive);
  }
  ~Copy() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// What an operator does in an editor: another film opens the shelf.
void edit_opening(const fs::path& bundle, std::string_view film) {
  const fs::path draft = bundle / "rules/opening.lua~";
  std::ofstream(draft)
      << "return rule {\n"
         "  name = \"opening\",\n"
         "  about = \"Opens the shelf with one film.\",\n"
         "  parameters = { film = id { default = \""
      << film
      << "\", about = \"The film's id.\" } },\n"
         "  constraints = function(p) return place { id = p.film, slots = 1 } end,\n"
         "}\n";
  fs::rename(draft, bundle / "rules/opening.lua");
}

int run(const fs::path& bundle) {
  const Copy copy(bundle);
  Engine engine({.bundle = copy.path().string(), .log = [](Level level, std::string_view line) {
                   if (level >= Level::Warning) std::cerr << line << '\n';
                 }});
  std::atomic<bool> stop{false};
  std::array<Served, 2> served;
  std::vector<std::thread> threads;
  for (Served& mine : served) {
    threads.emplace_back([&engine, &stop, &mine] { serve(engine, stop, mine); });
  }
  for (int i = 1; i <= kReloads; ++i) {
    edit_opening(copy.path(), kTitles[static_cast<std::uint32_t>(i) % kTitles.size()]);
    engine.reload();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();

  Served all;
  for (const Served& mine : served) {
    all.pages += mine.pages;
    all.failures += mine.failures;
    for (const auto& [film, count] : mine.openings) all.openings[film] += count;
  }
  std::cout << all.pages << " pages while the rule was edited " << kReloads << " times, "
            << all.failures << " failures\n";
  for (const auto& [film, count] : all.openings) {
    std::cout << "  " << film << " opened " << count << " of them\n";
  }
  return all.failures == 0 && all.pages > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: embed_cpp BUNDLE\n";
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
}
