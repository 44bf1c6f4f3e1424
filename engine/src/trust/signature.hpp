// SPDX-License-Identifier: Apache-2.0
//
// Ed25519: keys as files, signatures over bytes as they lie on disk, and which known keys made
// them. (libsodium.)
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"

namespace lineup {

using PublicKey = std::array<unsigned char, 32>;

// A key that can sign. Wiped when it goes.
class SecretKey {
 public:
  SecretKey() = default;
  SecretKey(const SecretKey& other) = default;
  SecretKey& operator=(const SecretKey& other) = default;
  ~SecretKey();

  std::string name;  // whose it is, for people
  PublicKey public_key{};
  std::array<unsigned char, 64> bytes{};
};

// What a signature names its key by: 16 hexadecimal digits of a hash of the public key. [any]
[[nodiscard]] std::string key_id(const PublicKey& key);
[[nodiscard]] std::string hex_of(const PublicKey& key);
// Code: trust/key. [any]
[[nodiscard]] Result<PublicKey> public_key_of(std::string_view hex);

// A new key pair of the system's randomness. [any]
[[nodiscard]] SecretKey make_key(std::string name);
// The text of a file that holds it, and back. Code: trust/key. [any]
[[nodiscard]] std::string write_secret_key(const SecretKey& key);
[[nodiscard]] Result<SecretKey> parse_secret_key(std::string_view text);

struct Signature {
  std::string key;  // id
  std::array<unsigned char, 64> bytes{};
};

// LIMIT: signatures of one file; each costs a verification.
inline constexpr std::size_t kSignaturesMax = 64;

// [any]
[[nodiscard]] Signature sign(std::string_view bytes, const SecretKey& key);
[[nodiscard]] bool is_signed_by(std::string_view bytes, const Signature& signature,
                                const PublicKey& key);

// A file of signatures; throws nothing, whatever the bytes are. Code: trust/signature. Nothing in
// the answer when there was an error. [any]
[[nodiscard]] std::vector<Signature> parse_signatures(std::string_view bytes,
                                                      const std::string& file,
                                                      Diagnostics& diagnostics);
// By key id; of one key the last. [any]
[[nodiscard]] std::string write_signatures(std::vector<Signature> signatures);

}  // namespace lineup
