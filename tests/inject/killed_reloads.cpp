// SPDX-License-Identifier: Apache-2.0
//
// No contents come twice, in no round: what was killed while it was tried is held back when it
// comes again, and then nothing would be reloaded at the moment of the next kill. So that this is
// seen, each change that went live is told to who kills, by one byte in a pipe.
#include "inject/killed_reloads.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <thread>

#include "engine/host.hpp"

namespace lineup {
namespace {

using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

// A change takes a few ms: steps that are no multiple of that meet it at one place after another.
constexpr std::chrono::microseconds kStep{1'300};

host::Options options_of(const std::string& root) {
  host::Options options = quiet_options(root);
  options.staging_directory = root + "/staging_child";
  options.state_directory = root + "/state";
  return options;
}

// Lets `rest` pass after the first change is live. How many changes went live; 0 when the process
// ended otherwise than by being killed.
std::size_t kill_one(const std::string& root, int round, std::chrono::microseconds rest) {
  std::array<int, 2> live{};
  if (::pipe(live.data()) != 0) return 0;
  const std::string round_text = std::to_string(round);
  const std::string live_text = std::to_string(live[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(live[0]);
    ::execl("/proc/self/exe", "reload", "--reload-until-killed", root.c_str(), round_text.c_str(),
            live_text.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(live[1]);
  std::array<char, 4096> bytes{};
  ssize_t got = ::read(live[0], bytes.data(), 1);
  std::this_thread::sleep_for(rest);
  ::kill(child, SIGKILL);
  std::size_t changes = 0;
  for (; got > 0; got = ::read(live[0], bytes.data(), bytes.size())) {
    changes += static_cast<std::size_t>(got);
  }
  ::close(live[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL ? changes : 0;
}

bool serves(const std::string& root) {
  host::Engine engine(options_of(root));
  Caller caller(engine);
  const Feed feed(40);
  return caller.rerank(feed).slate().size() >= 5;
}

}  // namespace

KilledReloads kill_reloads(const std::string& root, int rounds) {
  fs::create_directories(root + "/state");
  KilledReloads all;
  for (int round = 0; round < rounds; ++round) {
    const std::size_t changes = kill_one(root, round, kStep * round);
    all.changes += changes;
    const auto began = Clock::now();
    all.served += serves(root) && changes > 0 ? 1 : 0;
    const double took = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
    all.slowest_start_ms = std::max(all.slowest_start_ms, took);
  }
  return all;
}

int reload_until_killed(const std::string& root, const std::string& round, int live) {
  try {
    host::Engine engine(options_of(root));
    for (int number = 0;; ++number) {
      std::string text = policy("");
      const std::string size = "page: 10";
      text.replace(text.find(size), size.size(), "page: " + std::to_string(5 + number % 30));
      text += "# round " + round + ", change " + std::to_string(number) + "\n";
      std::ofstream(root + "/draft", std::ios::binary | std::ios::trunc) << text;
      fs::rename(root + "/draft", root + "/policies/home.yaml");
      engine.reload();
      engine.set_weight("home", "relevance", number % 2 == 0 ? 1.0 : 1.5, 0, "ann", "a test");
      if (::write(live, "+", 1) != 1) return 3;
    }
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "round %s: %s\n", round.c_str(), fault.what());
    return 2;
  }
}

}  // namespace lineup
