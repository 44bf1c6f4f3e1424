// SPDX-License-Identifier: Apache-2.0
//
// A shared library becomes node types. The code stays loaded as long as any of its types or
// instances lives; then it is unmapped, or retired if it cannot be unmapped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "lineup/plugin.h"
#include "native/metadata.hpp"
#include "native/probe.hpp"
#include "native/stage.hpp"
#include "node/node_type.hpp"

namespace lineup {

// LIMIT: libraries that stay mapped although nobody uses them. Each costs 20 - 160 KB and five
// mappings of the 65 530 a process may have.
inline constexpr std::uint32_t kRetiredMax = 64;

class Library {
 public:
  // Loads a staged file that was probed; a content that is loaded already is shared. Codes:
  // native/load (the dynamic loader's words), native/not-a-plugin, native/abi, native/metadata,
  // native/table (a table is incomplete), native/init, native/retired (too many that cannot be
  // unloaded). [control, any thread]
  static Result<std::shared_ptr<const Library>> load(const StagedFile& file,
                                                     const Verdict& verdict);
  // A plugin that is part of this program; must outlive all its types. The same codes. [control]
  static Result<std::shared_ptr<const Library>> from_table(const lineup_plugin* table);
  // Stage, inspect, probe, load. [control, any thread]
  static Result<std::shared_ptr<const Library>> open(const std::filesystem::path& source,
                                                     const StagingDirectory& staging,
                                                     const ProbeOptions& options);

  [[nodiscard]] const Metadata& metadata() const { return metadata_; }
  [[nodiscard]] const std::string& content_hash() const { return content_hash_; }
  [[nodiscard]] const std::vector<std::shared_ptr<const NodeType>>& types() const { return types_; }

  struct Counters {
    std::uint32_t loaded = 0;   // mapped and in use
    std::uint32_t retired = 0;  // mapped, unused, cannot be unloaded
  };
  [[nodiscard]] static Counters counters();  // [any]

  // One content that is mapped.
  struct Version {
    std::string name;     // of the plugin
    std::string version;  // as the plugin says
    std::string content_hash;
    std::string path;  // of the staged copy: what the address space says it is
    bool is_retired = false;
  };
  [[nodiscard]] static std::vector<Version> versions();  // by name and content [control]

 private:
  Library(Metadata metadata, std::string content_hash, std::vector<NodeType> types,
          const std::shared_ptr<const void>& mapping);

  Metadata metadata_;
  std::string content_hash_;
  std::vector<std::shared_ptr<const NodeType>> types_;
};

}  // namespace lineup
