// SPDX-License-Identifier: Apache-2.0
//
// Requests as JSON: any line is a request or is refused with a reason.
#include "cli/request/request_json.hpp"
#include "fuzz.hpp"

using namespace lineup;

std::vector<std::string> fuzz::made_seeds() {
  return {
      R"({"id":"r1","scene":"home","candidates":[{"id":1,"score":0.5,"category":"a","tags":["x"]},)"
      R"({"id":2,"score":null,"is_new":true,"vector":[1,0.5]}]})",
      R"({"id":7,"scene":"home","user":"u","page":3,"seed":9,"time":"2026-01-01T00:00:00Z",)"
      R"("context":{"a":{"b":1}},"weights":{"w":1.5},"overrides":{"boost.add":0.1},)"
      R"("experiments":{"x":"b"},"history":{"id":["a"],"score":[1]},)"
      R"("candidates":{"id":["a","b"],"score":[1,2],"tags":[["x","y"],[]]}})"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static cli::RequestReader reader;
  static cli::RequestLine request;
  const std::string_view line = fuzz::text_of(data, size);
  const auto done = reader.read(line, request);
  if (!done) fuzz::require(!done.error().message.empty(), "a refusal has a reason");
  if (done) fuzz::require(request.page < (1ULL << 31), "a page is a number of slots");
  static_cast<void>(reader.read_id(line));
  return 0;
}
