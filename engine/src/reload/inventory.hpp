// SPDX-License-Identifier: Apache-2.0
//
// Which files a bundle consists of right now, without reading them. Inside this folder only.
#pragma once

#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "base/result.hpp"
#include "reload/bundle.hpp"

namespace lineup {

struct InventoryFile {
  std::string path;
  std::string origin;
  bool library = false;
  FileStamp stamp;
  const OverlayFile* overlay = nullptr;  // held in memory; borrowed from the sources
};

struct Inventory {
  std::vector<InventoryFile> files;  // by path, each path once
  Diagnostics warnings;
};

[[nodiscard]] Result<Inventory> take_inventory(const BundleSources& sources, FileSource& files);

}  // namespace lineup
