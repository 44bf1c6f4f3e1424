// SPDX-License-Identifier: Apache-2.0
//
// A manifest is read strictly: a reader that is generous about what somebody signed gives two
// readers two meanings. Its revision is recomputed from its files, so it cannot name another one.
#include "trust/manifest.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/clock.hpp"
#include "trust/strict_json.hpp"

namespace lineup {

namespace {

constexpr const char* kCode = "trust/manifest";
constexpr std::size_t kRevisionDigits = 16;
constexpr std::size_t kTextBytesMax = 4096;  // LIMIT: a reason is a sentence or a few

constexpr std::array<std::string_view, 6> kFolders = {"lists",    "models", "plugins",
                                                      "policies", "pools",  "rules"};

bool is_plain(std::string_view name) {
  constexpr std::string_view kOthers = "_-.+";
  return !name.empty() && name.size() <= 255 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kOthers.find(c) != std::string_view::npos;
         });
}

bool is_sha256(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

Span in_file(const std::string& file) {
  Span span;
  span.file = file;
  return span;
}

std::vector<ManifestFile> read_files(const nlohmann::json& entries, const std::string& file,
                                     Diagnostics& diagnostics) {
  std::vector<ManifestFile> files;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const ObjectReader fields(entries[i], fmt::format("files[{}]", i), file, kCode, diagnostics);
    if (!fields.is_object()) continue;
    fields.expect_only({"path", "sha256", "size"});
    ManifestFile entry{fields.text("path"), fields.text("sha256"), fields.count("size", 0)};
    if (!is_shipped_path(entry.path)) {
      fields.complain("path",
                      fmt::format("is `{}`, which cannot be a file of a bundle", entry.path),
                      "such a path looks like `rules/pin.lua` or `policies/home.yaml`");
    }
    if (!is_sha256(entry.sha256)) {
      fields.complain("sha256", "must be 64 hexadecimal digits, as `sha256sum` prints them");
    }
    if (!files.empty() && entry.path <= files.back().path) {
      fields.complain("path",
                      fmt::format("`{}` must come after `{}`: files are listed once, by path",
                                  entry.path, files.back().path));
    }
    files.push_back(std::move(entry));
  }
  return files;
}

// A number as it is printed: digits alone, of which the first is no zero that could be left out.
bool read_number(std::string_view text, std::uint32_t& out) {
  const bool is_plain = !text.empty() && text.size() <= 5 && (text.size() == 1 || text[0] != '0') &&
                        text.find_first_not_of("0123456789") == std::string_view::npos;
  return is_plain && std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

// "0.1"
void read_abi(const ObjectReader& fields, Manifest& manifest) {
  const std::string text = fields.text("abi");
  const std::string_view view = text;
  const std::size_t point = view.find('.');
  if (point == std::string_view::npos || !read_number(view.substr(0, point), manifest.abi_major) ||
      !read_number(view.substr(point + 1), manifest.abi_minor)) {
    fields.complain("abi", "must be two numbers", "write \"0.1\"");
  }
}

void read_scenes(const ObjectReader& fields, Manifest& manifest) {
  const nlohmann::json* scenes = fields.object("scenes");
  if (scenes == nullptr) return;
  for (const auto& [scene, path] : scenes->items()) {
    const std::string place = fmt::format("scenes.{}", scene);
    if (!path.is_string()) {
      fields.complain(place, "must be the path of a policy");
      continue;
    }
    manifest.scenes[scene] = path.get<std::string>();
    if (!manifest.scenes[scene].starts_with("policies/") ||
        manifest.find(manifest.scenes[scene]) == nullptr) {
      fields.complain(place, "must be the path of a policy that `files` lists");
    }
  }
}

}  // namespace

const ManifestFile* Manifest::find(std::string_view path) const {
  const auto at = std::lower_bound(
      files.begin(), files.end(), path,
      [](const ManifestFile& file, std::string_view wanted) { return file.path < wanted; });
  return at != files.end() && at->path == path ? &*at : nullptr;
}

std::string sha256_of(std::string_view bytes) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size());
  std::array<char, 2 * crypto_hash_sha256_BYTES + 1> text{};
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  return text.data();
}

std::string revision_of(std::span<const ManifestFile> files) {
  std::string all;
  for (const ManifestFile& file : files) {
    all += fmt::format("{}\n{}\n{}\n", file.path, file.size, file.sha256);
  }
  return sha256_of(all).substr(0, kRevisionDigits);
}

bool is_shipped_path(std::string_view path) {
  if (path == kBundleFileName) return true;
  const std::size_t first = path.find('/');
  if (first == std::string_view::npos || path.size() > kTextBytesMax) return false;
  if (std::find(kFolders.begin(), kFolders.end(), path.substr(0, first)) == kFolders.end()) {
    return false;
  }
  for (std::string_view rest = path.substr(first + 1);;) {
    const std::string_view name = rest.substr(0, rest.find('/'));
    if (!is_plain(name)) return false;
    if (name.size() == rest.size()) return true;
    rest.remove_prefix(name.size() + 1);
  }
}

std::optional<Manifest> parse_manifest(std::string_view bytes, const std::string& file,
                                       Diagnostics& diagnostics) {
  Diagnostics found;
  const auto json = parse_strict(bytes, file, kCode, found);
  Manifest manifest;
  if (json) {
    const ObjectReader fields(*json, "", file, kCode, found);
    if (fields.is_object()) {
      fields.expect_only({"lineup_manifest", "revision", "parent", "author", "reason", "created",
                          "abi", "scenes", "files"});
      if (fields.count("lineup_manifest", 0) != 1) {
        fields.complain("lineup_manifest", "must be 1",
                        "this version reads manifests of version 1");
      }
      manifest.revision = fields.text("revision");
      manifest.parent = fields.text("parent");
      manifest.author = fields.text("author");
      manifest.reason = fields.text("reason");
      manifest.created = fields.text("created");
      for (const char* name : {"author", "reason", "created", "parent"}) {
        if (fields.text(name, false).size() > kTextBytesMax) {
          fields.complain(name, fmt::format("may have {} bytes", kTextBytesMax));
        }
      }
      read_abi(fields, manifest);
      if (const nlohmann::json* entries = fields.array("files")) {
        manifest.files = read_files(*entries, file, found);
      }
      read_scenes(fields, manifest);
    }
  }
  if (!found.has_errors() && manifest.revision != revision_of(manifest.files)) {
    found.error(in_file(file), kCode,
                fmt::format("`revision` is `{}` but the files listed make `{}`", manifest.revision,
                            revision_of(manifest.files)),
                "a manifest is not edited: `lineup bundle create` writes it");
  }
  diagnostics.append(found);
  if (found.has_errors()) return std::nullopt;
  return manifest;
}

std::string write_manifest(const Manifest& manifest) {
  nlohmann::ordered_json files = nlohmann::ordered_json::array();
  for (const ManifestFile& file : manifest.files) {
    files.push_back({{"path", file.path}, {"sha256", file.sha256}, {"size", file.size}});
  }
  nlohmann::ordered_json scenes = nlohmann::ordered_json::object();
  for (const auto& [scene, path] : manifest.scenes) scenes[scene] = path;
  const nlohmann::ordered_json json{
      {"lineup_manifest", 1},
      {"revision", manifest.revision},
      {"parent", manifest.parent},
      {"author", manifest.author},
      {"reason", manifest.reason},
      {"created", manifest.created},
      {"abi", fmt::format("{}.{}", manifest.abi_major, manifest.abi_minor)},
      {"scenes", std::move(scenes)},
      {"files", std::move(files)}};
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace lineup
