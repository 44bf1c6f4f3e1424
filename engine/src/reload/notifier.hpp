// SPDX-License-Identifier: Apache-2.0
//
// Events of directories: inotify, or a test's own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace lineup {

struct DirectoryEvent {
  int watch = -1;          // what add() returned; -1 with `overflow`
  std::string name;        // in that directory; empty: the directory itself
  bool directory = false;  // the name is one
  bool created = false;    // it is there, but maybe still being written
  bool gone = false;       // the watched directory was removed or moved: the watch is dead
  bool overflow = false;   // events were lost: anything may have changed
};

class Notifier {
 public:
  virtual ~Notifier() = default;
  // Readable when read() has something; poll on it.
  [[nodiscard]] virtual int descriptor() const = 0;
  // Watches a directory. A directory that is watched already keeps its number.
  [[nodiscard]] virtual Result<int> add(const std::string& directory) = 0;
  virtual void remove(int watch) = 0;
  // What happened since; does not wait.
  [[nodiscard]] virtual std::vector<DirectoryEvent> read() = 0;
};

// Error `reload/no-inotify` when the system has no more instances to give.
[[nodiscard]] Result<std::unique_ptr<Notifier>> open_inotify();

}  // namespace lineup
