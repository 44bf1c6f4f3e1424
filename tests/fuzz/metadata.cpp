// SPDX-License-Identifier: Apache-2.0
//
// What a plugin says of itself, and configurations: the input is JSON of metadata, or, cut at its
// first zero byte, a schema and a configuration.
#include "native/metadata.hpp"

#include "fuzz.hpp"

using namespace lineup;

std::vector<std::string> fuzz::made_seeds() {
  return {
      R"({"name":"mmr","version":"1.0.0","about":"x","types":[{"name":"mmr","kind":"generator",)"
      R"("threads":"reentrant","columns":["score"],"configuration":{"type":"object",)"
      R"("properties":{"theta":{"type":"number","minimum":0,"maximum":1,"default":0.5}}}}]})",
      std::string(
          R"({"type":"object","properties":{"a":{"type":"integer","minimum":1},"b":)"
          R"({"type":"array","items":{"enum":["x","y"]},"maxItems":3}},"required":["a"]})") +
          '\0' + R"({"a":3,"b":["x"]})"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const auto metadata = parse_metadata(text);
  if (!metadata) fuzz::require(!metadata.error().message.empty(), "a refusal has a reason");
  const std::size_t cut = text.find('\0');
  if (cut == std::string_view::npos) return 0;
  const auto config = complete_config(text.substr(0, cut), text.substr(cut + 1));
  if (!config) {
    fuzz::require(!config.error().message.empty(), "a refusal has a reason");
    return 0;
  }
  const auto again = complete_config(text.substr(0, cut), *config);
  fuzz::require(again && *again == *config, "a complete configuration is complete");
  return 0;
}
