// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "base/hash.hpp"
#include "files.hpp"

namespace lineup {
namespace {

using testing::read_all;
using testing::Scratch;
using testing::write_all;

TEST_CASE("a staged file has the name of its content and is ours alone", "[stage]") {
  const Scratch scratch;
  const auto staging = StagingDirectory::open(scratch.path() / "a" / "staged");
  REQUIRE(staging);
  write_all(scratch.path() / "x.so", "content");
  const auto staged = staging->stage(scratch.path() / "x.so");
  REQUIRE(staged);
  CHECK(staged->content_hash == content_hash("content"));
  CHECK(staged->path.filename() == staged->content_hash + ".so");
  CHECK(staged->size == 7);
  CHECK(read_all(staged->path) == "content");
  struct stat facts {};
  REQUIRE(::stat(staged->path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0500);
  REQUIRE(::stat(staging->path().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0700);
}

TEST_CASE("equal contents are staged once, other contents beside them", "[stage]") {
  const Scratch scratch;
  const auto staging = StagingDirectory::open(scratch.path() / "staged").value();
  write_all(scratch.path() / "x.so", "one");
  const auto first = staging.stage(scratch.path() / "x.so").value();
  CHECK(staging.stage(scratch.path() / "x.so").value().path == first.path);
  write_all(scratch.path() / "x.so", "two");
  CHECK(staging.stage(scratch.path() / "x.so").value().path != first.path);
  CHECK(read_all(first.path) == "one");
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(staging.path())) {
    CHECK(entry.path().extension() == ".so");
    ++files;
  }
  CHECK(files == 2);
}

TEST_CASE("a staged file that lost its content is written again", "[stage]") {
  const Scratch scratch;
  const auto staging = StagingDirectory::open(scratch.path() / "staged").value();
  write_all(scratch.path() / "x.so", "content");
  const auto staged = staging.stage(scratch.path() / "x.so").value();
  std::filesystem::remove(staged.path);
  write_all(staged.path, "");
  CHECK(staging.stage(scratch.path() / "x.so").value().path == staged.path);
  CHECK(read_all(staged.path) == "content");
}

TEST_CASE("what cannot be staged says why", "[stage]") {
  const Scratch scratch;
  const auto staging = StagingDirectory::open(scratch.path() / "staged").value();
  const auto missing = staging.stage(scratch.path() / "nowhere.so");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == "native/unreadable");
  CHECK_THAT(missing.error().message, Catch::EndsWith("nowhere.so`: no such file or directory"));
  const auto folder = staging.stage(scratch.path());
  REQUIRE_FALSE(folder);
  CHECK(folder.error().code == "native/unreadable");
  REQUIRE(::mkfifo((scratch.path() / "fifo.so").c_str(), 0600) == 0);
  const auto fifo = staging.stage(scratch.path() / "fifo.so");
  REQUIRE_FALSE(fifo);
  CHECK(fifo.error().code == "native/unreadable");
  write_all(scratch.path() / "large.so", "");
  std::filesystem::resize_file(scratch.path() / "large.so", kLibraryMaxBytes + 1);
  const auto large = staging.stage(scratch.path() / "large.so");
  REQUIRE_FALSE(large);
  CHECK(large.error().code == "native/size");
}

TEST_CASE("a staging directory that others may write is refused", "[stage]") {
  const Scratch scratch;
  const auto shared = scratch.path() / "shared";
  std::filesystem::create_directory(shared);
  std::filesystem::permissions(shared, std::filesystem::perms::all);
  const auto opened = StagingDirectory::open(shared);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == "native/staging");

  const auto own = scratch.path() / "own";
  REQUIRE(StagingDirectory::open(own));
  std::filesystem::create_symlink(own, scratch.path() / "link");
  CHECK_FALSE(StagingDirectory::open(scratch.path() / "link"));
  write_all(scratch.path() / "file", "");
  CHECK_FALSE(StagingDirectory::open(scratch.path() / "file"));
}

TEST_CASE("a staging directory from which no code can be loaded is refused", "[stage]") {
  // Machines differ in where they mount noexec; where nothing is, there is nothing to test.
  for (const char* place : {"/dev/shm", "/run", "/run/lock"}) {
    struct statvfs mount {};
    if (::statvfs(place, &mount) != 0 || (mount.f_flag & ST_NOEXEC) == 0) continue;
    const auto path =
        std::filesystem::path(place) / ("lineup_native_" + std::to_string(::getpid()));
    const auto opened = StagingDirectory::open(path);
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
    REQUIRE_FALSE(opened);
    CHECK((opened.error().code == "native/noexec" || opened.error().code == "native/staging"));
  }
}

TEST_CASE("a file that is being written is staged whole or not at all", "[stage]") {
  const Scratch scratch;
  const auto staging = StagingDirectory::open(scratch.path() / "staged").value();
  const auto path = scratch.path() / "x.so";
  const std::string contents[] = {std::string(200'000, 'a'), std::string(300'000, 'b')};
  write_all(path, contents[0]);
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    for (int i = 0; !is_done; ++i) write_all(path, contents[i % 2]);
  });
  int staged_count = 0;
  for (int i = 0; i < 200; ++i) {
    const auto staged = staging.stage(path);
    if (!staged) {
      CHECK(staged.error().code == "native/changing");
      continue;
    }
    ++staged_count;
    CHECK(content_hash(read_all(staged->path)) == staged->content_hash);
  }
  is_done = true;
  writer.join();
  CAPTURE(staged_count);
  CHECK(staging.stage(path));
}

}  // namespace
}  // namespace lineup
