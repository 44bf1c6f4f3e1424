// SPDX-License-Identifier: Apache-2.0
#include "trust/manifest.hpp"

#include <catch2/catch.hpp>

#include "signed_shop.hpp"

using namespace lineup;

namespace {

std::string messages(std::string_view bytes) {
  Diagnostics diagnostics;
  const auto manifest = parse_manifest(bytes, "manifest.json", diagnostics);
  CHECK(manifest.has_value() == !diagnostics.has_errors());
  std::string out;
  for (const Diagnostic& finding : diagnostics.all()) {
    CHECK(finding.code == "trust/manifest");
    CHECK(finding.span.file == "manifest.json");
    out += finding.message + '\n';
  }
  return out;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

}  // namespace

TEST_CASE("the same files give the same manifest to the byte", "[trust]") {
  const SignedShop shop;
  const SignedShop same;
  CHECK(shop.manifest() == same.manifest());
  CHECK(shop.manifest().ends_with("}\n"));
}

TEST_CASE("a manifest that was written is read back as it was", "[trust]") {
  const SignedShop shop;
  Diagnostics diagnostics;
  const auto manifest = parse_manifest(shop.manifest(), "manifest.json", diagnostics);
  REQUIRE(manifest);
  CHECK(write_manifest(*manifest) == shop.manifest());
  CHECK(manifest->files.size() == shop.files.size());
  CHECK(manifest->scenes.at("home") == "policies/home.yaml");
  REQUIRE(manifest->find("rules/pin.lua") != nullptr);
  CHECK(manifest->find("rules/none.lua") == nullptr);
}

TEST_CASE("hashes in a manifest are those that sha256sum prints", "[trust]") {
  CHECK(sha256_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("every file, its size and its contents are in the revision", "[trust]") {
  SignedShop shop;
  const std::string before = make_manifest(shop.shipped()).revision;
  CHECK(before.size() == 16);
  shop.files["rules/gap.lua"] += " ";
  const std::string edited = make_manifest(shop.shipped()).revision;
  CHECK(edited != before);
  shop.files["rules/other.lua"] = "x";
  CHECK(make_manifest(shop.shipped()).revision != edited);
}

TEST_CASE("a manifest that is wrong says where and what would be right", "[trust]") {
  const std::string good = SignedShop().manifest();
  struct Case {
    const char* name;
    std::string bytes;
    const char* said;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"empty", "", "this is no JSON"},
      {"an array", "[]", "the file must be an object"},
      {"another version", replaced(good, "\"lineup_manifest\": 1", "\"lineup_manifest\": 2"),
       "`lineup_manifest` must be 1"},
      {"an unknown field", replaced(good, "\"author\"", "\"autor\""), "`autor` is not known here"},
      {"a missing field", replaced(good, "  \"reason\": \"a test\",\n", ""), "`reason` is missing"},
      {"a field twice",
       replaced(good, "\"author\": \"ann\"", "\"author\": \"ann\", \"author\": \"bob\""),
       "`author` is given twice"},
      {"a path that leads out", replaced(good, "rules/gap.lua", "rules/../gap.lua"),
       "cannot be a file of a bundle"},
      {"an absolute path", replaced(good, "rules/gap.lua", "/etc/passwd"),
       "cannot be a file of a bundle"},
      {"a hidden file", replaced(good, "rules/gap.lua", "rules/.gap.lua"),
       "cannot be a file of a bundle"},
      {"a folder that no bundle has", replaced(good, "rules/gap.lua", "secrets/gap.lua"),
       "cannot be a file of a bundle"},
      {"a short hash", replaced(good, "\"sha256\": \"", "\"sha256\": \"00"),
       "`files[0].sha256` must be 64 hexadecimal digits"},
      {"a negative size", replaced(good, "\"size\": 4", "\"size\": -4"), "must be a whole number"},
      {"files out of order", replaced(good, "lists/blocked.txt", "rules/zzz.lua"),
       "must come after"},
      {"an ABI that is no version", replaced(good, "\"abi\": \"0.0\"", "\"abi\": \"new\""),
       "`abi` must be two numbers"},
      {"a scene without a policy",
       replaced(good, "\"home\": \"policies/home.yaml\"", "\"home\": \"policies/none.yaml\""),
       "`scenes.home` must be the path of a policy"},
      {"another revision", replaced(good, "\"revision\": \"", "\"revision\": \"f"),
       "but the files listed make"},
      {"too deep", std::string(50, '[') + std::string(50, ']'), "nested deeper"},
  }));
  CAPTURE(c.name);
  CHECK_THAT(messages(c.bytes), Catch::Contains(c.said));
}

TEST_CASE("a fault in the JSON is shown with line and column", "[trust]") {
  Diagnostics diagnostics;
  CHECK_FALSE(parse_manifest("{\n  \"files\": [,]\n}\n", "manifest.json", diagnostics));
  REQUIRE(diagnostics.all().size() == 1);
  CHECK(diagnostics.all()[0].span.line == 2);
  CHECK(diagnostics.all()[0].span.column == 13);
}

TEST_CASE("the ABI is two numbers as they are printed, and nothing that only reads as such",
          "[trust]") {
  const SignedShop shop;
  const std::string good = "\"abi\": \"";
  const std::size_t at = shop.manifest().find(good);
  REQUIRE(at != std::string::npos);
  for (const char* abi : {"0.-1", "-0.1", "+0.1", " 0.1", "0. 1", "00.1", "0.01", "0.1.2", "0.",
                          ".1", "0", "0.1 ", "0.100000", "0x0.1", "0.1\\u0000x"}) {
    CAPTURE(abi);
    std::string text = shop.manifest();
    const std::size_t end = text.find(',', at);
    text.replace(at, end - at, "\"abi\": \"" + std::string(abi) + "\"");
    CHECK_THAT(messages(text), Catch::Contains("`abi` must be two numbers"));
  }
}

TEST_CASE("a huge or endlessly nested text is refused without being followed", "[trust]") {
  CHECK_THAT(messages(std::string(5U << 20, ' ')), Catch::Contains("it may have"));
  CHECK_THAT(messages(std::string(1U << 20, '[')), Catch::Contains("nested deeper"));
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  CHECK_THAT(messages(objects), Catch::Contains("nested deeper"));
}

TEST_CASE("only plain names below the folders of a bundle are paths of one", "[trust]") {
  for (const char* path : {"rules/pin.lua", "plugins/mmr/mmr.so", "lists/a+b-c_d.txt"}) {
    CAPTURE(path);
    CHECK(is_shipped_path(path));
  }
  for (const char* path :
       {"", "rules", "rules/", "rules//pin.lua", "rules/./pin.lua", "rules/a b.lua",
        "manifest.json", "rules/pin.lua/", "/rules/pin.lua", "rules/\n.lua", "Rules/pin.lua"}) {
    CAPTURE(path);
    CHECK_FALSE(is_shipped_path(path));
  }
}
