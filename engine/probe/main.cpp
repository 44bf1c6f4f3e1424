// SPDX-License-Identifier: Apache-2.0
//
// lineup-probe FILE.so: loads a plugin, tries what can be tried without a policy, unloads it, and
// says on one line of JSON how that went. It exists to die in the engine's place: lines `at STEP`
// tell how far it came.
//
//   {"ok":true,"unloads":true,"types":["mmr"]}
//   {"ok":false,"code":"native/init","message":"..."}
//
// lineup-probe --case NAME [--seed N] [--config JSON] [--reproduce N] FILE.so: runs one conformance
// case and answers {"verdict":"passed","message":""}.
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "allocation_count.hpp"
#include "base/hash.hpp"
#include "conformance/answer.hpp"
#include "conformance/suite.hpp"
#include "native/library.hpp"
#include "node/host.hpp"
#include "node/instance.hpp"

namespace {

using lineup::Error;

// The answer has a descriptor of its own: what a plugin prints goes to standard error.
int answer_descriptor = STDOUT_FILENO;

void say(const std::string& line) {
  const std::string text = line + "\n";
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t now = ::write(answer_descriptor, text.data() + written, text.size() - written);
    if (now <= 0) return;
    written += static_cast<std::size_t>(now);
  }
}

int answer_error(const Error& error) {
  const nlohmann::json line = {{"ok", false}, {"code", error.code}, {"message", error.message}};
  say(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  return 1;
}

void prepare_process() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  answer_descriptor = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
}

lineup::Result<lineup::StagedFile> describe(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return lineup::failure("native/unreadable", "`" + path.string() + "`: cannot read");
  const std::string bytes((std::istreambuf_iterator<char>(stream)), {});
  return lineup::StagedFile{path, path, lineup::content_hash(bytes), bytes.size()};
}

// Makes and destroys an instance when the schema has defaults for all it needs. A type may still
// want a file or a column that only a policy names: saying so properly is no fault.
lineup::Result<void> try_type(const lineup::NodeType& type) {
  const auto config = lineup::complete_config(type.configuration_schema, "{}");
  if (!config) return {};
  say("at create `" + type.name + "`");
  const lineup::Rehearsal rehearsal = lineup::rehearse(type, *config);
  if (rehearsal.status == LINEUP_OK || rehearsal.status == LINEUP_E_INVALID_CONFIG ||
      rehearsal.status == LINEUP_E_NOT_FOUND) {
    return {};
  }
  return lineup::failure(
      "native/probe-refused",
      "create of `" + type.name + "` with its defaults failed: " + rehearsal.message);
}

bool is_mapped(const std::filesystem::path& path) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(path.string()) != std::string::npos) return true;
  }
  return false;
}

int run(const std::filesystem::path& path) {
  say("at load and init");
  const auto file = describe(path);
  if (!file) return answer_error(file.error());
  auto library = lineup::Library::load(*file, {.unloads = true, .types = {}});
  if (!library) return answer_error(library.error());
  std::vector<std::string> names;
  for (const auto& type : (*library)->types()) {
    names.push_back(type->name);
    if (auto tried = try_type(*type); !tried) return answer_error(tried.error());
  }
  say("at deinit and unload");
  library->reset();
  const nlohmann::json line = {{"ok", true}, {"unloads", !is_mapped(path)}, {"types", names}};
  say(line.dump());
  return 0;
}

int run_case(const std::vector<std::string>& words) {
  if (lineup_probe_counts()) lineup::count_allocations_with(lineup_probe_allocations);
  say(lineup::run_case_as_helper(words, say));
  // What a plugin left behind must not have the last word: threads, handlers of exit().
  ::_exit(0);
}

}  // namespace

int main(int argument_count, char** arguments) {
  if (argument_count > 3 && std::string(arguments[1]) == "--case") {
    prepare_process();
    return run_case({arguments + 1, arguments + argument_count});
  }
  if (argument_count != 2) {
    std::fputs("usage: lineup-probe [--case NAME] FILE.so\n", stderr);
    return 2;
  }
  prepare_process();
  return run(std::filesystem::absolute(arguments[1]));
}
