// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.hpp"

#include <sqlite3.h>
#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace lineup;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "lineup-audit-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

AuditEntry entry(std::int64_t at_ms, const std::string& target) {
  return {0, at_ms, "ann", "weight", target, "a test", "set", "{}"};
}

// What SQLite says to a statement; empty: it was done.
std::string fault_of(const std::string& directory, const char* statement) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(audit_path(directory).c_str(), &database) == SQLITE_OK);
  char* message = nullptr;
  sqlite3_exec(database, statement, nullptr, nullptr, &message);
  const std::string out = message == nullptr ? "" : message;
  sqlite3_free(message);
  sqlite3_close(database);
  return out;
}

}  // namespace

TEST_CASE("changes are read back as they were told, oldest first", "[audit]") {
  const Folder folder;
  AuditLog log(folder.path);
  log.note(entry(1000, "home/relevance"));
  log.note({0, 2000, "", "revision", "abc", "it's \"quoted\"\n\xc3\xa9", "refused", "{\"a\": 1}"});
  log.flush();
  const auto entries = read_audit(folder.path, {});
  REQUIRE(entries);
  REQUIRE(entries->size() == 2);
  CHECK(entries->at(0).target == "home/relevance");
  CHECK(entries->at(1).number == entries->at(0).number + 1);
  CHECK(entries->at(1).why == "it's \"quoted\"\n\xc3\xa9");
  CHECK(entries->at(1).who.empty());
  CHECK(log.counts().written == 2);
  CHECK(log.fault().empty());
}

TEST_CASE("a query is answered with the newest since a moment", "[audit]") {
  const Folder folder;
  {
    AuditLog log(folder.path);
    for (int i = 0; i < 100; ++i) log.note(entry(i, std::to_string(i)));
  }  // what waits is written when the log is closed
  CHECK(read_audit(folder.path, {.since_ms = 90, .most = 1000})->size() == 10);
  const auto newest = read_audit(folder.path, {.most = 3});
  REQUIRE(newest);
  REQUIRE(newest->size() == 3);
  CHECK(newest->front().target == "97");
  CHECK(newest->back().target == "99");
  CHECK(read_audit(folder.path, {.since_ms = 1000})->empty());
}

TEST_CASE("the log goes on where the engine before left it", "[audit]") {
  const Folder folder;
  { AuditLog(folder.path).note(entry(1, "a")); }
  { AuditLog(folder.path).note(entry(2, "b")); }
  const auto entries = read_audit(folder.path, {});
  REQUIRE(entries);
  REQUIRE(entries->size() == 2);
  CHECK(entries->at(1).number > entries->at(0).number);
}

TEST_CASE("what happened is neither changed nor removed", "[audit]") {
  const Folder folder;
  { AuditLog(folder.path).note(entry(1, "a")); }
  CHECK(fault_of(folder.path, "UPDATE changes SET who = 'bob'") == "what happened is not changed");
  CHECK(fault_of(folder.path, "DELETE FROM changes") == "what happened is not removed");
  CHECK(read_audit(folder.path, {})->at(0).who == "ann");
}

TEST_CASE("many threads tell at once, and nothing is lost", "[audit]") {
  const Folder folder;
  AuditLog log(folder.path);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&log, thread] {
      for (int i = 0; i < 200; ++i) log.note(entry(i, std::to_string(thread)));
    });
  }
  // Readers, another process among them, do not stop the writer.
  for (int i = 0; i < 20; ++i) (void)read_audit(folder.path, {});
  for (std::thread& thread : threads) thread.join();
  log.flush();
  CHECK(read_audit(folder.path, {})->size() == 800);
  CHECK(log.counts().lost == 0);
}

TEST_CASE("without a state directory nothing is kept and nothing is lost", "[audit]") {
  AuditLog log("");
  log.note(entry(1, "a"));
  log.flush();
  CHECK(log.counts().written == 0);
  CHECK(log.counts().lost == 0);
}

TEST_CASE("what a failing disk does not take waits, is told, and is written later", "[audit]") {
  const Folder folder;
  std::filesystem::create_directory(audit_path(folder.path));
  AuditLog log(folder.path);
  log.note(entry(1, "a"));
  log.flush();
  CHECK(log.counts().waiting == 1);
  CHECK(log.counts().lost == 0);
  CHECK_THAT(log.fault(), Catch::Contains("audit.db"));
  std::filesystem::remove(audit_path(folder.path));
  log.note(entry(2, "b"));
  log.flush();
  CHECK(log.counts().written == 2);
  CHECK(log.counts().waiting == 0);
  CHECK(log.fault().empty());
  const auto entries = read_audit(folder.path, {});
  REQUIRE(entries->size() == 2);
  CHECK(entries->at(0).target == "a");
  CHECK(entries->at(1).target == "b");
}

TEST_CASE("a disk that comes back by itself gets what waits without another change", "[audit]") {
  const Folder folder;
  std::filesystem::create_directory(audit_path(folder.path));
  AuditLog log(folder.path);
  log.note(entry(1, "a"));
  log.flush();
  REQUIRE(log.counts().waiting == 1);
  std::filesystem::remove(audit_path(folder.path));
  for (int i = 0; i < 40 && log.counts().waiting > 0; ++i) log.flush();
  CHECK(log.counts().written == 1);
}

TEST_CASE("a disk that fails for ever keeps so many waiting, and the rest is counted", "[audit]") {
  const Folder folder;
  std::filesystem::create_directory(audit_path(folder.path));
  AuditLog log(folder.path);
  for (int i = 0; i < 10'050; ++i) log.note(entry(i, "a"));
  CHECK(log.counts().waiting == 10'000);
  CHECK(log.counts().lost == 50);
  CHECK_FALSE(log.fault().empty());
}

TEST_CASE("a directory without a log, and one with another file in its place, say so", "[audit]") {
  const Folder folder;
  const auto none = read_audit(folder.path, {});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == "audit/none");
  std::ofstream(audit_path(folder.path)) << "this is no database, it is a text of some length";
  const auto broken = read_audit(folder.path, {});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == "audit/unreadable");
}
