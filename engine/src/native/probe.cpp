// SPDX-License-Identifier: Apache-2.0
//
// The helper answers on its standard output: lines `at STEP` while it goes, one line of JSON at
// the end.
#include "native/probe.hpp"

#include <sys/wait.h>

#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "native/child.hpp"

namespace lineup {

namespace {

struct KnownGood {
  std::mutex mutex;
  std::map<std::string, Verdict> by_hash;
};

KnownGood& known() {
  static auto* instance = new KnownGood;
  return *instance;
}

// The JSON of the last line.
Result<Verdict> read_answer(const ChildEnding& ending) {
  const auto unclear = [&ending] {
    return failure("native/probe-crashed", "ended the process that tried it, at " +
                                               last_step(ending.answer) + complaint_of(ending));
  };
  try {
    const auto answer = nlohmann::json::parse(last_line(ending.answer));
    if (!answer.at("ok").get<bool>()) {
      return failure(answer.at("code").get<std::string>(), answer.at("message").get<std::string>());
    }
    if (ending.is_known && (!WIFEXITED(ending.status) || WEXITSTATUS(ending.status) != 0)) {
      return unclear();
    }
    Verdict verdict;
    verdict.unloads = answer.at("unloads").get<bool>();
    verdict.types = answer.at("types").get<std::vector<std::string>>();
    return verdict;
  } catch (const nlohmann::json::exception&) {
    return unclear();
  }
}

Result<Verdict> judge(const ChildEnding& ending, const ProbeOptions& options) {
  if (ending.is_timeout) {
    return failure("native/probe-timeout", "did not come back within " +
                                               std::to_string(options.timeout_ms) + " ms, at " +
                                               last_step(ending.answer));
  }
  if (const std::string signal = signal_of(ending); !signal.empty()) {
    return failure("native/probe-crashed", "crashed with " + signal + ", at " +
                                               last_step(ending.answer) + complaint_of(ending));
  }
  return read_answer(ending);
}

}  // namespace

Result<Verdict> probe(const StagedFile& file, const ProbeOptions& options) {
  if (auto verdict = known_good(file.content_hash)) return *verdict;
  if (options.program.empty()) {
    return failure("native/no-probe",
                   "not known to be good, and there is no helper to try it: set the path of "
                   "lineup-probe");
  }
  const auto ending = run_child({options.program, {file.path.string()}, options.timeout_ms});
  if (!ending) return tl::unexpected(ending.error());
  auto verdict = judge(*ending, options);
  if (verdict) remember_good(file.content_hash, *verdict);
  return verdict;
}

std::optional<Verdict> known_good(const std::string& content_hash) {
  const std::lock_guard lock(known().mutex);
  const auto found = known().by_hash.find(content_hash);
  if (found == known().by_hash.end()) return std::nullopt;
  return found->second;
}

void remember_good(const std::string& content_hash, Verdict verdict) {
  const std::lock_guard lock(known().mutex);
  known().by_hash[content_hash] = std::move(verdict);
}

}  // namespace lineup
