// SPDX-License-Identifier: Apache-2.0
//
// The flat form of lineup/packed.h: written for records, read from anybody. What is read is trusted
// in nothing: every offset is checked before it is used.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/arena.hpp"
#include "base/result.hpp"
#include "facade/symbols.hpp"
#include "lineup/engine.h"
#include "lineup/packed.h"

namespace lineup {

// The bytes of a column's values as stored (TEXT: the text bytes). [request]
[[nodiscard]] std::span<const std::byte> stored_values(const lineup_column& column,
                                                       std::uint32_t row_count);

// Writes `input` to `out`, whose memory is reused; the request's clock is `now_ms`, so that playing
// it again meets the same time. [request]
void pack_request(const lineup_input& input, const Symbols& symbols, std::string_view scene,
                  std::string_view user, std::int64_t now_ms, std::vector<std::byte>& out);

// `candidate_count` rows came with the request; what the slate says beyond them is of pools.
void pack_response(const lineup_result& result, std::uint32_t candidate_count,
                   std::string_view request_id, std::vector<std::byte>& out);

// Reads a request. The input points into `bytes` and `arena`; names are interned. Codes:
// packed/magic, packed/version, packed/size, packed/bounds, packed/type. [request]
[[nodiscard]] Result<lineup_input> unpack_request(std::span<const std::byte> bytes,
                                                  Symbols& symbols, Arena& arena);

}  // namespace lineup
