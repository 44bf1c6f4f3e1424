// SPDX-License-Identifier: Apache-2.0
//
// The bytes of the signed file are signed as they are, with nothing before or behind them, so that
// any Ed25519 tool can check a signature without Lineup.
#include "trust/signature.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <map>
#include <optional>

#include "trust/manifest.hpp"
#include "trust/strict_json.hpp"

namespace lineup {

namespace {

constexpr const char* kCode = "trust/signature";
constexpr std::size_t kIdDigits = 16;

static_assert(crypto_sign_PUBLICKEYBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64 &&
              crypto_sign_BYTES == 64);

// libsodium picks its implementations once; a second call is nothing.
void prepare() {
  static const int done = sodium_init();
  (void)done;
}

template <std::size_t N>
std::string hex(const std::array<unsigned char, N>& bytes) {
  std::array<char, 2 * N + 1> text{};
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  std::string out = text.data();
  sodium_memzero(text.data(), text.size());
  return out;
}

template <std::size_t N>
bool unhex(std::string_view text, std::array<unsigned char, N>& bytes) {
  std::size_t size = 0;
  return text.size() == 2 * N &&
         sodium_hex2bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &size,
                        nullptr) == 0 &&
         size == N;
}

}  // namespace

SecretKey::~SecretKey() { sodium_memzero(bytes.data(), bytes.size()); }

std::string key_id(const PublicKey& key) {
  return sha256_of({reinterpret_cast<const char*>(key.data()), key.size()}).substr(0, kIdDigits);
}

std::string hex_of(const PublicKey& key) { return hex(key); }

Result<PublicKey> public_key_of(std::string_view text) {
  PublicKey key{};
  if (!unhex(text, key)) {
    return failure("trust/key", "a public key is 64 hexadecimal digits");
  }
  return key;
}

SecretKey make_key(std::string name) {
  prepare();
  SecretKey key;
  key.name = std::move(name);
  crypto_sign_keypair(key.public_key.data(), key.bytes.data());
  return key;
}

std::string write_secret_key(const SecretKey& key) {
  const nlohmann::ordered_json json{{"lineup_secret_key", 1},
                                    {"name", key.name},
                                    {"public_key", hex(key.public_key)},
                                    {"secret_key", hex(key.bytes)}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

Result<SecretKey> parse_secret_key(std::string_view text) {
  Diagnostics diagnostics;
  const auto json = parse_strict(text, "", "trust/key", diagnostics);
  SecretKey key;
  if (json) {
    const ObjectReader fields(*json, "", "", "trust/key", diagnostics);
    key.name = fields.text("name");
    if (!unhex(fields.text("public_key"), key.public_key) ||
        !unhex(fields.text("secret_key"), key.bytes) ||
        !std::equal(key.public_key.begin(), key.public_key.end(), key.bytes.begin() + 32)) {
      fields.complain("", "is no secret key");
    }
  }
  if (diagnostics.has_errors()) {
    return failure("trust/key", fmt::format("this is no secret key as `lineup bundle keygen` "
                                            "writes it: {}",
                                            diagnostics.all().front().message));
  }
  return key;
}

Signature sign(std::string_view bytes, const SecretKey& key) {
  prepare();
  Signature signature;
  signature.key = key_id(key.public_key);
  crypto_sign_detached(signature.bytes.data(), nullptr,
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                       key.bytes.data());
  return signature;
}

bool is_signed_by(std::string_view bytes, const Signature& signature, const PublicKey& key) {
  prepare();
  return crypto_sign_verify_detached(signature.bytes.data(),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     bytes.size(), key.data()) == 0;
}

std::vector<Signature> parse_signatures(std::string_view bytes, const std::string& file,
                                        Diagnostics& diagnostics) {
  Diagnostics found;
  std::vector<Signature> signatures;
  if (const auto json = parse_strict(bytes, file, kCode, found)) {
    const ObjectReader fields(*json, "", file, kCode, found);
    if (fields.is_object()) {
      fields.expect_only({"lineup_signatures", "signatures"});
      if (fields.count("lineup_signatures", 0) != 1) {
        fields.complain("lineup_signatures", "must be 1",
                        "this version reads signatures of version 1");
      }
      const nlohmann::json* entries = fields.array("signatures");
      const std::size_t count = entries == nullptr ? 0 : entries->size();
      if (count > kSignaturesMax) {
        fields.complain("signatures", fmt::format("may hold {}", kSignaturesMax));
      }
      for (std::size_t i = 0; i < std::min(count, kSignaturesMax); ++i) {
        const ObjectReader entry((*entries)[i], fmt::format("signatures[{}]", i), file, kCode,
                                 found);
        if (!entry.is_object()) continue;
        entry.expect_only({"key", "ed25519"});
        Signature signature;
        signature.key = entry.text("key");
        if (!unhex(entry.text("ed25519"), signature.bytes)) {
          entry.complain("ed25519", "must be 128 hexadecimal digits");
        }
        signatures.push_back(std::move(signature));
      }
    }
  }
  diagnostics.append(found);
  if (found.has_errors()) signatures.clear();
  return signatures;
}

std::string write_signatures(std::vector<Signature> signatures) {
  std::map<std::string, std::string> by_key;
  for (const Signature& signature : signatures) by_key[signature.key] = hex(signature.bytes);
  nlohmann::ordered_json entries = nlohmann::ordered_json::array();
  for (const auto& [key, bytes] : by_key) entries.push_back({{"key", key}, {"ed25519", bytes}});
  const nlohmann::ordered_json json{{"lineup_signatures", 1}, {"signatures", std::move(entries)}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace lineup
