// SPDX-License-Identifier: Apache-2.0
//
// A snapshot is whole or there is none.
#include "reload/bundle.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <set>

#include "base/clock.hpp"
#include "base/hash.hpp"
#include "faulty_source.hpp"
#include "scratch.hpp"

namespace lineup {
namespace {

std::vector<std::string> paths_of(const Bundle& bundle) {
  std::vector<std::string> paths;
  for (const BundleFile& file : bundle.files) paths.push_back(file.path);
  return paths;
}

BundleSources sources_of(const Scratch& scratch) {
  BundleSources sources;
  sources.directory = scratch.root();
  return sources;
}

TEST_CASE("a bundle holds what belongs into its folders, by path") {
  const Scratch scratch;
  scratch.write("policies/home.yaml", "scene: home");
  scratch.write("rules/pin.lua", "return rule {}");
  scratch.write("rules/pin.cases.yaml", "cases: []");
  scratch.write("rules/README.md", "not a rule");
  scratch.write("lists/blocked.txt", "a1");
  scratch.write("plugins/mmr/mmr.so",
                "\x7f"
                "ELF");
  scratch.write("elsewhere/x.lua", "not in a folder of bundles");
  scratch.write("README.md", "nor this");
  const Result<Bundle> bundle = read_bundle(sources_of(scratch));
  REQUIRE(bundle);
  CHECK(paths_of(*bundle) == std::vector<std::string>{"lists/blocked.txt", "plugins/mmr/mmr.so",
                                                      "policies/home.yaml", "rules/pin.cases.yaml",
                                                      "rules/pin.lua"});
  CHECK(bundle->warnings.empty());
  const BundleFile* rule = bundle->find("rules/pin.lua");
  REQUIRE(rule != nullptr);
  CHECK(*rule->contents == "return rule {}");
  CHECK(rule->content_hash == content_hash("return rule {}"));
  CHECK(rule->origin == scratch.path("rules/pin.lua"));
  CHECK_FALSE(rule->library);
  CHECK(bundle->find("rules/pin") == nullptr);
  CHECK(bundle->in_folder("rules").size() == 2);
  CHECK(bundle->in_folder("models").empty());
}

TEST_CASE("a revision is named by paths and contents, by nothing else") {
  const Scratch scratch;
  const Scratch other;
  scratch.write("rules/a.lua", "1");
  scratch.write("rules/b.lua", "2");
  other.write("rules/b.lua", "2");
  other.write("rules/a.lua", "1");
  const std::string id = read_bundle(sources_of(scratch))->id;
  CHECK(id.size() == 12);
  CHECK(read_bundle(sources_of(other))->id == id);
  other.write("rules/a.lua", "2");
  other.write("rules/b.lua", "1");
  CHECK(read_bundle(sources_of(other))->id != id);
}

TEST_CASE("what editors and copy tools leave behind is not part of a bundle") {
  const Scratch scratch;
  scratch.write("rules/pin.lua", "x");
  for (const char* name : {".pin.lua.swp", "pin.lua~", "#pin.lua#", ".#pin.lua", "4913", "pin.tmp",
                           "pin.lua.bak", "pin.lua.orig", ".hidden.lua"}) {
    CHECK(is_passing_name(name));
    scratch.write(std::string("rules/") + name, "x");
  }
  CHECK_FALSE(is_passing_name("4913.lua"));
  const Result<Bundle> bundle = read_bundle(sources_of(scratch));
  REQUIRE(bundle);
  CHECK(paths_of(*bundle) == std::vector<std::string>{"rules/pin.lua"});
  CHECK(bundle->warnings.empty());
}

TEST_CASE("what cannot be a file of a bundle is passed over with a warning") {
  const Scratch scratch;
  scratch.write("rules/my rule.lua", "x");
  scratch.link("nowhere.lua", "rules/dangling.lua");
  REQUIRE(::mkfifo(scratch.path("rules/pipe.lua").c_str(), 0600) == 0);
  const Result<Bundle> bundle = read_bundle(sources_of(scratch));
  REQUIRE(bundle);
  CHECK(bundle->files.empty());
  REQUIRE(bundle->warnings.all().size() == 3);
  CHECK(bundle->warnings.all()[1].code == "reload/passed-over");
  CHECK(bundle->warnings.all()[1].message ==
        "`rules/my rule.lua` is passed over: its name is not plain");
  CHECK_FALSE(bundle->warnings.has_errors());
}

TEST_CASE("links are followed, also when they lead in circles") {
  const Scratch scratch;
  scratch.write("..2026_01/rules/pin.lua", "one");
  scratch.link("..2026_01", "..data");
  scratch.link("..data/rules", "rules");
  scratch.link(".", "..2026_01/rules/loop");
  const Result<Bundle> bundle = read_bundle(sources_of(scratch));
  REQUIRE(bundle);
  REQUIRE(bundle->find("rules/pin.lua") != nullptr);
  CHECK(*bundle->find("rules/pin.lua")->contents == "one");
  CHECK(bundle->files.size() == 1 + kBundleDepth);
}

TEST_CASE("an absent bundle is an error, an empty one is not") {
  const Scratch scratch;
  CHECK(read_bundle(sources_of(scratch))->files.empty());
  BundleSources sources;
  sources.directory = scratch.path("nowhere");
  const Result<Bundle> absent = read_bundle(sources);
  REQUIRE_FALSE(absent);
  CHECK(absent.error().code == "reload/no-bundle");
  CHECK(absent.error().message == "the bundle `" + scratch.path("nowhere") + "` is no directory");
  sources.directory.clear();
  CHECK(read_bundle(sources)->files.empty());
}

TEST_CASE("libraries fill what the bundle leaves free, in their order") {
  const Scratch scratch;
  scratch.write("bundle/rules/pin.lua", "own");
  scratch.write("first/pin.lua", "first");
  scratch.write("first/boost.lua", "first");
  scratch.write("first/deep/x.lua", "libraries are flat");
  scratch.write("second/boost.lua", "second");
  scratch.write("second/block.lua", "second");
  scratch.write("built/mmr.so", "elf");
  scratch.write("built/CMakeCache.txt", "no plugin");
  BundleSources sources;
  sources.directory = scratch.path("bundle");
  sources.rule_directories = {scratch.path("first"), scratch.path("second")};
  sources.plugin_directories = {scratch.path("built")};
  const Result<Bundle> bundle = read_bundle(sources);
  REQUIRE(bundle);
  CHECK(paths_of(*bundle) == std::vector<std::string>{"plugins/mmr.so", "rules/block.lua",
                                                      "rules/boost.lua", "rules/pin.lua"});
  CHECK(*bundle->find("rules/pin.lua")->contents == "own");
  CHECK_FALSE(bundle->find("rules/pin.lua")->library);
  CHECK(*bundle->find("rules/boost.lua")->contents == "first");
  CHECK(bundle->find("rules/boost.lua")->library);
  sources.rule_directories.push_back(scratch.path("third"));
  CHECK(read_bundle(sources).error().code == "reload/not-found");
}

TEST_CASE("an overlay stands over the bundle's files, adds, and removes") {
  const Scratch scratch;
  scratch.write("bundle/rules/pin.lua", "disk");
  scratch.write("bundle/rules/block.lua", "disk");
  scratch.write("library/block.lua", "library");
  BundleSources sources;
  sources.directory = scratch.path("bundle");
  sources.rule_directories = {scratch.path("library")};
  const std::string before = read_bundle(sources)->id;
  sources.overlay = {
      {"rules/pin.lua", "draft"}, {"rules/block.lua", "", true}, {"policies/new.yaml", "draft"}};
  const Result<Bundle> bundle = read_bundle(sources);
  REQUIRE(bundle);
  CHECK(bundle->id != before);
  CHECK(*bundle->find("rules/pin.lua")->contents == "draft");
  CHECK(bundle->find("rules/pin.lua")->origin.empty());
  CHECK(*bundle->find("rules/block.lua")->contents == "library");
  CHECK(*bundle->find("policies/new.yaml")->contents == "draft");
  CHECK(survey_bundle(sources).signature != 0);
}

TEST_CASE("an overlay path that no bundle can have is refused") {
  for (const char* path :
       {"pin.lua", "rules", "rules/", "/rules/pin.lua", "rules/../pin.lua", "rules//pin.lua",
        "secrets/pin.lua", "rules/pin.txt", "rules/.pin.lua", "rules/a b.lua", "rules/pin.lua/"}) {
    CAPTURE(path);
    BundleSources sources;
    sources.overlay = {{path, "x"}};
    const Result<Bundle> bundle = read_bundle(sources);
    REQUIRE_FALSE(bundle);
    CHECK(bundle.error().code == "reload/bad-overlay");
  }
}

TEST_CASE("limits of size and number are kept, and say so") {
  FaultySource files;
  BundleSources sources;
  sources.directory = "/b";
  for (const char* name : {"a", "b", "c"}) {
    files.put(std::string("/b/lists/") + name, "12345678");
  }
  CHECK(read_bundle(sources, files));
  sources.limits.file_count = 2;
  CHECK(read_bundle(sources, files).error().message ==
        "the bundle has more than 2 files: is `/b` the right directory");
  sources.limits.file_count = 3;
  sources.limits.file_bytes = 7;
  CHECK(read_bundle(sources, files).error().code == "reload/too-large");
  sources.limits.file_bytes = 8;
  sources.limits.total_bytes = 23;
  CHECK(read_bundle(sources, files).error().code == "reload/too-large");
}

TEST_CASE("an input error is reported with its cause, at every read") {
  for (const int fails : {0, 1, 2, 3}) {
    FaultySource files;
    files.put("/b/rules/a.lua", "a");
    files.put("/b/rules/b.lua", "b");
    files.on_read = [fails](const std::string& path, int nth,
                            std::string contents) -> Result<std::string> {
      if (nth == fails) {
        return failure("reload/unreadable", "`" + path + "` cannot be read: Input/output error");
      }
      return contents;
    };
    BundleSources sources;
    sources.directory = "/b";
    const Result<Bundle> bundle = read_bundle(sources, files);
    REQUIRE_FALSE(bundle);
    CHECK(bundle.error().code == "reload/unreadable");
    CHECK(bundle.error().message.find("Input/output error") != std::string::npos);
  }
}

TEST_CASE("a short read is not taken for a file") {
  FaultySource files;
  files.put("/b/rules/a.lua", "return rule { whole }");
  files.on_read = [](const std::string&, int nth, std::string contents) -> Result<std::string> {
    return nth < 2 ? contents.substr(0, 10) : contents;
  };
  BundleSources sources;
  sources.directory = "/b";
  const Result<Bundle> bundle = read_bundle(sources, files);
  REQUIRE(bundle);
  CHECK(*bundle->find("rules/a.lua")->contents == "return rule { whole }");
}

TEST_CASE("a file that is written while the bundle is read makes it be read again") {
  FaultySource files;
  files.put("/b/rules/a.lua", "a1");
  files.put("/b/rules/b.lua", "b1");
  BundleSources sources;
  sources.directory = "/b";
  SECTION("with another stamp") {
    files.on_read = [&](const std::string&, int nth, std::string contents) {
      if (nth == 1) files.put("/b/rules/a.lua", "a2");
      return Result<std::string>(contents);
    };
  }
  SECTION("with the same stamp") {
    files.on_read = [&](const std::string&, int nth, std::string contents) {
      if (nth == 1) files.put_unseen("/b/rules/a.lua", "a2");
      return Result<std::string>(contents);
    };
  }
  const Result<Bundle> bundle = read_bundle(sources, files);
  REQUIRE(bundle);
  CHECK(*bundle->find("rules/a.lua")->contents == "a2");
  CHECK(*bundle->find("rules/b.lua")->contents == "b1");
}

TEST_CASE("a file that appears or vanishes while the bundle is read makes it be read again") {
  FaultySource files;
  files.put("/b/rules/a.lua", "a");
  files.put("/b/rules/b.lua", "b");
  files.on_read = [&](const std::string&, int nth, std::string contents) {
    if (nth == 0) files.remove("/b/rules/b.lua");
    if (nth == 1) files.put("/b/rules/c.lua", "c");
    return Result<std::string>(contents);
  };
  BundleSources sources;
  sources.directory = "/b";
  const Result<Bundle> bundle = read_bundle(sources, files);
  REQUIRE(bundle);
  CHECK(paths_of(*bundle) == std::vector<std::string>{"rules/a.lua", "rules/c.lua"});
}

TEST_CASE("a bundle that never holds still is said to be unstable") {
  FaultySource files;
  files.put("/b/rules/a.lua", "0");
  files.on_read = [&](const std::string& path, int nth, std::string contents) {
    files.put(path, std::to_string(nth));
    return Result<std::string>(contents);
  };
  BundleSources sources;
  sources.directory = "/b";
  const Result<Bundle> bundle = read_bundle(sources, files);
  REQUIRE_FALSE(bundle);
  CHECK(bundle.error().code == "reload/unstable");
  CHECK(bundle.error().message == "`rules/a.lua` keeps changing while the bundle `/b` is read");
}

TEST_CASE("files that have been the same for long are taken over unread, others never") {
  FaultySource files;
  const std::int64_t now_ns = wall_ms() * 1'000'000;
  files.put("/b/models/old.bin", "old", now_ns - 60'000'000'000);
  files.put("/b/models/fresh.bin", "fresh", now_ns);
  BundleSources sources;
  sources.directory = "/b";
  const Result<Bundle> first = read_bundle(sources, files);
  REQUIRE(first);
  CHECK(files.reads() == 4);
  // A change within the tick of a coarse clock: size and stamp are the same.
  files.put_unseen("/b/models/fresh.bin", "FRESH");
  const Result<Bundle> second = read_bundle(sources, files, &*first);
  REQUIRE(second);
  CHECK(files.reads() == 6);
  CHECK(second->find("models/old.bin")->contents == first->find("models/old.bin")->contents);
  CHECK(*second->find("models/fresh.bin")->contents == "FRESH");
  files.put("/b/models/old.bin", "new", now_ns - 50'000'000'000);
  const Result<Bundle> third = read_bundle(sources, files, &*second);
  REQUIRE(third);
  CHECK(*third->find("models/old.bin")->contents == "new");
}

TEST_CASE("a manifest is part of the snapshot, but signing a bundle makes no other revision") {
  const Scratch scratch;
  scratch.write("rules/a.lua", "1");
  const auto plain = read_bundle(sources_of(scratch));
  REQUIRE(plain);
  scratch.write("manifest.json", "{}");
  scratch.write("manifest.sig", "{}");
  scratch.write("notes.json", "{}");
  const auto with = read_bundle(sources_of(scratch));
  REQUIRE(with);
  REQUIRE(with->find("manifest.json") != nullptr);
  CHECK(*with->find("manifest.sig")->contents == "{}");
  CHECK(with->find("notes.json") == nullptr);
  CHECK(with->id == plain->id);
  CHECK(with->hash != plain->hash);
  scratch.write("manifest.sig", "{ }");
  const auto again = read_bundle(sources_of(scratch));
  REQUIRE(again);
  CHECK(again->id == plain->id);
  CHECK(again->hash != with->hash);
}

TEST_CASE("a survey differs after every kind of change and reads nothing") {
  const Scratch scratch;
  const BundleSources sources = sources_of(scratch);
  std::set<std::uint64_t> signatures;
  const auto look = [&] { return signatures.insert(survey_bundle(sources).signature).second; };
  CHECK(look());
  scratch.write("rules/a.lua", "1");
  CHECK(look());
  CHECK_FALSE(look());
  scratch.rename_save("rules/a.lua", "2");
  CHECK(look());
  scratch.write("rules/b.lua", "1");
  CHECK(look());
  scratch.remove("rules/a.lua");
  CHECK(look());
  scratch.write("rules/ignored.md", "1");
  CHECK_FALSE(look());
  CHECK(survey_bundle(sources).newest_change_ns > 0);
}

TEST_CASE("bundle.yaml beside the folders is part of the bundle, other files there are not") {
  FaultySource files;
  files.put("/b/rules/a.lua", "return 1");
  BundleSources sources;
  sources.directory = "/b";
  const auto without = read_bundle(sources, files);
  REQUIRE(without);
  files.put("/b/bundle.yaml", "rollout: {}");
  files.put("/b/notes.yaml", "x");
  const auto with = read_bundle(sources, files);
  REQUIRE(with);
  REQUIRE(with->files.size() == 2);
  REQUIRE(with->find("bundle.yaml") != nullptr);
  CHECK(*with->find("bundle.yaml")->contents == "rollout: {}");
  CHECK(with->hash != without->hash);
  sources.overlay = {{"bundle.yaml", "other", false}};
  const auto over = read_bundle(sources, files);
  REQUIRE(over);
  CHECK(*over->find("bundle.yaml")->contents == "other");
}

}  // namespace
}  // namespace lineup
