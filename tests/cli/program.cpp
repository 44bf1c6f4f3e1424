// SPDX-License-Identifier: Apache-2.0
//
// Fork and pipes. Standard error goes to a file, so that it can be read after the end without
// anybody waiting for anybody.
#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <fstream>
#include <sstream>

namespace lineup::testing {

namespace fs = std::filesystem;

namespace {

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<char*> pointers_to(std::vector<std::string>& arguments) {
  std::vector<char*> out;
  for (std::string& argument : arguments) out.push_back(argument.data());
  out.push_back(nullptr);
  return out;
}

int code_of(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

}  // namespace

std::vector<std::string> Output::lines() const {
  std::vector<std::string> all;
  std::istringstream in(out);
  for (std::string line; std::getline(in, line);) all.push_back(line);
  return all;
}

Output run_program(const std::vector<std::string>& arguments, const std::string& input) {
  const Folder folder;
  const std::string in = folder.write("in", input);
  const std::string out = folder.path("out");
  const std::string err = folder.path("err");
  std::vector<std::string> all = {LINEUP_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  auto pointers = pointers_to(all);
  const pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    if (::dup2(::open(in.c_str(), O_RDONLY), 0) < 0 ||
        ::dup2(::open(out.c_str(), flags, 0600), 1) < 0 ||
        ::dup2(::open(err.c_str(), flags, 0600), 2) < 0) {
      ::_exit(126);
    }
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return {code_of(status), read_file(out), read_file(err)};
}

Running::Running(const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {LINEUP_PROGRAM};
  all.insert(all.end(), arguments.begin(), arguments.end());
  auto pointers = pointers_to(all);
  int in[2];
  int out[2];
  REQUIRE(::pipe2(in, O_CLOEXEC) == 0);
  REQUIRE(::pipe2(out, O_CLOEXEC) == 0);
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ == 0) {
    if (::dup2(in[0], 0) < 0 || ::dup2(out[1], 1) < 0) ::_exit(126);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  output_ = out[0];
}

Running::~Running() {
  close_input();
  ::close(output_);
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void Running::write(const std::string& text) {
  REQUIRE(::write(input_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

void Running::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

std::string Running::read_line(int timeout_ms) {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    pollfd waits{output_, POLLIN, 0};
    if (::poll(&waits, 1, timeout_ms) <= 0) return {};
    char bytes[4096];
    const ssize_t got = ::read(output_, bytes, sizeof(bytes));
    if (got <= 0) return {};
    buffer_.append(bytes, static_cast<std::size_t>(got));
  }
}

void Running::signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }

int Running::wait() {
  int status = 0;
  REQUIRE(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  return code_of(status);
}

Folder::Folder() {
  std::string name = (fs::temp_directory_path() / "lineup-cli-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string Folder::path(const std::string& name) const {
  return name.empty() ? path_.string() : (path_ / name).string();
}

std::string Folder::write(const std::string& name, const std::string& contents) const {
  const fs::path file = path_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary);
  out << contents;
  REQUIRE(out.flush());
  return file.string();
}

void Folder::replace(const std::string& name, const std::string& contents) const {
  const std::string beside = write(name + ".new~", contents);
  fs::rename(beside, path_ / name);
}

std::string shop_policy(int page) {
  return "lineup: 1\nscene: shop\npage: " + std::to_string(page) +
         "\n"
         "columns:\n"
         "  score:    {type: float}\n"
         "  category: {type: category}\n"
         "objectives:\n"
         "  relevance: {column: score, default: 1.0, min: 0.0, max: 5.0, max_step: 0.5}\n"
         "rules:\n"
         "  - {use: apart, with: {size: 2}, priority: 50}\n"
         "  - {use: hide, with: {where: 'category == \"hidden\"'}}\n"
         "limits: {deadline_ms: 10000}\n";
}

void write_shop(const Folder& folder) {
  folder.write("policies/shop.yaml", shop_policy(3));
  folder.write("rules/apart.lua", R"(return rule {
  name = "apart",
  about = "One of a category in `size` neighbouring slots.",
  parameters = { size = integer { default = 2, min = 2, max = 50, about = "Slots looked at." } },
  constraints = function(p) return { window { by = "category", size = p.size, max = 1 } } end,
}
)");
  folder.write("rules/hide.lua", R"(return rule {
  name = "hide",
  about = "Never shows matching items.",
  required = true,
  parameters = { where = condition { about = "Which items." } },
  constraints = function(p) return { filter { where = p.where } } end,
}
)");
  folder.write("rules/apart.cases.yaml", R"(- name: two of a kind do not meet
  with: {size: 2}
  rows: &rows
    - {id: 1, score: 0.9, category: a}
    - {id: 2, score: 0.8, category: a}
    - {id: 3, score: 0.7, category: b}
  expect: {slate: [1, 3, 2], status: ok}
- name: they meet when nothing else is there
  with: {size: 3}
  rows: *rows
  expect: {status: relaxed, relaxed: {apart: 1}}
- name: a page that is given is judged
  rows: *rows
  given: {slate: [1, 2, 3]}
  expect: {violations: 1}
)");
}

}  // namespace lineup::testing
