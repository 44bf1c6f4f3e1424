// SPDX-License-Identifier: Apache-2.0
//
// The program as its users meet it: started with arguments, fed and read through pipes, ended by
// signals.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace lineup::testing {

struct Output {
  int exit_code = -1;
  std::string out;
  std::string err;
  [[nodiscard]] std::vector<std::string> lines() const;
};

// Runs the program to its end.
[[nodiscard]] Output run_program(const std::vector<std::string>& arguments,
                                 const std::string& input = "");

// The program while it runs, with pipes to its standard input and output.
class Running {
 public:
  explicit Running(const std::vector<std::string>& arguments);
  ~Running();  // ends it if it still runs
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  void write(const std::string& text);
  void close_input();
  // The next line of standard output, waiting for at most so long; "" when none came.
  [[nodiscard]] std::string read_line(int timeout_ms = 20'000);
  void signal(int number) const;
  // Waits for the end; the exit code, or 128 + the signal.
  int wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string buffer_;
};

// A directory that is removed with this object, with files written into it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  // Makes parents as needed; gives the whole path.
  std::string write(const std::string& name, const std::string& contents) const;
  // The same as an editor does it: a new file renamed over the old one.
  void replace(const std::string& name, const std::string& contents) const;
  [[nodiscard]] std::string path(const std::string& name = "") const;

 private:
  std::filesystem::path path_;
};

// A bundle with one scene `shop`: page 3, at most one of a category in two neighbouring slots, and
// rows of category `hidden` never shown. It brings its own rules.
void write_shop(const Folder& folder);
[[nodiscard]] std::string shop_policy(int page);

}  // namespace lineup::testing
