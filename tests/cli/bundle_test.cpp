// SPDX-License-Identifier: Apache-2.0
//
// `lineup bundle`, from keys to an engine that takes signed bundles only.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "program.hpp"

using namespace lineup::testing;
using Json = nlohmann::json;

namespace {

std::string read(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// A shop that eve, an engineer, and ann, an operator of its scene, may change.
struct SignedShop {
  SignedShop() {
    write_shop(bundle);
    requests = keys.write("requests.jsonl", R"({"id":"r1","scene":"shop","candidates":[)"
                                            R"({"id":"a","score":1,"category":"x"}]})"
                                            "\n");
    const Json eve = make_key("eve", {"--role", "engineer"});
    const Json ann = make_key("ann", {"--scene", "shop"});
    trust = keys.write("trust.json", Json{{"lineup_trust", 1}, {"keys", {eve, ann}}}.dump());
  }
  Json make_key(const std::string& name, std::vector<std::string> more) const {
    std::vector<std::string> arguments = {"bundle", "keygen", "--json", "--name",
                                          name,     "--out",  key(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Output output = run_program(arguments);
    INFO(output.err);
    REQUIRE(output.exit_code == 0);
    return Json::parse(output.out).at("entry");
  }
  [[nodiscard]] std::string key(const std::string& name) const {
    return keys.path() + "/" + name + ".key";
  }
  Output create(const std::string& reason = "a test") const {
    return run_program({"bundle", "create", bundle.path(), "--author", "ann", "--reason", reason,
                        "--at", "2026-11-01"});
  }
  Output sign(const std::string& name) const {
    return run_program({"bundle", "sign", bundle.path(), "--key", key(name)});
  }
  Output verify(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"bundle", "verify", bundle.path(), "--trust", trust};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  Output run(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"run",    "--bundle", bundle.path(), "--requests",
                                          requests, "--trust",  trust};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  Folder bundle;
  Folder keys;
  std::string requests;
  std::string trust;
};

}  // namespace

TEST_CASE("a bundle that was created and signed is taken, one that was edited since is not",
          "[bundle]") {
  const SignedShop shop;
  CHECK_THAT(shop.run().err, Catch::Contains("takes signed bundles only"));
  CHECK(shop.run().exit_code == 2);
  REQUIRE(shop.create().exit_code == 0);
  CHECK_THAT(shop.verify().out, Catch::Contains("the manifest is not signed"));
  REQUIRE(shop.sign("eve").exit_code == 0);
  const Output verified = shop.verify();
  INFO(verified.out);
  CHECK(verified.exit_code == 0);
  CHECK_THAT(verified.out, Catch::Contains("signed by eve"));
  CHECK(shop.run().exit_code == 0);

  shop.bundle.write("policies/shop.yaml", shop_policy(2));
  CHECK(shop.verify().exit_code == 1);
  CHECK_THAT(shop.verify().out, Catch::Contains("policies/shop.yaml: error[trust/hash]"));
  CHECK(shop.run().exit_code == 2);
  // Without a trust file, too, a bundle has to be the one of its manifest.
  const Output plain =
      run_program({"run", "--bundle", shop.bundle.path(), "--requests", shop.requests});
  CHECK(plain.exit_code == 2);
  CHECK_THAT(plain.err, Catch::Contains("trust/hash"));
  CHECK_THAT(run_program({"check", "--bundle", shop.bundle.path()}).out,
             Catch::Contains("trust/hash"));
}

TEST_CASE("the same bundle gives the same manifest, and its signature stays", "[bundle]") {
  const SignedShop shop;
  REQUIRE(shop.create().exit_code == 0);
  const std::string manifest = read(shop.bundle.path() + "/manifest.json");
  REQUIRE(shop.sign("eve").exit_code == 0);
  CHECK_THAT(shop.create().out, !Catch::Contains("removed"));
  CHECK(read(shop.bundle.path() + "/manifest.json") == manifest);
  CHECK(shop.verify().exit_code == 0);
  CHECK_THAT(shop.create("another reason").out,
             Catch::Contains("signatures of the manifest before"));
  CHECK(shop.verify().exit_code == 1);
}

TEST_CASE("an operator changes her rules in a bundle that others signed before", "[bundle]") {
  const SignedShop shop;
  const Folder live;
  shop.bundle.write("models/m.bin", "weights");
  REQUIRE(shop.create().exit_code == 0);
  REQUIRE(shop.sign("eve").exit_code == 0);
  std::filesystem::copy(shop.bundle.path(), live.path(), std::filesystem::copy_options::recursive);
  // The engine takes it, and remembers.
  const Folder state;
  REQUIRE(shop.run({"--state", state.path()}).exit_code == 0);

  shop.bundle.write("policies/shop.yaml", shop_policy(2));
  const Output created = shop.create("a shorter page");
  CHECK_THAT(created.out, Catch::Contains("parent "));
  REQUIRE(shop.sign("ann").exit_code == 0);
  CHECK(shop.verify({"--live", live.path()}).exit_code == 0);
  CHECK(shop.verify({"--state", state.path()}).exit_code == 0);
  CHECK(shop.run({"--state", state.path()}).exit_code == 0);
  const Output alone = shop.verify();
  CHECK(alone.exit_code == 1);
  CHECK_THAT(alone.out, Catch::Contains("models/m.bin: error[trust/permission]") &&
                            Catch::Contains("a signature of `eve` is needed too"));

  shop.bundle.write("models/m.bin", "others");
  REQUIRE(shop.create("weights").exit_code == 0);
  REQUIRE(shop.sign("ann").exit_code == 0);
  CHECK_THAT(shop.verify({"--live", live.path()}).out, Catch::Contains("it takes an engineer"));
}

TEST_CASE("a bundle whose files are not those of its manifest is not signed", "[bundle]") {
  const SignedShop shop;
  CHECK_THAT(shop.sign("eve").err, Catch::Contains("`lineup bundle create` writes one"));
  REQUIRE(shop.create().exit_code == 0);
  shop.bundle.write("rules/new.lua", "return 1");
  const Output refused = shop.sign("eve");
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, Catch::Contains("rules/new.lua: error[trust/extra]"));
}

TEST_CASE("a secret key is its owner's alone, and is never written over", "[bundle]") {
  const SignedShop shop;
  struct stat facts {};
  REQUIRE(::stat(shop.key("eve").c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0600);
  const std::string before = read(shop.key("eve"));
  const Output again = run_program(
      {"bundle", "keygen", "--name", "eve", "--out", shop.key("eve"), "--role", "engineer"});
  CHECK(again.exit_code == 2);
  CHECK(read(shop.key("eve")) == before);
  REQUIRE(shop.create().exit_code == 0);
  REQUIRE(::chmod(shop.key("eve").c_str(), 0644) == 0);
  CHECK_THAT(shop.sign("eve").err, Catch::Contains("can be read by others"));
  CHECK_THAT(run_program({"bundle", "keygen", "--name", "o", "--out", shop.key("o")}).err,
             Catch::Contains("`--scene`"));
}

TEST_CASE("a trust file inside of the bundle is not trusted", "[bundle]") {
  const SignedShop shop;
  REQUIRE(shop.create().exit_code == 0);
  REQUIRE(shop.sign("eve").exit_code == 0);
  const std::string inside = shop.bundle.write("trust.json", read(shop.trust));
  const Output output = run_program(
      {"run", "--bundle", shop.bundle.path(), "--requests", shop.requests, "--trust", inside});
  CHECK(output.exit_code == 2);
  CHECK_THAT(output.err, Catch::Contains("the trust file lies in the bundle"));
}

TEST_CASE("bundle verbs speak JSON", "[bundle]") {
  const SignedShop shop;
  const Json made = Json::parse(run_program({"bundle", "create", shop.bundle.path(), "--author",
                                             "ann", "--reason", "r", "--json"})
                                    .out);
  CHECK(made.at("files") == 4);
  CHECK(made.at("parent") == "");
  const Json signature = Json::parse(
      run_program({"bundle", "sign", shop.bundle.path(), "--key", shop.key("eve"), "--json"}).out);
  CHECK(signature.at("name") == "eve");
  CHECK(signature.at("count") == 1);
  const Json verified = Json::parse(shop.verify({"--json"}).out);
  CHECK(verified.at("ok") == true);
  CHECK(verified.at("mode") == "signed");
  CHECK(verified.at("revision") == made.at("revision"));
  const Json shown = Json::parse(
      run_program({"bundle", "show", shop.bundle.path(), "--trust", shop.trust, "--json"}).out);
  CHECK(shown.at("signed_by").at(0).at("name") == "eve");
  CHECK(shown.at("files").size() == 4);
  CHECK(shown.at("scenes").at("shop") == "policies/shop.yaml");
  shop.bundle.write("lists/new.txt", "a\n");
  const Json refused = Json::parse(shop.verify({"--json"}).out);
  CHECK(refused.at("ok") == false);
  CHECK(refused.at("diagnostics").at(0).at("code") == "trust/extra");
  CHECK(refused.at("diagnostics").at(0).at("file") == "lists/new.txt");
}

TEST_CASE("every verb of bundle has help with examples", "[bundle]") {
  for (const char* verb : {"create", "sign", "verify", "show", "keygen"}) {
    CAPTURE(verb);
    const Output output = run_program({"bundle", verb, "--help"});
    CHECK(output.exit_code == 0);
    CHECK_THAT(output.out, Catch::Contains("Examples:\n  lineup bundle "));
  }
}

TEST_CASE("audit says who made what serve, and metrics print what the engine counted", "[bundle]") {
  const SignedShop shop;
  const Folder state;
  CHECK(run_program({"audit", "--state", state.path()}).exit_code == 2);
  CHECK(run_program({"metrics", "--state", state.path()}).exit_code == 2);
  REQUIRE(shop.create("two new categories").exit_code == 0);
  REQUIRE(shop.sign("eve").exit_code == 0);
  REQUIRE(shop.run({"--state", state.path()}).exit_code == 0);
  const Output audit = run_program({"audit", "--state", state.path()});
  CHECK(audit.exit_code == 0);
  CHECK_THAT(audit.out, Catch::Contains("eve") && Catch::Contains("revision") &&
                            Catch::Contains("two new categories"));
  const Json change = Json::parse(
      run_program({"audit", "--state", state.path(), "--json", "--most", "1"}).lines().back());
  CHECK(change.at("result") == "active");
  CHECK(change.at("detail").at("mode") == "signed");
  CHECK(change.at("detail").at("changed_count") == 4);
  const Output later =
      run_program({"audit", "--state", state.path(), "--since", "2100-01-01T00:00:00Z"});
  CHECK(later.exit_code == 1);
  CHECK(later.out == "no changes\n");
  CHECK(run_program({"audit", "--state", state.path(), "--since", "yesterday"}).exit_code == 2);
}
