// SPDX-License-Identifier: Apache-2.0
#include "trust/signature.hpp"

#include <catch2/catch.hpp>

using namespace lineup;

TEST_CASE("a signature fits the bytes and the key that made it, and no others", "[trust]") {
  const SecretKey ann = make_key("ann");
  const SecretKey bob = make_key("bob");
  const Signature signature = sign("what was said", ann);
  CHECK(is_signed_by("what was said", signature, ann.public_key));
  CHECK_FALSE(is_signed_by("what was said.", signature, ann.public_key));
  CHECK_FALSE(is_signed_by("what was said", signature, bob.public_key));
  CHECK(signature.key == key_id(ann.public_key));
  CHECK(key_id(ann.public_key) != key_id(bob.public_key));
}

TEST_CASE("signatures are those of RFC 8032, so that other tools can check them", "[trust]") {
  // Test 2 of section 7.1: one byte, 0x72.
  const auto key = parse_secret_key(R"({"lineup_secret_key": 1, "name": "rfc", "public_key":
"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "secret_key":
"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"})");
  REQUIRE(key);
  const std::string text = write_signatures({sign("\x72", *key)});
  CHECK_THAT(text,
             Catch::Contains("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"));
}

TEST_CASE("a secret key that was written is read back", "[trust]") {
  const SecretKey key = make_key("ann");
  const auto read = parse_secret_key(write_secret_key(key));
  REQUIRE(read);
  CHECK(read->name == "ann");
  CHECK(read->bytes == key.bytes);
  CHECK(read->public_key == key.public_key);
}

TEST_CASE("a secret key whose public half is another's is refused", "[trust]") {
  SecretKey key = make_key("ann");
  key.public_key = make_key("bob").public_key;
  const auto read = parse_secret_key(write_secret_key(key));
  REQUIRE_FALSE(read);
  CHECK(read.error().code == "trust/key");
}

TEST_CASE("a public key is 64 hexadecimal digits", "[trust]") {
  const SecretKey key = make_key("ann");
  CHECK(public_key_of(hex_of(key.public_key)).value() == key.public_key);
  CHECK_FALSE(public_key_of(hex_of(key.public_key).substr(1)));
  CHECK_FALSE(public_key_of(std::string(64, 'g')));
  CHECK_FALSE(public_key_of(""));
}

TEST_CASE("signing again with the same key replaces its signature", "[trust]") {
  const SecretKey ann = make_key("ann");
  const SecretKey bob = make_key("bob");
  const std::string text = write_signatures({sign("old", ann), sign("new", bob), sign("new", ann)});
  Diagnostics diagnostics;
  const auto signatures = parse_signatures(text, "manifest.sig", diagnostics);
  REQUIRE(signatures.size() == 2);
  for (const Signature& signature : signatures) {
    const SecretKey& key = signature.key == key_id(ann.public_key) ? ann : bob;
    CHECK(is_signed_by("new", signature, key.public_key));
  }
}

TEST_CASE("more signatures than anybody needs are refused", "[trust]") {
  std::string text = R"({"lineup_signatures": 1, "signatures": [)";
  const std::string one = R"({"key": "x", "ed25519": ")" + std::string(128, '0') + "\"}";
  for (std::size_t i = 0; i <= kSignaturesMax; ++i) text += (i == 0 ? "" : ",") + one;
  Diagnostics diagnostics;
  CHECK(parse_signatures(text + "]}", "manifest.sig", diagnostics).empty());
  CHECK(diagnostics.has_errors());
}
