// SPDX-License-Identifier: Apache-2.0
//
// One file per manifest, written under another name, synchronised and renamed: after a crash a
// manifest is there whole or not at all. Its name holds its hash, and what does not fit its name is
// not believed.
#include "trust/accepted.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace lineup {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".json";

std::optional<std::string> read_whole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (!file || !(text << file.rdbuf())) return std::nullopt;
  return text.str();
}

Result<void> write_whole(const std::string& path, std::string_view bytes) {
  const std::string temporary = path + ".tmp";
  const auto failed = [&path] {
    return failure("trust/not-kept",
                   fmt::format("`{}` cannot be written: {}", path, std::strerror(errno)));
  };
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed();
  bool fine = true;
  for (std::size_t done = 0; fine && done < bytes.size();) {
    const ssize_t wrote = ::write(file, bytes.data() + done, bytes.size() - done);
    fine = wrote > 0;
    if (fine) done += static_cast<std::size_t>(wrote);
  }
  fine = fine && ::fsync(file) == 0;
  const int fault = errno;
  ::close(file);
  errno = fault;
  if (!fine || ::rename(temporary.c_str(), path.c_str()) != 0) return failed();
  return {};
}

}  // namespace

AcceptedManifests::AcceptedManifests(std::string directory) : directory_(std::move(directory)) {
  if (!directory_.empty()) load();
}

void AcceptedManifests::load() {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator at(directory_, error), end; !error && at != end;
       at.increment(error)) {
    if (at->path().extension() == kEnding) paths.push_back(at->path());
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) {
    const std::string stem = path.stem().string();  // 00000017-HASH
    const auto bytes = read_whole(path);
    const std::size_t dash = stem.find('-');
    if (!bytes || dash == std::string::npos || stem.substr(dash + 1) != sha256_of(*bytes)) continue;
    Diagnostics ignored;
    auto manifest = parse_manifest(*bytes, path.string(), ignored);
    if (!manifest) continue;
    next_ = std::max<std::uint64_t>(next_, std::strtoull(stem.c_str(), nullptr, 10) + 1);
    entries_.push_back({stem.substr(dash + 1), std::move(*manifest), path.string()});
  }
}

bool AcceptedManifests::knows(std::string_view manifest_bytes) const {
  const std::string hash = sha256_of(manifest_bytes);
  return std::any_of(entries_.begin(), entries_.end(),
                     [&hash](const Entry& entry) { return entry.sha256 == hash; });
}

const Manifest* AcceptedManifests::find(std::string_view revision) const {
  const auto found =
      std::find_if(entries_.rbegin(), entries_.rend(),
                   [revision](const Entry& entry) { return entry.manifest.revision == revision; });
  return found == entries_.rend() ? nullptr : &found->manifest;
}

void AcceptedManifests::drop(std::size_t index) {
  std::error_code ignored;
  const Entry& entry = entries_[index];
  if (!entry.path.empty()) fs::remove(entry.path, ignored);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(index));
}

Result<void> AcceptedManifests::remember(std::string_view manifest_bytes,
                                         const Manifest& manifest) {
  const std::string hash = sha256_of(manifest_bytes);
  if (!entries_.empty() && entries_.back().sha256 == hash) return {};
  Entry entry{hash, manifest, {}};
  Result<void> kept;
  if (!directory_.empty()) {
    std::error_code ignored;
    fs::create_directories(directory_, ignored);
    entry.path = fmt::format("{}/{:08}-{}{}", directory_, next_++, hash, kEnding);
    kept = write_whole(entry.path, manifest_bytes);
  }
  for (std::size_t i = entries_.size(); i-- > 0;) {
    if (entries_[i].sha256 == hash) drop(i);
  }
  entries_.push_back(std::move(entry));
  while (entries_.size() > kAcceptedMax) drop(0);
  return kept;
}

}  // namespace lineup
