// SPDX-License-Identifier: Apache-2.0
//
// Reads until the line is found: a file may be large, and may be a pipe.
#include "cli/request/find_request.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/diagnostic.hpp"
#include "cli/request/lines.hpp"
#include "cli/request/request_json.hpp"

namespace lineup::cli {

namespace {

// LIMIT: ids remembered for suggesting the nearest.
constexpr std::size_t kSuggestedMax = 10'000;

}  // namespace

Result<FoundLine> find_request(const std::string& path, const std::string& id) {
  auto reader = LineReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  RequestReader requests;
  std::vector<std::string> ids;
  FoundLine found;
  for (;;) {
    const auto next = reader->next(found.line);
    if (next == LineReader::Next::Failed) return failure("io/read", reader->fault());
    if (next == LineReader::Next::End) break;
    ++found.number;
    if (next == LineReader::Next::TooLong) continue;
    const auto read = requests.read_id(found.line);
    if (id.empty() || (read && *read == id)) return found;
    if (read && ids.size() < kSuggestedMax) ids.push_back(*read);
  }
  if (id.empty()) return failure("request/not-found", fmt::format("`{}` holds no request", path));
  const std::string near = nearest(id, ids);
  return failure(
      "request/not-found",
      near.empty() ? fmt::format("`{}` holds no request `{}`", path, id)
                   : fmt::format("`{}` holds no request `{}`; did you mean `{}`?", path, id, near));
}

}  // namespace lineup::cli
