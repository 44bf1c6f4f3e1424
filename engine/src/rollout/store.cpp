// SPDX-License-Identifier: Apache-2.0
//
// Everything appears under its final name by rename, after its contents are on the disk, so what
// has a name is whole whenever the process was killed. What was begun is left under names that end
// in `.new`; the next keep_only() clears them away. A name is no proof of its contents: whoever
// loads a kept revision compares the hash of what he read with the name.
#include "rollout/store.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace lineup {

namespace {

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

RevisionStore::RevisionStore(StoreFiles& files, std::string directory)
    : files_(files), directory_(std::move(directory)) {}

std::string RevisionStore::path(std::string_view folder, std::string_view name) const {
  std::string out = directory_;
  for (const std::string_view part : {folder, name}) {
    if (part.empty()) continue;
    out += '/';
    out += part;
  }
  return out;
}

Result<std::string> RevisionStore::keep_object(const StagedContent& file) {
  std::string object = path("objects", file.content_hash);
  // What lies there under the name but has other contents was damaged: it is written anew.
  if (const auto there = files_.read(object); there && *there == file.contents) return object;
  if (auto written = files_.write(object + ".new", file.contents); !written)
    return tl::unexpected(written.error());
  if (auto renamed = files_.rename(object + ".new", object); !renamed)
    return tl::unexpected(renamed.error());
  return object;
}

Result<void> RevisionStore::keep(const StagedRevision& revision) {
  const std::string target = path("kept", revision.hash);
  if (find(revision.hash)) return {};
  const std::string made = target + ".new";
  if (auto removed = files_.remove(made); !removed) return removed;
  for (const std::string& directory : {path("objects", ""), made + "/bundle"}) {
    if (auto done = files_.make_directory(directory); !done) return done;
  }
  std::set<std::string> directories;
  for (const StagedContent& file : revision.files) {
    auto object = keep_object(file);
    if (!object) return tl::unexpected(object.error());
    const std::string place =
        made + (file.library ? "/library/" : "/bundle/") + std::string(file.path);
    if (directories.insert(parent_of(place)).second) {
      if (auto done = files_.make_directory(parent_of(place)); !done) return done;
    }
    if (auto linked = files_.link(*object, place); !linked) return linked;
  }
  return files_.rename(made, target);
}

Result<KeptRevision> RevisionStore::find(std::string_view hash) const {
  const std::string place = path("kept", hash);
  if (!holds(files_.list(path("kept", "")), hash)) {
    return failure("rollout/not-found", "revision `" + std::string(hash) + "` is not kept");
  }
  KeptRevision kept;
  kept.bundle = place + "/bundle";
  const std::vector<std::string> library = files_.list(place + "/library");
  if (holds(library, "rules")) kept.rules = place + "/library/rules";
  if (holds(library, "plugins")) kept.plugins = place + "/library/plugins";
  return kept;
}

void RevisionStore::keep_only(const std::vector<std::string>& hashes) {
  // What cannot be removed now is tried again the next time: nothing depends on it.
  for (const char* folder : {"kept", "starts"}) {
    for (const std::string& name : files_.list(path(folder, ""))) {
      if (!holds(hashes, name)) (void)files_.remove(path(folder, name));
    }
  }
  for (const std::string& name : files_.list(path("objects", ""))) {
    const std::string object = path("objects", name);
    if (!files_.is_linked(object)) (void)files_.remove(object);
  }
}

Result<void> RevisionStore::begin_start(std::string_view hash) {
  const int count = unclean_starts(hash) + 1;
  if (auto made = files_.make_directory(path("starts", "")); !made) return made;
  const std::string marker = path("starts", hash);
  if (auto written = files_.write(marker + ".new", std::to_string(count)); !written) return written;
  return files_.rename(marker + ".new", marker);
}

void RevisionStore::end_start(std::string_view hash) {
  // A marker that stays costs one of the starts that are allowed, no more.
  (void)files_.remove(path("starts", hash));
}

int RevisionStore::unclean_starts(std::string_view hash) const {
  const auto text = files_.read(path("starts", hash));
  int count = 0;
  if (text) std::from_chars(text->data(), text->data() + text->size(), count);
  return std::max(count, 0);
}

Result<void> RevisionStore::write_journal(std::string_view text) {
  if (auto made = files_.make_directory(directory_); !made) return made;
  const std::string journal = path("journal.json", "");
  if (auto written = files_.write(journal + ".new", text); !written) return written;
  return files_.rename(journal + ".new", journal);
}

std::string RevisionStore::read_journal() const {
  auto text = files_.read(path("journal.json", ""));
  return text ? *std::move(text) : std::string();
}

}  // namespace lineup
