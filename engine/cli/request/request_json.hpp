// SPDX-License-Identifier: Apache-2.0
//
// One line of JSON becomes one request: scalars, context paths, settings, and owned rows whose
// column types follow from their values. What the names mean to a policy is the engine's business.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "lineup/engine.h"
#include "table/owned_rows.hpp"

namespace lineup::cli {

// A value of the context. Nested objects become paths: {"trigger":{"category":"x"}} is
// `trigger.category`.
struct ContextValue {
  std::string path;
  lineup_kind_of_value kind = LINEUP_VALUE_MISSING;
  std::int64_t integer = 0;
  double number = 0.0;
  std::string text;
};

// A request as it was written. Reused from line to line: memory is kept.
struct RequestLine {
  std::string id;       // as text; names the request in records
  bool has_id = false;  // without one the id is echoed as null
  bool id_is_number = false;
  std::string scene;
  std::string user;
  std::string revision;
  std::uint32_t page = 0;  // 0: the policy's
  std::uint64_t seed = 0;  // not given: a hash of the id
  std::int64_t now_ms = LINEUP_NO_TIME;
  std::int64_t deadline_ms = 0;  // 0: the policy's
  bool explain = false;
  std::vector<ContextValue> context;
  std::vector<std::pair<std::string, double>> weights;
  std::vector<std::pair<std::string, double>> overrides;
  std::vector<std::pair<std::string, std::string>> experiments;
  OwnedRows candidates;
  OwnedRows history;
  std::vector<std::string> warnings;  // keys that nothing reads

  void reset();
};

// Reads lines. One per thread: it keeps the parser's memory.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  RequestReader(const RequestReader&) = delete;
  RequestReader& operator=(const RequestReader&) = delete;

  // Errors: request/json when the line is no JSON object, otherwise request/... or table/..., which
  // name the key. When the id could be read, it is set even then.
  [[nodiscard]] Result<void> read(std::string_view line, RequestLine& request);
  // Only the id, "" when there is none: enough to find a request in a file.
  [[nodiscard]] Result<std::string> read_id(std::string_view line);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace lineup::cli
