// SPDX-License-Identifier: Apache-2.0
//
// The entry's first sixteen bytes are plain numbers in the file; only the pointers after them are
// filled in by the loader. So the ABI is known before anything runs.
#include "native/inspect.hpp"

#include <algorithm>
#include <cstring>

#include "native/elf.hpp"
#include "native/file.hpp"
#include "native/stage.hpp"

namespace lineup {

namespace {

// What lineup_plugin begins with, whatever the rest of it is in that version.
struct EntryHead {
  std::uint32_t magic;
  std::uint32_t struct_size;
  std::uint16_t abi_major;
  std::uint16_t abi_minor;
  std::uint16_t required_minor;
  std::uint16_t reserved;
};
static_assert(offsetof(lineup_plugin, required_minor) == offsetof(EntryHead, required_minor));

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kShownMax = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShownMax); ++i) {
    text += (i == 0 ? "`" : ", `") + names[i] + "`";
  }
  if (names.size() > kShownMax) {
    text += " and " + std::to_string(names.size() - kShownMax) + " more";
  }
  return text;
}

// Why the file might not unload, or export too much.
std::vector<std::string> find_faults(const ElfFacts& elf) {
  std::vector<std::string> findings;
  if (!elf.unique.empty()) {
    findings.push_back("unique symbols keep it loaded for ever: " + listed(elf.unique) +
                       "; build with -fno-gnu-unique");
  }
  if (elf.has_nodelete) findings.emplace_back("linked with -z nodelete: it cannot be unloaded");
  if (std::find(elf.imports.begin(), elf.imports.end(), "__cxa_thread_atexit") !=
      elf.imports.end()) {
    findings.emplace_back("thread-local objects with destructors may keep it loaded");
  }
  std::vector<std::string> extra;
  for (const std::string& name : elf.exports) {
    if (name != "lineup_entry") extra.push_back(name);
  }
  if (!extra.empty()) {
    findings.push_back("exports more than lineup_entry: " + listed(extra) +
                       "; build with lineup_add_plugin()");
  }
  return findings;
}

}  // namespace

Result<void> check_abi(std::uint16_t major, std::uint16_t required_minor) {
  if (major == LINEUP_ABI_MAJOR && required_minor <= LINEUP_ABI_MINOR) return {};
  const auto version = [](unsigned a, unsigned b) {
    return std::to_string(a) + "." + std::to_string(b);
  };
  return failure("native/abi", "made for plugin interface " + version(major, required_minor) +
                                   ", this engine has " +
                                   version(LINEUP_ABI_MAJOR, LINEUP_ABI_MINOR) +
                                   ": build it again with this SDK");
}

Result<LibraryFacts> inspect(std::span<const std::byte> file) {
  const auto elf = read_elf(file);
  if (!elf) return tl::unexpected(elf.error());
  EntryHead head{};
  if (elf->metadata.empty()) {
    return failure("native/not-a-plugin",
                   "a shared library, but no lineup plugin: it has no section .lineup_metadata");
  }
  if (elf->entry.size() < sizeof head) {
    return failure("native/not-a-plugin",
                   "a shared library, but no lineup plugin: it exports no `lineup_entry`");
  }
  std::memcpy(&head, elf->entry.data(), sizeof head);
  if (head.magic != LINEUP_PLUGIN_MAGIC) {
    return failure("native/not-a-plugin", "its `lineup_entry` is no lineup_plugin: wrong magic");
  }
  if (auto fits = check_abi(head.abi_major, head.required_minor); !fits) {
    return tl::unexpected(fits.error());
  }
  if (elf->has_static_tls) {
    return failure("native/static-tls",
                   "it uses static thread-local storage, which may be used up when it is loaded: "
                   "build with -ftls-model=global-dynamic");
  }
  // The text ends at its NUL; the section may be padded.
  std::string_view text(reinterpret_cast<const char*>(elf->metadata.data()), elf->metadata.size());
  auto metadata = parse_metadata(text.substr(0, text.find('\0')));
  if (!metadata) return tl::unexpected(metadata.error());

  LibraryFacts facts;
  facts.metadata = std::move(*metadata);
  facts.abi_major = head.abi_major;
  facts.abi_minor = head.abi_minor;
  facts.required_minor = head.required_minor;
  facts.exports = elf->exports;
  facts.findings = find_faults(*elf);
  return facts;
}

Result<LibraryFacts> inspect(const std::filesystem::path& path) {
  const auto bytes = read_file(path, kLibraryMaxBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  return inspect(std::as_bytes(std::span(bytes->data(), bytes->size())));
}

}  // namespace lineup
