// SPDX-License-Identifier: Apache-2.0
#include "trust/verify.hpp"

#include <catch2/catch.hpp>

#include "signed_shop.hpp"

using namespace lineup;

TEST_CASE("a bundle that an engineer signed is accepted, and says by whom", "[trust]") {
  const SignedShop shop;
  const std::string manifest = shop.manifest();
  Diagnostics diagnostics;
  const Verified verified =
      shop.verify(manifest, SignedShop::signatures(manifest, {&shop.eve}), diagnostics);
  CHECK_FALSE(diagnostics.has_errors());
  CHECK(verified.mode == TrustMode::Signed);
  CHECK(verified.signers == Codes{"eve"});
  CHECK(verified.manifest.reason == "a test");
  CHECK(verified.changed.size() == shop.files.size());
}

TEST_CASE("a plain directory is development mode unless signed bundles are asked for", "[trust]") {
  const SignedShop shop;
  const auto files = shop.shipped();
  VerifyInput input;
  input.files = files;
  Diagnostics diagnostics;
  CHECK(verify_bundle(input, diagnostics).mode == TrustMode::Development);
  CHECK(diagnostics.empty());
  input.trust = &shop.trust;
  (void)verify_bundle(input, diagnostics);
  CHECK(SignedShop::codes_of(diagnostics) == Codes{"trust/unsigned"});
}

TEST_CASE("a manifest is held against the files even when nobody asks for signatures", "[trust]") {
  SignedShop shop;
  const std::string manifest = shop.manifest();
  shop.files["rules/pin.lua"] = "edited";
  const auto files = shop.shipped();
  VerifyInput input;
  input.files = files;
  input.manifest = manifest;
  input.abi_minor = 1;
  Diagnostics diagnostics;
  (void)verify_bundle(input, diagnostics);
  CHECK(SignedShop::codes_of(diagnostics) == Codes{"trust/size"});
}

TEST_CASE("each way in which files differ from the manifest has its name", "[trust]") {
  SignedShop shop;
  const std::string manifest = shop.manifest();
  const std::string signatures = SignedShop::signatures(manifest, {&shop.eve});
  shop.files["rules/new.lua"] = "x";
  shop.files["rules/gap.lua"] += "\n";
  shop.files["plugins/mix.so"] = "cod3";
  shop.files.erase("lists/blocked.txt");
  Diagnostics diagnostics;
  (void)shop.verify(manifest, signatures, diagnostics);
  std::map<std::string, std::string> found;
  for (const Diagnostic& finding : diagnostics.all()) {
    found[finding.span.file] = finding.code;
    CHECK_FALSE(finding.hint.empty());
  }
  CHECK(found == std::map<std::string, std::string>{{"rules/new.lua", "trust/extra"},
                                                    {"rules/gap.lua", "trust/size"},
                                                    {"plugins/mix.so", "trust/hash"},
                                                    {"lists/blocked.txt", "trust/missing"}});
}

TEST_CASE("without a signature, or with one of nobody, nothing is looked at", "[trust]") {
  const SignedShop shop;
  CHECK(shop.codes({}) == Codes{"trust/unsigned"});
  CHECK(shop.codes({&shop.mallory}) == Codes{"trust/unknown-key"});
  // One bundle may be signed for several places; what is not known here does not count here.
  CHECK(shop.codes({&shop.eve, &shop.mallory}) == Codes{});
  CHECK(shop.codes({&shop.ann, &shop.mallory}).front() == "trust/permission");
  const std::string manifest = shop.manifest();
  Diagnostics diagnostics;
  (void)shop.verify(manifest, SignedShop::signatures("another", {&shop.eve}), diagnostics);
  CHECK(SignedShop::codes_of(diagnostics) == Codes{"trust/signature"});
  // A good one does not carry in a wrong one of a key that is known.
  Diagnostics both;
  (void)shop.verify(manifest,
                    write_signatures({sign(manifest, shop.ann), sign("another", shop.eve)}), both);
  CHECK(SignedShop::codes_of(both) == Codes{"trust/signature"});
}

TEST_CASE("a signature of another's key under a trusted key's name does not fit", "[trust]") {
  const SignedShop shop;
  const std::string manifest = shop.manifest();
  Signature forged = sign(manifest, shop.mallory);
  forged.key = key_id(shop.eve.public_key);
  Diagnostics diagnostics;
  (void)shop.verify(manifest, write_signatures({forged}), diagnostics);
  CHECK(SignedShop::codes_of(diagnostics) == Codes{"trust/signature"});
}

TEST_CASE("a key counts from its first millisecond until before its last", "[trust]") {
  SignedShop shop;
  shop.trust.keys[2].from_ms = 1000;
  shop.trust.keys[2].until_ms = 2000;
  for (const auto& [now_ms, codes] :
       std::map<std::int64_t, Codes>{{999, {"trust/expired-key"}},
                                     {1000, {}},
                                     {1999, {}},
                                     {2000, {"trust/expired-key"}},
                                     {INT64_MAX, {"trust/expired-key"}},
                                     {INT64_MIN + 1'000'000'000, {"trust/expired-key"}}}) {
    CAPTURE(now_ms);
    shop.now_ms = now_ms;
    CHECK(shop.codes({&shop.eve}) == codes);
  }
}

TEST_CASE("what was accepted once starts again when its key has run out meanwhile", "[trust]") {
  SignedShop shop;
  shop.trust.keys[2].until_ms = shop.now_ms;
  CHECK(shop.codes({&shop.eve}) == Codes{"trust/expired-key"});
  const std::string manifest = shop.manifest();
  Diagnostics diagnostics;
  REQUIRE(shop.accepted.remember(manifest, *parse_manifest(manifest, "", diagnostics)));
  CHECK(shop.codes({&shop.eve}).empty());
  // Not when the key is trusted no more.
  shop.trust.keys.pop_back();
  CHECK(shop.codes({&shop.eve}) == Codes{"trust/unknown-key"});
}

TEST_CASE("a bundle that needs a newer engine is refused by name", "[trust]") {
  const SignedShop shop;
  Manifest made = make_manifest(shop.shipped());
  for (const auto& [major, minor, fits] : {std::tuple{0U, 1U, true}, std::tuple{0U, 0U, true},
                                           std::tuple{0U, 2U, false}, std::tuple{1U, 0U, false}}) {
    made.abi_major = major;
    made.abi_minor = minor;
    const std::string manifest = write_manifest(made);
    Diagnostics diagnostics;
    (void)shop.verify(manifest, SignedShop::signatures(manifest, {&shop.eve}), diagnostics);
    CHECK(SignedShop::codes_of(diagnostics) == (fits ? Codes{} : Codes{"trust/abi"}));
  }
}

TEST_CASE("a manifest that hides whose scene a policy is, is refused", "[trust]") {
  const SignedShop shop;
  Manifest made = make_manifest(shop.shipped());
  made.scenes = {{"home", "policies/detail.yaml"}, {"detail", "policies/home.yaml"}};
  const std::string manifest = write_manifest(made);
  Diagnostics diagnostics;
  (void)shop.verify(manifest, SignedShop::signatures(manifest, {&shop.eve}), diagnostics);
  CHECK(SignedShop::codes_of(diagnostics) == Codes{"trust/scenes"});
}
