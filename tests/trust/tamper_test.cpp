// SPDX-License-Identifier: Apache-2.0
//
// One byte changed, anywhere: nothing of it may be accepted.
#include <catch2/catch.hpp>

#include "signed_shop.hpp"

using namespace lineup;

namespace {

// Files are the shop's, manifest and signatures those given.
bool is_accepted(const SignedShop& shop, const std::string& manifest,
                 const std::string& signatures) {
  Diagnostics diagnostics;
  const Verified verified = shop.verify(manifest, signatures, diagnostics);
  return !diagnostics.has_errors() && verified.mode == TrustMode::Signed;
}

}  // namespace

TEST_CASE("a manifest with any one byte changed is refused", "[trust]") {
  const SignedShop shop;
  const std::string manifest = shop.manifest();
  const std::string signatures = SignedShop::signatures(manifest, {&shop.eve});
  REQUIRE(is_accepted(shop, manifest, signatures));
  for (std::size_t at = 0; at < manifest.size(); ++at) {
    for (const int flip : {0x01, 0x20, 0x80}) {
      std::string changed = manifest;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      if (is_accepted(shop, changed, signatures)) FAIL("byte " << at << " flipped by " << flip);
    }
  }
}

TEST_CASE("a manifest that was cut anywhere, or has something behind it, is refused", "[trust]") {
  const SignedShop shop;
  const std::string manifest = shop.manifest();
  const std::string signatures = SignedShop::signatures(manifest, {&shop.eve});
  for (std::size_t size = 0; size < manifest.size(); ++size) {
    if (is_accepted(shop, manifest.substr(0, size), signatures)) FAIL("cut at " << size);
  }
  CHECK_FALSE(is_accepted(shop, manifest + " ", signatures));
  CHECK_FALSE(is_accepted(shop, manifest + '\0', signatures));
  CHECK_FALSE(is_accepted(shop, "\n" + manifest, signatures));
}

TEST_CASE("a signature file with any one byte changed or cut anywhere never lets more in",
          "[trust]") {
  SignedShop shop;
  const std::string manifest = shop.manifest();
  const std::string signatures = SignedShop::signatures(manifest, {&shop.eve});
  for (std::size_t at = 0; at < signatures.size(); ++at) {
    for (const int flip : {0x01, 0x20, 0x80}) {
      std::string changed = signatures;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      if (!is_accepted(shop, manifest, changed)) continue;
      // Blanks between words and the case of hexadecimal digits mean nothing.
      Diagnostics ignored;
      CHECK(write_signatures(parse_signatures(changed, "", ignored)) == signatures);
    }
    if (at + 2 < signatures.size() && is_accepted(shop, manifest, signatures.substr(0, at))) {
      FAIL("cut at " << at);
    }
  }
}

TEST_CASE("a file with any one byte changed is refused", "[trust]") {
  SignedShop shop;
  const std::string manifest = shop.manifest();
  const std::string signatures = SignedShop::signatures(manifest, {&shop.eve});
  for (const auto& [path, contents] : SignedShop(shop).files) {
    for (std::size_t at = 0; at < contents.size(); ++at) {
      shop.files[path] = contents;
      shop.files[path][at] = static_cast<char>(shop.files[path][at] ^ 0x01);
      if (is_accepted(shop, manifest, signatures)) FAIL(path << ", byte " << at);
    }
    shop.files[path] = contents.substr(0, contents.size() - 1);
    CHECK_FALSE(is_accepted(shop, manifest, signatures));
    shop.files[path] = contents;
  }
  CHECK(is_accepted(shop, manifest, signatures));
}

TEST_CASE("garbage in place of manifest or signatures is refused and harms nothing", "[trust]") {
  const SignedShop shop;
  const std::string manifest = shop.manifest();
  const std::string signatures = SignedShop::signatures(manifest, {&shop.eve});
  std::uint64_t state = 7;
  for (int round = 0; round < 2000; ++round) {
    std::string garbage;
    for (int i = 0; i < round % 97; ++i) {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      garbage += static_cast<char>(state >> 56);
    }
    CHECK_FALSE(is_accepted(shop, garbage, signatures));
    CHECK_FALSE(is_accepted(shop, manifest, garbage));
    Diagnostics diagnostics;
    CHECK_FALSE(parse_trust(garbage, "trust.json", diagnostics));
    CHECK_FALSE(parse_secret_key(garbage));
  }
}
