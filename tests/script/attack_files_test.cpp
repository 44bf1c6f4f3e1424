// SPDX-License-Identifier: Apache-2.0
//
// The files of attacks/: each is a rule file that must be stopped where its header says, by what it
// says. Limits are counts here, with far more time than they take, so that a busy machine stops an
// attack at the same place as a free one; the clock only says that nothing ran on beside the count.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "base/clock.hpp"
#include "script/request.hpp"

using namespace lineup;
using namespace lineup::test;

namespace {

struct Attack {
  std::string name;
  std::string source;
  std::string where = "load";  // load, constraints, call
  std::string by;              // what is said
};

Attack read_attack(const std::filesystem::path& path) {
  Attack attack;
  attack.name = path.stem().string();
  attack.source = read_file(path.string());
  // What is loaded here is called r.lua, and a rule is called as its file.
  const std::string name = "name = \"" + attack.name + "\"";
  if (const std::size_t named = attack.source.find(name); named != std::string::npos) {
    attack.source.replace(named, name.size(), "name = \"r\"");
  }
  constexpr std::string_view kMark = "-- stopped: ";
  const std::size_t at = attack.source.find(kMark);
  if (at == std::string::npos) return attack;  // bytecode, for one, has no comments
  const std::size_t begin = at + kMark.size();
  const std::string line = attack.source.substr(begin, attack.source.find('\n', at) - begin);
  const std::size_t space = line.find(' ');
  attack.where = line.substr(0, space);
  attack.by = line.substr(space + 1);
  return attack;
}

std::vector<Attack> all_attacks() {
  std::vector<Attack> attacks;
  for (const auto& entry :
       std::filesystem::directory_iterator(kSourceDir + "/tests/script/attacks")) {
    const auto ending = entry.path().extension();
    if (ending == ".lua" || ending == ".luac") attacks.push_back(read_attack(entry.path()));
  }
  std::sort(attacks.begin(), attacks.end(),
            [](const Attack& a, const Attack& b) { return a.name < b.name; });
  return attacks;
}

// The limits that rules have, but for the clock; with the default count of instructions a call
// cannot take all of its memory, so that who is stopped by memory gets more of them.
ScriptLimits counted(const std::string& by = "") {
  ScriptLimits limits;
  limits.load_ns_max = limits.call_ns_max = 60'000'000'000;
  if (by == "memory") limits.call_instructions_max = 100'000'000;
  return limits;
}

// LIMIT: a thousand times what the slowest takes on a free machine.
constexpr std::int64_t kLatestNs = 30'000'000'000;

// What stops the attack: "load r.lua:...", "constraints ...", "call ...", or "" when nothing does.
std::string stopped(const Attack& attack) {
  Diagnostics diagnostics;
  const auto rule = load_rule("r.lua", attack.source, counted(), diagnostics);
  if (rule == nullptr) return "load " + summary(diagnostics);
  if (rule->has_constraints) {
    return make_specs(*rule, with({}), counted(), diagnostics)
               ? ""
               : "constraints " + summary(diagnostics);
  }
  CodeRun run(attack.source, with({}), counted(attack.by));
  add_rows(run.rows());
  run.bind();
  const std::vector<std::uint32_t> slate = {1, 2, 3};
  if (run.answer(slate, 1) != "true") return "";
  const std::string said = run.answer(slate, 0);
  run.bind();  // the next request
  CHECK(run.answer(slate, 1) == "true");
  CHECK(run.answer(slate, 0) == said);
  CHECK(run.worker().memory_bytes() <= counted().state_bytes_max);
  return said == "true" || said == "false" ? "" : "call " + said;
}

}  // namespace

TEST_CASE("every attack is stopped by what it says, and the next request is unharmed", "[attack]") {
  const auto attacks = all_attacks();
  REQUIRE(attacks.size() >= 100);
  for (const Attack& attack : attacks) {
    CAPTURE(attack.name);
    const std::int64_t begin = monotonic_ns();
    const std::string said = stopped(attack);
    CAPTURE(said);
    CHECK(said.find(attack.where) == 0);
    CHECK(said.find(attack.by) != std::string::npos);
    CHECK(monotonic_ns() - begin < kLatestNs);
    CHECK(faults_of(header("allow = function() return true end")) == "");
  }
}
