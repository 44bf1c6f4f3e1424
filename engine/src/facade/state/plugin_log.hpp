// SPDX-License-Identifier: Apache-2.0
//
// What plugins say reaches the logs of the engines that are open. A plugin belongs to the process,
// not to one engine, so each open engine hears all of them.
#pragma once

#include "base/log.hpp"

namespace lineup {

class PluginLog {
 public:
  // Lines go to `log` until this is destroyed; `log` must outlive it. [control]
  explicit PluginLog(Log& log);
  ~PluginLog();
  PluginLog(const PluginLog&) = delete;
  PluginLog& operator=(const PluginLog&) = delete;

 private:
  Log& log_;
};

}  // namespace lineup
