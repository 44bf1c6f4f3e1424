// SPDX-License-Identifier: Apache-2.0
//
// A thread that does small things again and again, beside the requests.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lineup {

class Housekeeper {
 public:
  Housekeeper() = default;
  ~Housekeeper() { stop(); }
  Housekeeper(const Housekeeper&) = delete;
  Housekeeper& operator=(const Housekeeper&) = delete;

  // Before start(). What a chore throws ends that one turn of it.
  void every(std::uint32_t interval_ms, std::function<void()> chore);
  // Nothing to do: no thread is started.
  void start();
  // Waits for the chore that runs.
  void stop();

 private:
  struct Chore {
    std::int64_t interval_ns;
    std::int64_t due_ns;
    std::function<void()> run;
  };
  void work();

  std::vector<Chore> chores_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace lineup
