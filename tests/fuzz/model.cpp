// SPDX-License-Identifier: Apache-2.0
//
// Files of models/: the input is one, and stands for a parameter of a node. What is read must come
// out of the configuration as it went in.
#include "base/diagnostic.hpp"
#include "fuzz.hpp"
#include "plan/compile.hpp"
#include "policy/models.hpp"

using namespace lineup;

std::vector<std::string> fuzz::made_seeds() {
  return {R"([{"channel":"video","inputs":[0,0.5,1],"outputs":[0,2e-1,0.9]}])",
          R"({"a":[true,null,-3,18446744073709551615,"\u00e4"],"b":{"c":[[[]]],"d":{}}})", "3"};
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  Diagnostics diagnostics;
  Value model;
  const bool is_read = parse_model("m.json", text, model, diagnostics);
  fuzz::require(is_read != diagnostics.has_errors(), "what is refused has a reason");
  if (!is_read) return 0;

  PolicyDocument policy;
  PolicyNode& node = policy.nodes.emplace_back();
  Value name;
  name.kind = Value::Kind::Text;
  name.text = "m";
  Value use;
  use.kind = Value::Kind::Map;
  use.entries.emplace_back("model", name);
  node.with.kind = Value::Kind::Map;
  node.with.entries.emplace_back("table", use);
  std::set<std::string, std::less<>> used;
  place_models(policy, {{"m", model}}, used, diagnostics);
  fuzz::require(used.contains("m") && !diagnostics.has_errors(), "a model that is there is placed");

  const std::string config = to_json(node.with);
  constexpr std::string_view kBefore = R"({"table":)";
  Value again;
  const std::string_view placed =
      std::string_view(config).substr(kBefore.size(), config.size() - kBefore.size() - 1);
  fuzz::require(parse_model("m.json", placed, again, diagnostics), "what is placed can be read");
  PolicyDocument second;
  second.nodes.emplace_back().with = node.with;
  second.nodes.back().with.entries[0].value = again;
  fuzz::require(to_json(second.nodes.back().with) == config, "nothing is lost on the way");
  return 0;
}
