// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <thread>

#include "files.hpp"
#include "node/host.hpp"
#include "node/instance.hpp"

namespace lineup {
namespace {

using testing::hostile;
using testing::mappings_of;
using testing::Setting;

TEST_CASE("a plugin becomes node types and leaves memory with the last of them", "[library]") {
  const Setting setting;
  auto library = setting.open(hostile("well_behaved"));
  REQUIRE(library);
  REQUIRE((*library)->types().size() == 1);
  std::shared_ptr<const NodeType> type = (*library)->types()[0];
  CHECK(type->name == "well_behaved");
  CHECK(type->id == "dev.lineup.test.well_behaved/1");
  CHECK(type->path == hostile("well_behaved").string());
  CHECK(type->content_hash == (*library)->content_hash());
  const auto before = Library::counters();
  CHECK(before.loaded >= 1);

  library->reset();
  CHECK(mappings_of(setting.staging.path()) > 0);
  CHECK(rehearse(*type, "{}").status == LINEUP_OK);
  type.reset();
  CHECK(mappings_of(setting.staging.path()) == 0);
  CHECK(Library::counters().loaded == before.loaded - 1);
  CHECK(Library::counters().retired == before.retired);
}

TEST_CASE("one content is loaded once, however many ask for it", "[library]") {
  const Setting setting;
  const auto first = setting.open(hostile("well_behaved")).value();
  const auto loaded = Library::counters().loaded;
  const auto second = setting.open(hostile("well_behaved")).value();
  CHECK(Library::counters().loaded == loaded);
  CHECK(first->types()[0]->table == second->types()[0]->table);
}

TEST_CASE("versions of a plugin live side by side and share nothing", "[library]") {
  const Setting setting;
  const auto first = setting.open(setting.variant("well_behaved", "v1")).value();
  const auto second = setting.open(setting.variant("well_behaved", "v_2")).value();
  CHECK(first->types()[0]->table != second->types()[0]->table);
  CHECK(first->content_hash() != second->content_hash());
}

// A plugin that is part of this program.
namespace table {

int inits = 0;
int deinits = 0;
lineup_status init_status = LINEUP_OK;

lineup_status init(const lineup_host* host, lineup_error_sink*) {
  CHECK(host == host_for("in_memory"));
  CHECK(host->extension(host, "lineup.config/1") != nullptr);
  ++inits;
  return init_status;
}
void deinit() { ++deinits; }
lineup_status create(const lineup_host*, lineup_text, lineup_error_sink*, lineup_instance** out) {
  *out = reinterpret_cast<lineup_instance*>(&inits);
  return LINEUP_OK;
}
void destroy(lineup_instance*) {}
const void* extension(const char*) { return nullptr; }
const lineup_node_type* type_at(std::uint32_t index) {
  static constexpr lineup_node_type kType = {sizeof(lineup_node_type),
                                             LINEUP_KIND_SCORER,
                                             "in_memory",
                                             "dev.lineup.test.in_memory/1",
                                             create,
                                             nullptr,
                                             nullptr,
                                             destroy,
                                             extension};
  return index == 0 ? &kType : nullptr;
}
constexpr lineup_plugin kPlugin = {
    LINEUP_PLUGIN_MAGIC,
    sizeof(lineup_plugin),
    LINEUP_ABI_MAJOR,
    0,
    0,
    0,
    "1.0.0",
    R"({"name":"in_memory","types":[{"name":"in_memory","kind":"scorer"}]})",
    init,
    deinit,
    type_at};

}  // namespace table

TEST_CASE("a table in memory is initialised with its first use and ended with its last",
          "[library]") {
  table::inits = table::deinits = 0;
  const auto before = Library::counters();
  auto first = Library::from_table(&table::kPlugin);
  REQUIRE(first);
  auto second = Library::from_table(&table::kPlugin);
  REQUIRE(second);
  CHECK(table::inits == 1);
  std::shared_ptr<const NodeType> type = (*first)->types()[0];
  CHECK(type->content_hash.empty());
  first->reset();
  second->reset();
  CHECK(table::deinits == 0);
  CHECK(rehearse(*type, "{}").status == LINEUP_OK);
  type.reset();
  CHECK(table::deinits == 1);
  CHECK(Library::counters().loaded == before.loaded);
  CHECK(Library::counters().retired == before.retired);

  table::init_status = LINEUP_E_INTERNAL;
  const auto failed = Library::from_table(&table::kPlugin);
  table::init_status = LINEUP_OK;
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == "native/init");
  CHECK(table::deinits == 1);
}

TEST_CASE("a library that cannot be unloaded is retired and used again", "[library]") {
  const Setting setting;
  const auto before = Library::counters();
  {
    const auto library = setting.open(hostile("stays_loaded"));
    REQUIRE(library);
    CHECK(Library::counters().loaded == before.loaded + 1);
  }
  CHECK(mappings_of(setting.staging.path()) > 0);
  CHECK(Library::counters().retired == before.retired + 1);
  {
    const auto again = setting.open(hostile("stays_loaded"));
    REQUIRE(again);
    CHECK(Library::counters().retired == before.retired);
  }
  CHECK(Library::counters().retired == before.retired + 1);
}

TEST_CASE("what a plugin breaks at load is refused with its reason", "[library]") {
  struct Case {
    const char* name;
    const char* code;
    const char* message;
  };
  const auto c = GENERATE(values<Case>({
      {"fails_in_init", "native/init", "init: no licence file"},
      {"hollow_table", "native/table", "names the generator `promised`"},
      {"undefined_symbol", "native/load", "undefined symbol: lineup_test_nowhere"},
      {"throws_in_create", "native/probe-refused", "the model is missing"},
      {"other_abi", "native/abi", "made for plugin interface 1.0, this engine has 0.1"},
      {"no_metadata", "native/not-a-plugin", "no section .lineup_metadata"},
      {"no_entry", "native/not-a-plugin", "exports no `lineup_entry`"},
  }));
  CAPTURE(c.name);
  const Setting setting;
  const auto before = Library::counters();
  const auto library = setting.open(hostile(c.name));
  REQUIRE_FALSE(library);
  CHECK(library.error().code == c.code);
  CHECK_THAT(library.error().message, Catch::Contains(c.message));
  CHECK_THAT(library.error().message, Catch::StartsWith("`" + hostile(c.name).string()));
  CHECK(Library::counters().loaded == before.loaded);
  CHECK(mappings_of(setting.staging.path()) == 0);
}

TEST_CASE("truncated libraries are refused and the process goes on", "[library]") {
  const Setting setting;
  const std::string whole = testing::read_all(hostile("well_behaved"));
  for (std::size_t percent : {1, 5, 15, 25, 45, 60, 75, 85, 95, 99}) {
    CAPTURE(percent);
    const auto path = setting.scratch.path() / "part.so";
    testing::write_all(path, whole.substr(0, whole.size() * percent / 100));
    const auto library = setting.open(path);
    REQUIRE_FALSE(library);
    CHECK(library.error().code == "native/truncated");
  }
}

TEST_CASE("a staged file that was touched is not loaded", "[library]") {
  const Setting setting;
  const auto staged = setting.staging.stage(hostile("well_behaved")).value();
  std::filesystem::remove(staged.path);
  testing::write_all(staged.path, "something else");
  const auto library = Library::load(staged, {});
  REQUIRE_FALSE(library);
  CHECK(library.error().code == "native/changing");
}

TEST_CASE("a plugin's log lines are limited and carry its name", "[library]") {
  const Setting setting;
  std::mutex mutex;
  int lines = 0;
  set_host_log([&](LogLevel level, std::string_view plugin, std::string_view text) {
    const std::lock_guard lock(mutex);
    if (plugin == "logs_too_much" && text == "hello" && level == LogLevel::Info) ++lines;
  });
  const auto library = setting.open(hostile("logs_too_much"));
  set_host_log({});
  REQUIRE(library);
  CHECK(lines >= 1);
  CHECK(lines <= 2 * kHostLogLinesPerSecond);  // a second may end in between
}

TEST_CASE("threads that load and drop the same plugins do not meet", "[library]") {
  const Setting setting;
  static_cast<void>(setting.open(hostile("well_behaved")).value());
  const auto staged = setting.staging.stage(hostile("well_behaved")).value();
  const auto verdict = known_good(staged.content_hash).value();
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        const auto library = Library::load(staged, verdict);
        if (!library || rehearse(*(*library)->types()[0], "{}").status != LINEUP_OK) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(mappings_of(setting.staging.path()) == 0);
}

}  // namespace
}  // namespace lineup
