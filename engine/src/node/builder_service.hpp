// SPDX-License-Identifier: Apache-2.0
//
// The slate builder as plugins see it: lineup/ext/builder.h over constraint/builder.hpp.
#pragma once

#include <cstdint>

#include "constraint/builder.hpp"
#include "lineup/ext/builder.h"
#include "lineup/ext/search.h"
#include "lineup/ext/slates.h"
#include "node/frame.hpp"
#include "node/slate_set.hpp"

namespace lineup {

// The table; lives as long as the process.
[[nodiscard]] const lineup_host_builder& builder_service();
// search_service.cpp: what generators may ask beside it, on the same handles.
[[nodiscard]] const lineup_host_search& search_service();
[[nodiscard]] const lineup_host_slates& slates_service();

// One generate() call: its builders, and what they emitted. While it lives, handles of this call
// are valid on this thread. On the stack; calls of one thread may nest.
class BuilderCall {
 public:
  // Throws std::bad_alloc when there is no memory.
  BuilderCall(CallFrame& frame, const NodeRequest& request, const Problem& problem, SlateSet& out);
  ~BuilderCall();
  BuilderCall(const BuilderCall&) = delete;
  BuilderCall& operator=(const BuilderCall&) = delete;

  // The handle of the first, empty builder.
  [[nodiscard]] lineup_builder* root() const { return handle(0); }
  // Slates emitted, duplicates included.
  [[nodiscard]] std::uint32_t emitted() const { return emitted_; }
  // The use whose opaque constraint broke, or -1.
  [[nodiscard]] std::int32_t broken_use() const;

 private:
  friend const lineup_host_builder& builder_service();
  friend const lineup_host_search& search_service();
  friend const lineup_host_slates& slates_service();
  // A builder, and what the solver had to do with its page.
  struct Fork {
    Builder* builder = nullptr;
    std::uint32_t solved_from = kUnlimited;  // slots from here on were the solver's
    Search search = Search::Complete;
    std::uint64_t work = 0;
    std::span<const std::uint32_t> unplaced{};  // the solver's rows after those that are placed
  };
  struct Service;        // the functions of the table
  struct SearchService;  // those of search_service() and slates_service()

  [[nodiscard]] lineup_builder* handle(std::uint32_t fork) const;
  [[nodiscard]] static Fork* resolve(lineup_builder* handle, BuilderCall*& call);
  [[nodiscard]] std::span<const double> utility(const double* given, lineup_status& status) const;
  [[nodiscard]] SolveOptions options() const;  // as the policy has them
  [[nodiscard]] Solution search(const Fork& fork, std::span<const double> utility,
                                const SolveOptions& options);
  lineup_status complete(Fork& fork, std::span<const double> utility, const SolveOptions& options,
                         Solution& solution);
  bool settle(Fork& fork);
  lineup_status emit(Fork& fork, std::span<const double> utility);
  lineup_status add_fork(const Fork& fork, lineup_builder** out);

  CallFrame& frame_;
  const NodeRequest& request_;
  const Problem& problem_;
  SlateSet& out_;
  Builder root_;
  std::span<Fork> forks_;  // [kForksMax]
  std::uint32_t fork_count_ = 0;
  std::uint32_t emitted_ = 0;
  std::int32_t broken_use_ = -1;  // met by the solver
  std::span<Word> seen_{};        // of pages to be valued: all zero between calls
  std::uint64_t generation_;      // never used before in this process
  BuilderCall* outer_;            // the call of this thread that this one interrupts
};

}  // namespace lineup
