// SPDX-License-Identifier: Apache-2.0
#include "trust/accepted.hpp"

#include <stdlib.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "signed_shop.hpp"

using namespace lineup;

namespace {

struct Folder {
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "lineup-trust-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  [[nodiscard]] std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> out;
    for (const auto& entry : std::filesystem::directory_iterator(path)) out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string path;
};

Manifest parsed(const std::string& bytes) {
  Diagnostics diagnostics;
  return *parse_manifest(bytes, "manifest.json", diagnostics);
}

std::string numbered(int number) {
  SignedShop shop;
  shop.files["rules/gap.lua"] = std::to_string(number);
  return shop.manifest();
}

}  // namespace

TEST_CASE("accepted manifests survive a restart", "[trust]") {
  const Folder folder;
  const std::string one = numbered(1);
  {
    AcceptedManifests accepted(folder.path);
    CHECK(accepted.empty());
    REQUIRE(accepted.remember(one, parsed(one)));
    REQUIRE(accepted.remember(one, parsed(one)));
    REQUIRE(accepted.remember(numbered(2), parsed(numbered(2))));
  }
  CHECK(folder.files().size() == 2);
  const AcceptedManifests again(folder.path);
  CHECK(again.knows(one));
  CHECK(again.knows(numbered(2)));
  CHECK_FALSE(again.knows(numbered(3)));
  REQUIRE(again.find(parsed(one).revision) != nullptr);
  CHECK(again.find("0000000000000000") == nullptr);
}

TEST_CASE("a kept manifest that somebody edited is not believed", "[trust]") {
  const Folder folder;
  const std::string one = numbered(1);
  {
    AcceptedManifests accepted(folder.path);
    REQUIRE(accepted.remember(one, parsed(one)));
  }
  // Another manifest under the name of the first, which would make its files unchanged ones.
  std::ofstream(folder.files().at(0), std::ios::trunc) << numbered(2);
  const AcceptedManifests again(folder.path);
  CHECK(again.empty());
}

TEST_CASE("half a file and what does not belong there are passed over", "[trust]") {
  const Folder folder;
  const std::string one = numbered(1);
  {
    AcceptedManifests accepted(folder.path);
    REQUIRE(accepted.remember(one, parsed(one)));
  }
  std::ofstream(folder.path + "/00000009-abc.json") << "{";
  std::ofstream(folder.path + "/00000003-x.json.tmp") << "{";
  std::ofstream(folder.path + "/notes.json") << one;
  const AcceptedManifests again(folder.path);
  CHECK(again.knows(one));
  CHECK(again.find(parsed(one).revision) != nullptr);
}

TEST_CASE("as many manifests are remembered as were promised, the newest", "[trust]") {
  const Folder folder;
  AcceptedManifests accepted(folder.path);
  for (int i = 0; i < static_cast<int>(kAcceptedMax) + 5; ++i) {
    REQUIRE(accepted.remember(numbered(i), parsed(numbered(i))));
  }
  CHECK(folder.files().size() == kAcceptedMax);
  CHECK_FALSE(accepted.knows(numbered(4)));
  CHECK(accepted.knows(numbered(5)));
  // One that comes back is the newest again.
  REQUIRE(accepted.remember(numbered(5), parsed(numbered(5))));
  REQUIRE(accepted.remember(numbered(1000), parsed(numbered(1000))));
  CHECK(AcceptedManifests(folder.path).knows(numbered(5)));
  CHECK_FALSE(AcceptedManifests(folder.path).knows(numbered(6)));
}

TEST_CASE("a directory that cannot be written is said, and the manifest counts all the same",
          "[trust]") {
  const Folder folder;
  std::ofstream(folder.path + "/file") << "no directory";
  AcceptedManifests accepted(folder.path + "/file");
  const auto kept = accepted.remember(numbered(1), parsed(numbered(1)));
  REQUIRE_FALSE(kept);
  CHECK(kept.error().code == "trust/not-kept");
  CHECK(accepted.knows(numbered(1)));
}
