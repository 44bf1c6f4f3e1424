// SPDX-License-Identifier: Apache-2.0
//
// The manifest of a bundle: which files it is made of, byte for byte, who made it, from what, and
// why. It makes a change of many files one change, and it is what people sign.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.hpp"

namespace lineup {

inline constexpr const char* kManifestName = "manifest.json";
inline constexpr const char* kSignaturesName = "manifest.sig";
// How a bundle goes live; the one file beside the folders that a manifest lists.
inline constexpr const char* kBundleFileName = "bundle.yaml";

struct ManifestFile {
  std::string path;    // in the bundle: "rules/pin.lua"
  std::string sha256;  // 64 hexadecimal digits, as `sha256sum` prints them
  std::uint64_t size = 0;

  bool operator==(const ManifestFile&) const = default;
};

struct Manifest {
  std::string revision;  // of the files: see revision_of()
  std::string parent;    // the revision that this one changes; empty: none
  std::string author;
  std::string reason;
  std::string created;          // a time as text, not used for anything
  std::uint32_t abi_major = 0;  // what the plugins need of the host
  std::uint32_t abi_minor = 0;
  std::map<std::string, std::string> scenes;  // scene -> its policy's path
  std::vector<ManifestFile> files;            // by path, each path once

  // Null when there is no such file.
  [[nodiscard]] const ManifestFile* find(std::string_view path) const;
};

// SHA-256 as 64 hexadecimal digits. [any]
[[nodiscard]] std::string sha256_of(std::string_view bytes);

// Names a set of files: 16 hexadecimal digits of a SHA-256 over their paths, sizes and hashes.
// [any]
[[nodiscard]] std::string revision_of(std::span<const ManifestFile> files);

// Whether `path` may be a file of a bundle: a known folder, then plain names that lead nowhere
// else; or bundle.yaml.
[[nodiscard]] bool is_shipped_path(std::string_view path);

// Reads a manifest of any bytes; throws nothing, whatever they are. Every fault is reported under
// `trust/manifest`, in `file`. Nothing when there was one. [any]
[[nodiscard]] std::optional<Manifest> parse_manifest(std::string_view bytes,
                                                     const std::string& file,
                                                     Diagnostics& diagnostics);

// The same manifest always gives the same bytes. REQUIRES: files sorted by path. [any]
[[nodiscard]] std::string write_manifest(const Manifest& manifest);

}  // namespace lineup
