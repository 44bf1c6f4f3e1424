// SPDX-License-Identifier: Apache-2.0
//
// Who may change what, and when. Each case begins with a bundle that was accepted.
#include <catch2/catch.hpp>

#include "signed_shop.hpp"

using namespace lineup;

namespace {

struct Accepted : SignedShop {
  Accepted() { accept(); }
};

const Codes kFine;
const Codes kRefused = {"trust/permission"};

}  // namespace

TEST_CASE("an operator ships the policy and the rules of the scenes she owns", "[trust]") {
  Accepted shop;
  shop.files["policies/home.yaml"] += "# more\n";
  shop.files["rules/pin.lua"] += "-- more\n";
  CHECK(shop.codes({&shop.ann}) == kFine);
  CHECK(shop.codes({&shop.bob}).front() == "trust/permission");
  CHECK(shop.codes({&shop.eve}) == kFine);
}

TEST_CASE("an operator can never ship, replace or remove native code or models", "[trust]") {
  for (const char* path : {"plugins/mix.so", "plugins/new.so", "models/m.bin", "models/new.bin"}) {
    CAPTURE(path);
    Accepted shop;
    shop.files[path] = "other";
    CHECK(shop.codes({&shop.ann}) == kRefused);
    CHECK(shop.codes({&shop.ann, &shop.bob}) == kRefused);
    CHECK(shop.codes({&shop.eve}) == kFine);
    shop.files.erase(path);
    const bool was_there = Accepted().files.count(path) > 0;
    CHECK(shop.codes({&shop.ann}) == (was_there ? kRefused : kFine));
  }
}

TEST_CASE("what an operator leaves as it is needs no signature but hers", "[trust]") {
  Accepted shop;
  shop.files["lists/blocked.txt"] += "c\n";
  CHECK(shop.codes({&shop.ann}) == kFine);
}

TEST_CASE("a rule or list that another scene uses is not hers to change", "[trust]") {
  Accepted shop;
  SECTION("the rule of the other scene") {
    shop.files["rules/gap.lua"] += "-- more\n";
    CHECK(shop.codes({&shop.ann}) == kRefused);
    CHECK(shop.codes({&shop.bob}) == kFine);
  }
  SECTION("a rule that both use takes both, or an engineer") {
    shop.files["policies/detail.yaml"] += "  - {use: pin}\n";
    shop.accept();
    shop.files["rules/pin.lua"] += "-- more\n";
    CHECK(shop.codes({&shop.ann}) == kRefused);
    CHECK(shop.codes({&shop.bob}) == kRefused);
    CHECK(shop.codes({&shop.eve}) == kFine);
  }
  SECTION("a list that a rule of her scene reads is hers") {
    shop.files["lists/blocked.txt"] = "z\n";
    CHECK(shop.codes({&shop.bob}) == kRefused);
    CHECK(shop.codes({&shop.ann}) == kFine);
  }
  SECTION("removing a rule is changing it") {
    shop.files.erase("rules/gap.lua");
    CHECK(shop.codes({&shop.ann}) == kRefused);
  }
  SECTION("a new rule that stands before one of the other scene's names") {
    shop.files["policies/detail.yaml"] += "  - {use: shelf}\n";
    shop.accept();
    shop.files["rules/shelf.lua"] = "return rule { name = 'shelf' }\n";
    CHECK(shop.codes({&shop.ann}) == kRefused);
    CHECK(shop.codes({&shop.bob}) == kFine);
  }
  SECTION("what no scene uses is anybody's") {
    shop.files["pools/banners.yaml"] += "# more\n";
    CHECK(shop.codes({&shop.bob}) == kFine);
  }
}

TEST_CASE("a policy cannot be taken to or from a scene that is not its operator's", "[trust]") {
  Accepted shop;
  shop.files["policies/home.yaml"] = "scene: other\nrules: []\n";
  CHECK(shop.codes({&shop.ann}) == kRefused);
  Accepted taken;
  taken.files["policies/detail.yaml"] = "scene: home\nrules: []\n";
  taken.files.erase("policies/home.yaml");
  CHECK(taken.codes({&taken.ann}) == kRefused);
}

TEST_CASE("without a parent that was accepted here every file counts as changed", "[trust]") {
  SignedShop shop;
  CHECK(shop.codes({&shop.ann}).front() == "trust/permission");
  CHECK(shop.codes({&shop.eve}) == kFine);
  shop.parent = "0123456789abcdef";
  const std::string manifest = shop.manifest();
  Diagnostics diagnostics;
  (void)shop.verify(manifest, SignedShop::signatures(manifest, {&shop.ann}), diagnostics);
  REQUIRE(diagnostics.has_errors());
  CHECK_THAT(diagnostics.all().front().hint, Catch::Contains("was not accepted here"));
}

TEST_CASE("people cover a bundle together", "[trust]") {
  SignedShop shop;
  CHECK(shop.codes({&shop.ann, &shop.bob}) == kRefused);  // the plugin and the model
  shop.files.erase("plugins/mix.so");
  shop.files.erase("models/m.bin");
  CHECK(shop.codes({&shop.ann, &shop.bob}) == kFine);
  CHECK(shop.codes({&shop.ann}).front() == "trust/permission");
}

TEST_CASE("a scene that demands two signatures takes those of two people who own it", "[trust]") {
  Accepted shop;
  shop.trust.scene_signatures["home"] = 2;
  shop.files["policies/home.yaml"] += "# more\n";
  CHECK(shop.codes({&shop.ann}) == Codes{"trust/signatures"});
  CHECK(shop.codes({&shop.ann, &shop.bob}) == Codes{"trust/signatures"});  // bob does not own it
  CHECK(shop.codes({&shop.ann, &shop.eve}) == kFine);
  // Two keys of one person.
  const SecretKey second = make_key("ann-laptop");
  shop.trust.keys.push_back(SignedShop::key(second, Role::Operator, {"home"}));
  shop.trust.keys.back().owner = "ann";
  CHECK(shop.codes({&shop.ann, &second}) == Codes{"trust/signatures"});
  // The other scene goes on as before.
  Accepted other;
  other.trust.scene_signatures["home"] = 2;
  other.files["policies/detail.yaml"] += "# more\n";
  CHECK(other.codes({&other.bob}) == kFine);
}

TEST_CASE("a change of code touches every scene", "[trust]") {
  Accepted shop;
  shop.trust.scene_signatures["home"] = 2;
  shop.files["plugins/mix.so"] = "new";
  CHECK(shop.codes({&shop.eve}) == Codes{"trust/signatures"});
  CHECK(shop.codes({&shop.eve, &shop.ann}) == kFine);
}

TEST_CASE("while a freeze holds nothing it concerns changes", "[trust]") {
  Accepted shop;
  FreezeWindow window;
  window.name = "sale";
  window.from_ms = shop.now_ms;
  window.until_ms = shop.now_ms + 1000;
  window.scenes = {"home"};
  window.except = {"eve"};
  shop.trust.freezes = {window};
  shop.files["policies/home.yaml"] += "# more\n";
  CHECK(shop.codes({&shop.ann}) == Codes{"trust/frozen"});
  CHECK(shop.codes({&shop.ann, &shop.eve}) == kFine);
  shop.now_ms += 999;
  CHECK(shop.codes({&shop.ann}) == Codes{"trust/frozen"});
  shop.now_ms += 1;
  CHECK(shop.codes({&shop.ann}) == kFine);
  shop.now_ms -= 1001;
  CHECK(shop.codes({&shop.ann}) == kFine);
}

TEST_CASE("a freeze of one scene lets the others change, one of all scenes none", "[trust]") {
  Accepted shop;
  FreezeWindow window;
  window.name = "sale";
  window.until_ms = INT64_MAX;
  window.scenes = {"home"};
  shop.trust.freezes = {window};
  shop.files["policies/detail.yaml"] += "# more\n";
  CHECK(shop.codes({&shop.bob}) == kFine);
  shop.trust.freezes[0].scenes.clear();
  CHECK(shop.codes({&shop.bob}) == Codes{"trust/frozen"});
}

TEST_CASE("a freeze holds back changes, not starts", "[trust]") {
  SignedShop shop;
  FreezeWindow window;
  window.name = "always";
  window.until_ms = INT64_MAX;
  shop.trust.freezes = {window};
  // Nothing was accepted here yet: an engine that starts has to serve something.
  CHECK(shop.codes({&shop.eve}) == kFine);
  // What was accepted before starts again.
  shop.accept();
  shop.parent.clear();
  CHECK(shop.codes({&shop.eve}) == kFine);
  shop.files["rules/gap.lua"] += "-- more\n";
  CHECK(shop.codes({&shop.eve}) == Codes{"trust/frozen"});
}
