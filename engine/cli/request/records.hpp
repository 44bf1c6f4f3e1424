// SPDX-License-Identifier: Apache-2.0
//
// Whole records of requests, one JSON line each: what `run --record` writes and `replay` reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace lineup::cli {

struct Record {
  std::string id;
  std::string revision;
  std::int64_t now_ms = 0;  // the clock the request saw when it brought none
  std::string request;      // the line as it was read
  std::string response;     // the line as it was answered
};

// One line. The request and the response stand in it as texts, byte for byte.
[[nodiscard]] std::string record_json(const Record& record);

// Errors: record/json, record/value.
[[nodiscard]] Result<Record> read_record(std::string_view line);

}  // namespace lineup::cli
