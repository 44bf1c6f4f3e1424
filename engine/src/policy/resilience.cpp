// SPDX-License-Identifier: Apache-2.0
//
// What a policy says of things that fail: breakers, and switches that take rules, nodes and plugins
// out by name. Whether a name is one that the policy uses is said when the plan is made.
#include "policy/parse.hpp"

namespace lineup {

namespace {

struct SwitchKey {
  const char* key;
  PolicySwitch::Kind kind;
};

constexpr SwitchKey kSwitches[] = {
    {"rules", PolicySwitch::Kind::Rule},
    {"nodes", PolicySwitch::Kind::Node},
    {"plugins", PolicySwitch::Kind::Plugin},
    {"controllers", PolicySwitch::Kind::Controller},
};

}  // namespace

PolicyBreaker parse_breaker(const PolicyFields& owner, Diagnostics& diagnostics) {
  PolicyBreaker out;
  const YamlNode* node = owner.find("breaker");
  if (node == nullptr) return out;
  const auto& keys = *policy_keys().find("rules")->table->find("breaker")->table;
  const PolicyFields fields(*node, keys, diagnostics);
  out.failures = static_cast<std::uint32_t>(fields.number("failures", out.failures));
  out.window_ms = fields.number("window_ms", out.window_ms);
  out.cooldown_ms = fields.number("cooldown_ms", out.cooldown_ms);
  return out;
}

void parse_switches(const YamlNode& node, PolicyDocument& out, Diagnostics& diagnostics) {
  const PolicyFields fields(node, *policy_keys().find("switches")->table, diagnostics);
  for (const SwitchKey& entry : kSwitches) {
    const YamlNode* names = fields.find(entry.key);
    if (names == nullptr) continue;
    if (names->kind == Value::Kind::Text) {
      out.switches.push_back({entry.kind, names->text, names->span});
    }
    for (const YamlNode& name : names->items) {
      out.switches.push_back({entry.kind, name.text, name.span});
    }
  }
}

}  // namespace lineup
