// SPDX-License-Identifier: Apache-2.0
//
// One record per content that is mapped, with a count of its users; a Mapping is one use. Loading
// and unloading happen under one lock, so that deinit() of the last user and init() of the next one
// never meet. The types hold the Mapping; the instances hold the types; so the code goes last.
//
// A library that did not prove in the probe that it unloads is never closed: code that stays mapped
// while its handle is gone has killed many a host. It is retired, counted, and used again when the
// same content comes back.
#include "native/library.hpp"

#define BOOST_DLL_USE_STD_FS
#include <dlfcn.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include "base/hash.hpp"
#include "lineup/ext/config.h"
#include "native/config_service.hpp"
#include "native/file.hpp"
#include "native/inspect.hpp"
#include "node/host.hpp"
#include "node/plugin_text.hpp"

namespace lineup {

namespace {

// One content that is mapped, or one table in memory.
struct Record {
  std::optional<boost::dll::shared_library> code;  // nothing for a table in memory
  const lineup_plugin* entry = nullptr;
  std::string path;
  std::string name;
  std::string version;
  bool unloads = true;
  bool is_retired = false;  // mapped, and nobody uses it
  std::uint32_t users = 0;
};

struct Records {
  std::mutex mutex;
  std::map<std::string, Record> by_key;  // by content hash
  Library::Counters counters;
};

// Never destroyed: libraries that are still mapped when the process ends stay so.
Records& records() {
  static auto* instance = new Records;
  return *instance;
}

// What dlerror() said, out of Boost's sentence around it, and without our own path.
std::string loader_message(const std::exception& error, const std::string& path) {
  const std::string head = "dlerror system message: ";
  std::string text = error.what();
  if (const auto at = text.find(head); at != std::string::npos) {
    text.erase(0, at + head.size());
    text.erase(std::min(text.rfind("): "), text.size()));
  }
  const std::string noise = path + ": ";
  if (const auto at = text.find(noise); at != std::string::npos) text.erase(at, noise.size());
  return text;
}

void call_deinit(const lineup_plugin* entry) {
  if (entry->deinit == nullptr) return;
  ErrorSink unheard;
  static_cast<void>(call_plugin(&unheard, [&] {
    entry->deinit();
    return LINEUP_OK;
  }));
}

using Known = std::map<std::string, Record>::iterator;

// Ends the code of a record without users. Counts it as retired when it stays mapped.
void close_code(Records& all, Known record) {
  Record& closing = record->second;
  if (closing.is_retired) return;
  if (closing.code && closing.unloads) {
    closing.code.reset();
    // RTLD_NOLOAD finds what is mapped and loads nothing: the proof, each time anew.
    if (void* still = ::dlopen(closing.path.c_str(), RTLD_NOW | RTLD_NOLOAD); still != nullptr) {
      ::dlclose(still);
      closing.unloads = false;
    }
  }
  if (closing.unloads) {
    all.by_key.erase(record);
  } else {
    closing.is_retired = true;
    ++all.counters.retired;
  }
}

// What the engine found of a plugin, types without their Mapping.
struct Offer {
  std::string key;
  Metadata metadata;
  std::vector<NodeType> types;
};

Result<void> check_entry(const lineup_plugin* entry) {
  if (entry->magic != LINEUP_PLUGIN_MAGIC) {
    return failure("native/not-a-plugin", "its `lineup_entry` is no lineup_plugin: wrong magic");
  }
  if (auto fits = check_abi(entry->abi_major, entry->required_minor); !fits) return fits;
  if (!LINEUP_HAS(lineup_plugin, entry, type_at) || entry->type_at == nullptr ||
      entry->metadata_json == nullptr || entry->version == nullptr) {
    return failure("native/table", "its `lineup_entry` is incomplete");
  }
  return {};
}

Result<void> call_init(const lineup_plugin* entry, const Metadata& metadata) {
  if (entry->init == nullptr) return {};
  ErrorSink errors;
  const lineup_status status =
      call_plugin(&errors, [&] { return entry->init(host_for(metadata.name), &errors); });
  if (status == LINEUP_OK) return {};
  return failure("native/init", "`" + metadata.name + "`: init: " + errors.text(status));
}

// The plugin's table for a type of the metadata, or null.
const lineup_node_type* find_table(const lineup_plugin* entry, const TypeFacts& facts) {
  // LIMIT: a plugin whose type_at() never ends is in a loop.
  constexpr std::uint32_t kTablesMax = 256;
  for (std::uint32_t i = 0; i < kTablesMax; ++i) {
    const lineup_node_type* table = nullptr;
    ErrorSink unheard;
    static_cast<void>(call_plugin(&unheard, [&] {
      table = entry->type_at(i);
      return LINEUP_OK;
    }));
    if (table == nullptr) return nullptr;
    const bool is_whole = LINEUP_HAS(lineup_node_type, table, extension) &&
                          table->name != nullptr && table->id != nullptr &&
                          table->create != nullptr && table->destroy != nullptr &&
                          table->extension != nullptr;
    if (is_whole && table->kind == facts.kind && table->name == facts.name) return table;
  }
  return nullptr;
}

Result<void> find_types(const lineup_plugin* entry, const StagedFile& file, Offer& offer) {
  for (const TypeFacts& facts : offer.metadata.types) {
    const lineup_node_type* table = find_table(entry, facts);
    if (table == nullptr) {
      return failure("native/table", "the metadata names the " + std::string(name_of(facts.kind)) +
                                         " `" + facts.name +
                                         "`, but type_at() has no complete table for it");
    }
    NodeType type;
    type.kind = facts.kind;
    type.name = facts.name;
    type.id = table->id;
    type.about = facts.about;
    type.configuration_schema = facts.configuration_schema;
    type.metadata_json = offer.metadata.json;
    type.content_hash = file.content_hash;
    type.path = file.source.string();
    type.threads = facts.threads;
    type.deterministic = facts.deterministic;
    type.table = table;
    type.host = host_for(offer.metadata.name);
    offer.types.push_back(std::move(type));
  }
  return {};
}

// Checks and initialises what is mapped. On failure nothing is left to end.
Result<Offer> make_offer(const Record& record, const StagedFile& file) {
  if (auto checked = check_entry(record.entry); !checked) return tl::unexpected(checked.error());
  auto metadata = parse_metadata(record.entry->metadata_json);
  if (!metadata) return tl::unexpected(metadata.error());
  Offer offer;
  offer.metadata = std::move(*metadata);
  if (record.users == 0) {
    offer_host_extension(LINEUP_HOST_CONFIG, config_service());
    if (auto ready = call_init(record.entry, offer.metadata); !ready) {
      return tl::unexpected(ready.error());
    }
  }
  if (auto found = find_types(record.entry, file, offer); !found) {
    if (record.users == 0) call_deinit(record.entry);
    return tl::unexpected(found.error());
  }
  return offer;
}

// Takes one use of a record. REQUIRES: the lock of the records.
Result<Offer> acquire(Records& all, Known known, const StagedFile& file) {
  Record& record = known->second;
  auto offer = make_offer(record, file);
  if (!offer) {
    if (record.users == 0) close_code(all, known);
    return offer;
  }
  if (record.users == 0 && record.code) ++all.counters.loaded;
  if (record.is_retired) --all.counters.retired;
  record.is_retired = false;
  record.name = offer->metadata.name;
  record.version = offer->metadata.version;
  ++record.users;
  offer->key = known->first;
  return offer;
}

// The staged file may have been touched since it was staged.
Result<void> check_file(const StagedFile& file) {
  const auto bytes = read_file(file.path, kLibraryMaxBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  if (content_hash(*bytes) != file.content_hash) {
    return failure("native/changing", "`" + file.path.string() + "` is not what was staged");
  }
  const auto facts = inspect(std::as_bytes(std::span(bytes->data(), bytes->size())));
  if (!facts) return tl::unexpected(facts.error());
  return {};
}

Result<Record> open_code(const StagedFile& file, const Verdict& verdict) {
  Record record;
  record.path = file.path.string();
  record.unloads = verdict.unloads;
  try {
    namespace load_mode = boost::dll::load_mode;
    record.code.emplace(file.path, load_mode::rtld_now | load_mode::rtld_local);
    record.entry = &record.code->get<const lineup_plugin>("lineup_entry");
    return record;
  } catch (const std::exception& error) {
    return failure("native/load", "it cannot be loaded: " + loader_message(error, record.path));
  }
}

Result<Offer> acquire_file(const StagedFile& file, const Verdict& verdict) {
  Records& all = records();
  const std::lock_guard lock(all.mutex);
  auto known = all.by_key.find(file.content_hash);
  if (known == all.by_key.end()) {
    if (!verdict.unloads && all.counters.retired >= kRetiredMax) {
      return failure("native/retired", std::to_string(kRetiredMax) +
                                           " libraries that cannot be unloaded are still in "
                                           "memory: restart the process to load more of them");
    }
    if (auto checked = check_file(file); !checked) return tl::unexpected(checked.error());
    auto record = open_code(file, verdict);
    if (!record) return tl::unexpected(record.error());
    known = all.by_key.emplace(file.content_hash, std::move(*record)).first;
  }
  return acquire(all, known, file);
}

Result<Offer> acquire_table(const lineup_plugin* table) {
  Records& all = records();
  const std::lock_guard lock(all.mutex);
  const std::string key = "table " + std::to_string(reinterpret_cast<std::uintptr_t>(table));
  const auto known = all.by_key.emplace(key, Record()).first;
  known->second.entry = table;
  return acquire(all, known, {});
}

// One use of a record: what types keep alive.
struct Mapping {
  explicit Mapping(std::string record_key) : key(std::move(record_key)) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    Records& all = records();
    const std::lock_guard lock(all.mutex);
    const auto record = all.by_key.find(key);
    if (--record->second.users > 0) return;
    if (record->second.code) --all.counters.loaded;
    call_deinit(record->second.entry);
    close_code(all, record);
  }
  std::string key;
};

}  // namespace

Library::Library(Metadata metadata, std::string content_hash, std::vector<NodeType> types,
                 const std::shared_ptr<const void>& mapping)
    : metadata_(std::move(metadata)), content_hash_(std::move(content_hash)) {
  for (NodeType& type : types) {
    type.library = mapping;
    types_.push_back(std::make_shared<const NodeType>(std::move(type)));
  }
}

Result<std::shared_ptr<const Library>> Library::load(const StagedFile& file,
                                                     const Verdict& verdict) {
  auto offer = acquire_file(file, verdict);
  if (!offer) return tl::unexpected(offer.error());
  auto mapping = std::make_shared<const Mapping>(std::move(offer->key));
  return std::make_shared<const Library>(
      Library(std::move(offer->metadata), file.content_hash, std::move(offer->types), mapping));
}

Result<std::shared_ptr<const Library>> Library::from_table(const lineup_plugin* table) {
  auto offer = acquire_table(table);
  if (!offer) return tl::unexpected(offer.error());
  auto mapping = std::make_shared<const Mapping>(std::move(offer->key));
  return std::make_shared<const Library>(
      Library(std::move(offer->metadata), "", std::move(offer->types), mapping));
}

Result<std::shared_ptr<const Library>> Library::open(const std::filesystem::path& source,
                                                     const StagingDirectory& staging,
                                                     const ProbeOptions& options) {
  const auto staged = staging.stage(source);
  if (!staged) return tl::unexpected(staged.error());
  const auto with_path = [&source](Error error) {
    return tl::unexpected(
        Error{std::move(error.code), "`" + source.string() + "`: " + std::move(error.message)});
  };
  // Before the helper: what is no plugin at all is told apart without running anything.
  if (const auto facts = inspect(staged->path); !facts) return with_path(facts.error());
  const auto verdict = probe(*staged, options);
  if (!verdict) return with_path(verdict.error());
  auto library = load(*staged, *verdict);
  if (!library) return with_path(library.error());
  return library;
}

std::vector<Library::Version> Library::versions() {
  Records& all = records();
  std::vector<Version> out;
  {
    const std::lock_guard lock(all.mutex);
    for (const auto& [key, record] : all.by_key) {
      if (!record.code) continue;
      out.push_back({record.name, record.version, key, record.path, record.is_retired});
    }
  }
  std::sort(out.begin(), out.end(), [](const Version& a, const Version& b) {
    return std::tie(a.name, a.content_hash) < std::tie(b.name, b.content_hash);
  });
  return out;
}

Library::Counters Library::counters() {
  Records& all = records();
  const std::lock_guard lock(all.mutex);
  return all.counters;
}

}  // namespace lineup
