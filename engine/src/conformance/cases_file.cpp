// SPDX-License-Identifier: Apache-2.0
//
// What a file says of itself, read as bytes.
#include <fmt/format.h>

#include "conformance/subject.hpp"
#include "native/elf.hpp"
#include "native/file.hpp"
#include "native/inspect.hpp"

namespace lineup {

namespace {

constexpr std::size_t kNamesShown = 5;

std::string listed(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i) {
    out += (i == 0 ? "`" : ", `") + names[i] + "`";
  }
  if (names.size() > kNamesShown) out += fmt::format(" and {} more", names.size() - kNamesShown);
  return out;
}

// Runs `body(facts)` on the file's symbols.
template <typename Body>
CaseOutcome with_elf(const CaseInput& input, Body&& body) {
  const auto bytes = read_file(input.path, kLibraryMaxBytes);
  if (!bytes) return failed(bytes.error().message);
  const auto facts = read_elf(std::as_bytes(std::span(bytes->data(), bytes->size())));
  if (!facts) return failed(facts.error().message);
  return body(*facts);
}

// "1.4.0": three numbers, then whatever a release adds.
bool is_version(const std::string& text) {
  int numbers = 0;
  std::size_t at = 0;
  while (numbers < 3) {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == begin) return false;
    ++numbers;
    if (numbers < 3 && (at == text.size() || text[at++] != '.')) return false;
  }
  return at == text.size() || text[at] == '-' || text[at] == '+';
}

}  // namespace

CaseOutcome case_file(const CaseInput& input) {
  const auto facts = inspect(std::filesystem::path(input.path));
  return facts ? CaseOutcome() : failed(facts.error().message);
}

CaseOutcome case_one_export(const CaseInput& input) {
  return with_elf(input, [](const ElfFacts& facts) -> CaseOutcome {
    std::vector<std::string> others;
    bool has_entry = false;
    for (const std::string& name : facts.exports) {
      has_entry = has_entry || name == "lineup_entry";
      if (name != "lineup_entry") others.push_back(name);
    }
    if (!has_entry) return failed("exports no `lineup_entry`");
    if (others.empty()) return {};
    return failed(
        fmt::format("also exports {}: two plugins that do so meet each other; build it with "
                    "lineup_add_plugin()",
                    listed(others)));
  });
}

CaseOutcome case_no_unique(const CaseInput& input) {
  return with_elf(input, [](const ElfFacts& facts) -> CaseOutcome {
    if (!facts.unique.empty()) {
      return failed(fmt::format(
          "unique symbols keep it in memory and are shared with the next version: {}; build it "
          "with -fno-gnu-unique",
          listed(facts.unique)));
    }
    if (facts.has_nodelete) return warning("linked with -z nodelete: it cannot be unloaded");
    return {};
  });
}

CaseOutcome case_no_static_tls(const CaseInput& input) {
  return with_elf(input, [](const ElfFacts& facts) -> CaseOutcome {
    if (!facts.has_static_tls) return {};
    return failed(
        "uses static thread-local storage, which may be used up when it is loaded: build it with "
        "-ftls-model=global-dynamic");
  });
}

CaseOutcome case_metadata(const CaseInput& input) {
  const auto facts = inspect(std::filesystem::path(input.path));
  if (!facts) return failed(facts.error().message);
  const Metadata& metadata = facts->metadata;
  if (!is_version(metadata.version)) {
    return failed(
        fmt::format("its version is `{}`: write three numbers, such as `1.0.0`", metadata.version));
  }
  CaseOutcome all;
  if (metadata.about.empty()) all = warning("the plugin has no `about`: forms are drawn from it");
  for (const TypeFacts& type : metadata.types) {
    if (type.about.empty()) merge(all, type.name, warning("has no `about`"));
  }
  return all;
}

CaseOutcome case_schema(const CaseInput& input) {
  const auto facts = inspect(std::filesystem::path(input.path));
  if (!facts) return failed(facts.error().message);
  CaseOutcome all;
  for (const TypeFacts& type : facts->metadata.types) {
    std::size_t missing_texts = 0;
    std::string text;
    for (const std::string& fault : schema_faults(type.configuration_schema, missing_texts)) {
      text += (text.empty() ? "" : "; ") + fault;
    }
    if (!text.empty()) {
      merge(all, type.name, failed(text));
    } else if (!plain_config(type.configuration_schema)) {
      merge(all, type.name, warning("no configuration was found that fits its schema"));
    } else if (missing_texts > 0) {
      merge(all, type.name,
            warning(fmt::format("{} parameters have no `description`", missing_texts)));
    }
  }
  return all;
}

}  // namespace lineup
