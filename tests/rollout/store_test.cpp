// SPDX-License-Identifier: Apache-2.0
#include "rollout/store.hpp"

#include <catch2/catch.hpp>

#include "base/hash.hpp"
#include "rollout/ledger.hpp"
#include "world.hpp"

namespace lineup {

namespace {

// A revision of two files of its own and one of the library.
class Made {
 public:
  explicit Made(const std::string& name) : hash(content_hash(name)) {
    add("policies/home.yaml", "scene: home # " + name, false);
    add("rules/same.lua", "return rule {}", false);
    add("rules/pin.lua", "return rule { pin }", true);
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      files_.push_back({paths_[i], contents_[i], hashes_[i], paths_[i], library_[i]});
    }
  }
  [[nodiscard]] StagedRevision staged() const {
    StagedRevision out;
    out.id = std::string_view(hash).substr(0, 12);
    out.hash = hash;
    out.files = files_;
    return out;
  }
  // Whether every file is there, byte for byte.
  [[nodiscard]] bool is_whole(FakeDisk& disk, const RevisionStore& store) const {
    const auto kept = store.find(hash);
    if (!kept) return false;
    for (std::size_t i = 0; i < paths_.size(); ++i) {
      const std::string path =
          library_[i] ? kept->rules + paths_[i].substr(5) : kept->bundle + "/" + paths_[i];
      const auto contents = disk.read(path);
      if (!contents || *contents != contents_[i]) return false;
    }
    return true;
  }
  const std::string hash;

 private:
  void add(std::string path, std::string contents, bool library) {
    hashes_.push_back(content_hash(contents));
    paths_.push_back(std::move(path));
    contents_.push_back(std::move(contents));
    library_.push_back(library);
  }
  std::vector<std::string> paths_, contents_, hashes_;
  std::vector<bool> library_;
  std::vector<StagedContent> files_;
};

// What an engine does with its disk when `next` goes live and proves good.
void go_live(RevisionStore& store, Ledger& ledger, const Made& next) {
  if (!ledger.see(next.hash, next.hash.substr(0, 12))) return;
  using enum Stage;
  for (const Stage stage : {Staged, Verified, Compiled, Tested})
    REQUIRE(ledger.reach(next.hash, stage));
  if (!store.begin_start(next.hash)) return;
  REQUIRE(ledger.reach(next.hash, Active));
  if (!store.keep(next.staged())) return;
  ledger.mark_good();
  if (!store.write_journal(ledger.write())) return;
  store.end_start(next.hash);
  std::vector<std::string> hashes;
  for (const LedgerEntry& good : ledger.good()) hashes.push_back(good.hash);
  store.keep_only(hashes);
}

}  // namespace

TEST_CASE("the store keeps contents once and forgets those that nothing uses") {
  FakeDisk disk;
  RevisionStore store(disk, "/state/revisions");
  const Made one("one"), two("two");
  REQUIRE(store.keep(one.staged()));
  REQUIRE(store.keep(two.staged()));
  CHECK(one.is_whole(disk, store));
  CHECK(two.is_whole(disk, store));
  CHECK(disk.list("/state/revisions/objects").size() == 4);  // two policies, two rules
  store.keep_only({two.hash});
  CHECK_FALSE(store.find(one.hash));
  CHECK(two.is_whole(disk, store));
  CHECK(disk.list("/state/revisions/objects").size() == 3);
}

TEST_CASE("keeping a kept revision writes nothing, and damaged contents are written anew") {
  FakeDisk disk;
  RevisionStore store(disk, "/s");
  const Made one("one"), two("two");
  REQUIRE(store.keep(one.staged()));
  const int before = disk.operations;
  REQUIRE(store.keep(one.staged()));
  CHECK(disk.operations == before);
  disk.damage("/s/objects/" + content_hash("return rule {}"));
  REQUIRE(store.keep(two.staged()));
  CHECK(two.is_whole(disk, store));
}

TEST_CASE("starts that did not end in order are counted, and forgotten when one did") {
  FakeDisk disk;
  RevisionStore store(disk, "/s");
  CHECK(store.unclean_starts("abc") == 0);
  REQUIRE(store.begin_start("abc"));
  REQUIRE(store.begin_start("abc"));
  CHECK(RevisionStore(disk, "/s").unclean_starts("abc") == RevisionStore::kUncleanMax);
  store.end_start("abc");
  CHECK(store.unclean_starts("abc") == 0);
}

TEST_CASE("killed after any operation, the disk holds a whole good revision") {
  int operations = 0;
  {
    FakeDisk disk;
    FakeClock clock;
    RevisionStore store(disk, "/s");
    Ledger ledger(clock);
    for (const char* name : {"a", "b", "c"}) go_live(store, ledger, Made(name));
    operations = disk.operations;
  }
  REQUIRE(operations > 40);
  for (int last = 0; last < operations; ++last) {
    INFO("killed after operation " << last);
    FakeDisk disk;
    FakeClock clock;
    std::string newest;
    {
      disk.dies_after = last;
      RevisionStore store(disk, "/s");
      Ledger ledger(clock);
      for (const char* name : {"a", "b", "c"}) {
        const Made made(name);
        go_live(store, ledger, made);
        // What the journal says on the disk is what a start may count on.
        Ledger told(clock);
        if (told.read(store.read_journal()) && !told.good().empty())
          newest = told.good().front().hash;
      }
    }
    disk.revive();
    RevisionStore store(disk, "/s");
    Ledger ledger(clock);
    const std::string journal = store.read_journal();
    CHECK(ledger.read(journal) == !journal.empty());
    if (newest.empty()) continue;
    REQUIRE_FALSE(ledger.good().empty());
    CHECK(ledger.good().front().hash == newest);
    for (const LedgerEntry& good : ledger.good()) {
      bool is_whole = false;
      for (const char* name : {"a", "b", "c"}) {
        const Made made(name);
        if (made.hash == good.hash) is_whole = made.is_whole(disk, store);
      }
      CHECK(is_whole);
      CHECK(store.unclean_starts(good.hash) < RevisionStore::kUncleanMax);
    }
    // And the way goes on from there.
    go_live(store, ledger, Made("d"));
    CHECK(Made("d").is_whole(disk, store));
    for (const auto& [path, contents] : disk.files()) CHECK(path.find(".new") == std::string::npos);
  }
}

}  // namespace lineup
