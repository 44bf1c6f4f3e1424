// SPDX-License-Identifier: Apache-2.0
//
// Whom an engine believes: keys, what each of them may ship, how many must agree, and when nothing
// may change. It lies outside of the bundle.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"
#include "trust/freeze.hpp"
#include "trust/signature.hpp"

namespace lineup {

// LIMIT: bytes of a trust file; a thousand keys have a tenth.
inline constexpr std::size_t kTrustBytesMax = 4U << 20;

// Operators ship rules, policies, lists and pools of the scenes they own; engineers ship plugins
// and models too.
enum class Role : std::uint8_t { Operator, Engineer };

struct TrustedKey {
  std::string name;
  std::string owner;  // the person: two keys of one person count as one signature
  PublicKey key{};
  std::string id;
  Role role = Role::Operator;
  bool all_scenes = false;
  std::vector<std::string> scenes;
  std::optional<std::int64_t> from_ms;   // not valid before
  std::optional<std::int64_t> until_ms;  // not valid from then on

  [[nodiscard]] bool owns(std::string_view scene) const;
  // By folder alone; `path` is one of a bundle.
  [[nodiscard]] bool may_ship(std::string_view path) const;
};

struct TrustFile {
  std::vector<TrustedKey> keys;
  std::uint32_t signatures = 1;  // by so many people at least
  std::map<std::string, std::uint32_t> scene_signatures;
  std::vector<FreezeWindow> freezes;

  // Null when no key has that id.
  [[nodiscard]] const TrustedKey* find(std::string_view id) const;
  [[nodiscard]] std::uint32_t signatures_for(const std::string& scene) const;
};

// Reads a trust file of any bytes; throws nothing. All faults under `trust/file`. Nothing when
// there was one. [any]
[[nodiscard]] std::optional<TrustFile> parse_trust(std::string_view bytes, const std::string& file,
                                                   Diagnostics& diagnostics);

// The entry of a key, as text to be put into `keys`. [any]
[[nodiscard]] std::string write_key_entry(const SecretKey& key, Role role,
                                          const std::vector<std::string>& scenes);

}  // namespace lineup
