// SPDX-License-Identifier: Apache-2.0
//
// Which directories have to be watched to see every change of a bundle, and which names in them
// matter. Inside this folder only.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "reload/bundle.hpp"

namespace lineup {

// What counts in one directory.
struct WatchInterest {
  bool every_name = false;  // except passing ones
  std::set<std::string, std::less<>> names;

  [[nodiscard]] bool covers(std::string_view name) const;
};

// By the directory's real path.
using WatchMap = std::map<std::string, WatchInterest>;

// The directories of the bundle and the libraries, the directory that holds each symbolic link on
// the way to them or to one of their files, and, where something is missing, the nearest directory
// in which it can appear. Looks at the real disk.
[[nodiscard]] WatchMap map_watches(const BundleSources& sources);

}  // namespace lineup
