// SPDX-License-Identifier: Apache-2.0
//
// Loading, making, ending: nothing may be left behind, and what is refused is refused in words.
#include <dirent.h>
#include <dlfcn.h>
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>

#include "conformance/subject.hpp"
#include "lineup/ext/builder.h"
#include "lineup/ext/config.h"
#include "native/inspect.hpp"
#include "node/host.hpp"
#include "node/plugin_text.hpp"

namespace lineup {

namespace {

constexpr int kRounds = 100;
// LIMIT: bytes per round that the heap may grow before it counts as a leak: allocators keep some.
constexpr std::size_t kLeakBytes = 16;

int entries_of(const char* directory) {
  DIR* stream = ::opendir(directory);
  if (stream == nullptr) return 0;
  int count = 0;
  while (::readdir(stream) != nullptr) ++count;
  ::closedir(stream);
  return count;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
std::size_t heap_bytes() { return 0; }
#else
std::size_t heap_bytes() { return ::mallinfo2().uordblks; }
#endif

// dev.lineup.mmr/1: words with dots, a slash, a revision.
bool is_id(std::string_view id) {
  const std::size_t slash = id.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == id.size()) return false;
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::all_of(id.begin(), id.begin() + static_cast<std::ptrdiff_t>(slash), is_word) &&
         std::all_of(id.begin() + static_cast<std::ptrdiff_t>(slash) + 1, id.end(), is_digit);
}

bool is_mapped(const std::string& path) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(path) != std::string::npos) return true;
  }
  return false;
}

// A host without some of its extensions.
struct PoorHost : lineup_host {
  std::uint32_t hidden = 0;  // bit per name below
  static constexpr std::array kNames = {LINEUP_HOST_BUILDER, LINEUP_HOST_CONFIG};

  explicit PoorHost(std::uint32_t hidden_names)
      : lineup_host(*host_for("conformance")), hidden(hidden_names) {
    extension = find;
    log = ignore;
  }
  static const void* find(const lineup_host* host, const char* id) {
    const auto& self = *static_cast<const PoorHost*>(host);
    for (std::uint32_t i = 0; i < kNames.size(); ++i) {
      if (std::strcmp(id, kNames[i]) == 0 && (self.hidden >> i & 1U) != 0) return nullptr;
    }
    const lineup_host* whole = host_for("conformance");
    return whole->extension(whole, id);
  }
  static void ignore(const lineup_host*, std::int32_t, lineup_text) {}
};

}  // namespace

CaseOutcome case_load(const CaseInput& input) {
  const int threads = entries_of("/proc/self/task");
  {
    const auto library = load_subject(input);
    if (!library) return failed(library.error().message);
    input.at("deinit and unload");
  }
  if (const int left = entries_of("/proc/self/task") - threads; left > 0) {
    return failed(fmt::format("{} threads still run after deinit()", left));
  }
  return {};
}

CaseOutcome case_ids(const CaseInput& input) {
  const auto facts = inspect(std::filesystem::path(input.path));
  if (!facts) return failed(facts.error().message);
  if (facts->required_minor > facts->abi_minor) {
    return failed("requires a newer minor of the interface than it was built with");
  }
  const auto library = load_subject(input);
  if (!library) return failed(library.error().message);
  CaseOutcome all;
  for (const auto& type : (*library)->types()) {
    if (!is_id(type->id)) {
      merge(all, type->name,
            failed(fmt::format("its id is `{}`: write it as `org.example.name/1`", type->id)));
    }
    if (type->table->struct_size < sizeof(lineup_node_type)) {
      merge(all, type->name, failed("its table is shorter than the one of its own interface"));
    }
    for (const auto& other : (*library)->types()) {
      if (other != type && other->id == type->id) {
        merge(all, type->name, failed(fmt::format("shares its id with `{}`", other->name)));
      }
    }
  }
  return all;
}

CaseOutcome case_create(const CaseInput& input) {
  return for_each_subject(input, [](Subject&) { return CaseOutcome(); });
}

CaseOutcome case_columns(const CaseInput& input) {
  const auto facts = inspect(std::filesystem::path(input.path));
  if (!facts) return failed(facts.error().message);
  return for_each_subject(input, [&](Subject& subject) -> CaseOutcome {
    const auto& types = facts->metadata.types;
    const auto declared = std::find_if(types.begin(), types.end(), [&](const TypeFacts& type) {
      return type.name == subject.type->name && type.kind == subject.type->kind;
    });
    const auto known = named_columns(subject.config, declared->columns);
    for (const Wishes::Wish& wish : subject.wishes.columns) {
      const bool is_objective = wish.name == "score" || wish.name == "quality";
      if (is_objective || std::find(known.begin(), known.end(), wish.name) != known.end()) continue;
      return warning(fmt::format(
          "reads the column `{}`, which the `columns` of its metadata do not name", wish.name));
    }
    return {};
  });
}

CaseOutcome case_life(const CaseInput& input) {
  return for_each_subject(input, [&](Subject& subject) -> CaseOutcome {
    const auto round = [&] { return make_subject(subject.type, subject.config).has_value(); };
    for (int i = 0; i < kRounds / 5; ++i) static_cast<void>(round());
    const int threads = entries_of("/proc/self/task");
    const int files = entries_of("/proc/self/fd");
    const std::size_t heap = heap_bytes();
    for (int i = 0; i < kRounds; ++i) {
      if (!round()) return failed(fmt::format("cannot be made a {}th time", i + kRounds / 5));
    }
    if (entries_of("/proc/self/task") > threads) {
      // They still run its code: unloading it now would crash before anybody was told.
      static_cast<void>(new std::shared_ptr<const NodeType>(subject.type));
      return failed("destroyed instances leave threads behind");
    }
    if (entries_of("/proc/self/fd") > files) {
      return failed("destroyed instances leave open files behind");
    }
    const std::size_t after = heap_bytes();
    if (after > heap + kLeakBytes * kRounds) {
      return failed(fmt::format("every instance leaves {} bytes behind", (after - heap) / kRounds));
    }
    return {};
  });
}

CaseOutcome case_bad_config(const CaseInput& input) {
  const auto library = load_subject(input);
  if (!library) return failed(library.error().message);
  const std::array<std::string, 9> texts = {"",
                                            "{",
                                            "[]",
                                            "null",
                                            "\"text\"",
                                            "{\"a\":" + std::string(500, '[') + "}",
                                            std::string("\xFF\xFE\0{}", 5),
                                            "{\"\":{\"\":[null,1e999]}}",
                                            std::string(100'000, ' ')};
  CaseOutcome all;
  for (const auto& type : (*library)->types()) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      input.at(fmt::format("create `{}` from bad text {}", type->name, i));
      const Rehearsal tried = rehearse(*type, texts[i]);
      if (tried.status < LINEUP_E_REFUSED) {
        merge(all, type->name, failed(fmt::format("create() returned {}", tried.status)));
      }
      if (tried.status == LINEUP_E_INTERNAL) {
        merge(all, type->name,
              warning(fmt::format("calls a bad configuration a fault of its own: {}; "
                                  "LINEUP_E_INVALID_CONFIG is meant for that",
                                  tried.message)));
      }
    }
  }
  return all;
}

// Every choice of what is hidden is tried: with two extensions chance would add nothing.
CaseOutcome case_hidden(const CaseInput& input) {
  void* code = ::dlopen(input.path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (code == nullptr) return failed("it cannot be loaded");
  const auto* entry = static_cast<const lineup_plugin*>(::dlsym(code, "lineup_entry"));
  if (entry == nullptr) return failed("it exports no `lineup_entry`");
  // Registers the config service with the host.
  const auto whole = load_subject(input);
  if (!whole) return failed(whole.error().message);
  CaseOutcome all;
  for (std::uint32_t hidden = 1; hidden < (1U << PoorHost::kNames.size()); ++hidden) {
    // Never freed: a plugin may keep its host.
    auto* host = new PoorHost(hidden);
    input.at(fmt::format("init without extensions (choice {})", hidden));
    ErrorSink errors;
    if (entry->init != nullptr &&
        call_plugin(&errors, [&] { return entry->init(host, &errors); }) != LINEUP_OK) {
      continue;  // it said no: that is an answer
    }
    for (const auto& loaded : (*whole)->types()) {
      auto type = std::make_shared<NodeType>(*loaded);
      type->host = host;
      const auto config = input.config.empty() ? plain_config(type->configuration_schema)
                                               : std::optional(input.config);
      if (!config) continue;
      input.at(fmt::format("`{}` without extensions (choice {})", type->name, hidden));
      auto subject = make_subject(type, *config);
      if (!subject) continue;
      const CallAnswer answer = (*subject)->call({});
      if (!answer.is_clean()) merge(all, type->name, judge_contract(answer));
    }
  }
  ErrorSink errors;
  if (entry->init != nullptr) {
    static_cast<void>(
        call_plugin(&errors, [&] { return entry->init(host_for("conformance"), &errors); }));
  }
  return all;
}

CaseOutcome case_unload(const CaseInput& input) {
  const CaseOutcome used = for_each_subject(input, [](Subject& subject) {
    static_cast<void>(subject.call({}));
    return CaseOutcome();
  });
  if (used.verdict == CaseVerdict::Failed) return used;
  if (!is_mapped(input.path)) return {};
  return warning(
      "it stays mapped after it was unloaded: every version that is replaced costs memory until "
      "the "
      "service restarts");
}

}  // namespace lineup
