// SPDX-License-Identifier: Apache-2.0
//
// The service's side: a node whose plugin runs in worker processes. What a plugin does there
// (crash, loop, leak) costs the call its deadline and the worker its life; the next call finds
// another worker, or the one that was started anew.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "node/instance.hpp"

namespace lineup {

struct IsolationOptions {
  std::filesystem::path program;                // lineup-worker
  std::uint32_t workers = 0;                    // 0: one per processor, at most one per session
  std::uint64_t memory_max_bytes = 1ULL << 30;  // of one worker; 0: no limit
  std::uint32_t start_timeout_ms = 10'000;      // to load the plugin and make the instance
  std::int64_t call_max_ns = 5'000'000'000;     // of a call without a deadline
  std::uint32_t backoff_ms = 10;                // before the first restart; doubles
  std::uint32_t backoff_max_ms = 5000;
};

// Starts the workers and makes an instance in each. `type` comes from the plugin's metadata alone:
// the service never loads its code; type->path is the staged copy. Constraints are refused: they
// are asked thousands of times a page. Codes: isolate/kind, isolate/worker (a worker could not be
// started, or ended), isolate/memory, and what the plugin or the binder said. [control]
[[nodiscard]] Result<std::shared_ptr<NodeInstance>> make_isolated(
    std::shared_ptr<const NodeType> type, const std::string& config, NodeLayout& layout,
    const IsolationOptions& options);

// Workers that ended and were started again, over the life of the process. [any]
[[nodiscard]] std::uint64_t worker_restarts();

}  // namespace lineup
