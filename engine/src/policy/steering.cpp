// SPDX-License-Identifier: Apache-2.0
//
// What moves weights and live parameters besides people: the calendar, segments, experiments. Which
// names there are and what their bounds are is known when the plan is compiled.
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/zone.hpp"
#include "policy/parse.hpp"
#include "policy/scalars.hpp"

namespace lineup {

namespace {

void say(const Span& span, const char* code, std::string message, std::string hint,
         const std::string& name, Diagnostics& diagnostics) {
  diagnostics.error(span, code, std::move(message), std::move(hint)).arguments = {{"name", name}};
}

std::vector<PolicySetting> settings(const YamlNode* map, Diagnostics& diagnostics) {
  std::vector<PolicySetting> out;
  if (map == nullptr) return out;
  for (const YamlEntry& entry : map->entries) {
    if (!entry.value.is_number()) {
      say(entry.value.span, "policy/type",
          fmt::format("`{}` must be set to a number, found {}", entry.key,
                      describe(entry.value.kind)),
          {}, entry.key, diagnostics);
      continue;
    }
    out.push_back({entry.key, entry.value.number, entry.key_span, entry.value.span});
  }
  return out;
}

std::optional<std::int64_t> date(const PolicyFields& fields, const char* key,
                                 const TimeZone& zone) {
  const YamlNode* node = fields.find(key);
  if (node == nullptr) return std::nullopt;
  const auto time = zone.parse(node->text);
  return time ? std::optional(time->ms) : std::nullopt;
}

// `0..99`, or one bucket: `7`.
bool read_buckets(std::string_view text, std::uint32_t& first, std::uint32_t& last) {
  const auto number = [](std::string_view part, std::uint32_t& out) {
    const auto [end, fault] = std::from_chars(part.data(), part.data() + part.size(), out);
    return fault == std::errc() && end == part.data() + part.size();
  };
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) {
    if (!number(text, first)) return false;
    last = first;
  } else if (!number(text.substr(0, dots), first) || !number(text.substr(dots + 2), last)) {
    return false;
  }
  return first <= last && last < kBuckets;
}

std::optional<PolicyVariant> read_variant(const YamlEntry& entry, const PolicyKeyTable& table,
                                          Diagnostics& diagnostics) {
  const PolicyFields fields(entry.value, table, diagnostics);
  PolicyVariant variant;
  variant.name = entry.key;
  variant.span = entry.key_span;
  variant.set = settings(fields.find("set"), diagnostics);
  const YamlNode* buckets = fields.find("buckets");
  if (buckets == nullptr) return std::nullopt;
  variant.buckets_span = buckets->span;
  if (read_buckets(buckets->text, variant.first_bucket, variant.last_bucket)) return variant;
  say(buckets->span, "policy/buckets",
      fmt::format("`{}` names no buckets of 0 to {}", buckets->text, kBuckets - 1),
      "write '0..99', for example", entry.key, diagnostics);
  return std::nullopt;
}

// Whether the name is one, and what it names is a map; says so when not.
bool is_fine(const YamlEntry& entry, bool for_conditions, const char* what,
             Diagnostics& diagnostics) {
  if (for_conditions ? !is_identifier(entry.key) : !is_name(entry.key)) {
    say(entry.key_span, "policy/name", fmt::format("`{}` is no name of {}", entry.key, what),
        for_conditions ? "conditions read letters, digits and `_`, and no digit first"
                       : "names begin with a letter and go on with letters, digits, `_` or `-`",
        entry.key, diagnostics);
    return false;
  }
  if (entry.value.kind == Value::Kind::Map) return true;
  say(entry.value.span, "policy/type",
      fmt::format("{} must be a map, found {}", what, describe(entry.value.kind)), {}, entry.key,
      diagnostics);
  return false;
}

// Variants of one layer share no bucket, whichever experiment they are of.
void check_disjoint(const PolicyDocument& document, const PolicyExperiment& experiment,
                    const PolicyVariant& variant, Diagnostics& diagnostics) {
  const auto meets = [&](const PolicyExperiment& other) {
    for (const PolicyVariant& taken : other.variants) {
      if (taken.first_bucket > variant.last_bucket || variant.first_bucket > taken.last_bucket) {
        continue;
      }
      say(variant.buckets_span, "policy/buckets",
          fmt::format("variant `{}` of `{}` and variant `{}` of `{}` share buckets of layer `{}`",
                      variant.name, experiment.name, taken.name, other.name, experiment.layer),
          fmt::format("the other has {}..{}", taken.first_bucket, taken.last_bucket), variant.name,
          diagnostics);
      return true;
    }
    return false;
  };
  for (const PolicyExperiment& other : document.experiments) {
    if (other.layer == experiment.layer && meets(other)) return;
  }
  meets(experiment);
}

}  // namespace

void parse_steer(const YamlNode& list, PolicyDocument& out, Diagnostics& diagnostics) {
  const PolicyKeyTable& table = *policy_keys().find("steer")->table;
  for (const YamlNode& item : list.items) {
    if (item.kind != Value::Kind::Map) {
      say(item.span, "policy/type",
          fmt::format("an entry of `steer` must be a map, found {}", describe(item.kind)),
          "write {segment: NAME, set: {relevance: 0.5}}, for example", {}, diagnostics);
      continue;
    }
    const PolicyFields fields(item, table, diagnostics);
    PolicySteer steer;
    steer.segment = fields.text("segment");
    steer.segment_span = fields.span("segment");
    const YamlNode* zone = fields.find("zone");
    const TimeZone own = zone != nullptr ? *TimeZone::find(zone->text) : out.zone;
    steer.from_ms = date(fields, "from", own);
    steer.until_ms = date(fields, "until", own);
    if (steer.from_ms && steer.until_ms && *steer.until_ms <= *steer.from_ms) {
      say(fields.span("until"), "policy/dates", "`until` is not after `from`",
          "`until` is the first moment at which it no longer acts", "until", diagnostics);
    }
    if (steer.segment.empty() && !steer.from_ms && !steer.until_ms) {
      say(item.span, "policy/missing-key", "an entry of `steer` needs dates or a segment",
          "what always holds is the `default` of an objective or the `value` of a parameter", {},
          diagnostics);
    }
    steer.set = settings(fields.find("set"), diagnostics);
    out.steer.push_back(std::move(steer));
  }
}

void parse_load(const YamlNode& list, PolicyDocument& out, Diagnostics& diagnostics) {
  const PolicyKeyTable& table = *policy_keys().find("load")->table;
  for (const YamlNode& item : list.items) {
    if (item.kind != Value::Kind::Map) {
      say(item.span, "policy/type",
          fmt::format("a level of `load` must be a map, found {}", describe(item.kind)),
          "write {level: busy, from: 0.7, without: [climb]}, for example", {}, diagnostics);
      continue;
    }
    const PolicyFields fields(item, table, diagnostics);
    PolicyLoadLevel level;
    level.name = fields.text("level");
    level.from = fields.number("from", 0.0);
    level.span = fields.span("from");
    level.set = settings(fields.find("set"), diagnostics);
    if (const YamlNode* names = fields.find("without")) {
      if (names->kind == Value::Kind::Text) level.without.emplace_back(names->text, names->span);
      for (const YamlNode& name : names->items) level.without.emplace_back(name.text, name.span);
    }
    if (level.set.empty() && level.without.empty()) {
      say(item.span, "policy/missing-key",
          fmt::format("level `{}` of `load` goes without nothing", level.name),
          "say what it lowers with `set`, or which nodes it leaves out with `without`", level.name,
          diagnostics);
    }
    for (const PolicyLoadLevel& other : out.load) {
      if (other.name != level.name) continue;
      say(fields.span("level"), "policy/duplicate",
          fmt::format("there is a level `{}` of `load` already", level.name), {}, level.name,
          diagnostics);
    }
    if (!out.load.empty() && level.from <= out.load.back().from) {
      say(level.span, "policy/range",
          fmt::format("level `{}` begins at {}, no later than level `{}` before it", level.name,
                      level.from, out.load.back().name),
          "levels rise; each adds to those before it", level.name, diagnostics);
    }
    out.load.push_back(std::move(level));
  }
}

void parse_experiments(const YamlNode& map, PolicyDocument& out, Diagnostics& diagnostics) {
  const PolicyKeyTable& table = *policy_keys().find("experiments")->table;
  for (const YamlEntry& entry : map.entries) {
    if (!is_fine(entry, true, "an experiment", diagnostics)) continue;
    const PolicyFields fields(entry.value, table, diagnostics);
    PolicyExperiment experiment;
    experiment.name = entry.key;
    experiment.span = entry.key_span;
    experiment.layer = fields.text("layer");
    const YamlNode* variants = fields.find("variants");
    if (variants == nullptr) continue;
    for (const YamlEntry& each : variants->entries) {
      if (!is_fine(each, false, "a variant", diagnostics)) continue;
      auto variant = read_variant(each, *table.find("variants")->table, diagnostics);
      if (!variant) continue;
      check_disjoint(out, experiment, *variant, diagnostics);
      experiment.variants.push_back(*std::move(variant));
    }
    out.experiments.push_back(std::move(experiment));
  }
}

void parse_holdout(const YamlNode& map, PolicyDocument& out, Diagnostics& diagnostics) {
  const PolicyFields fields(map, *policy_keys().find("holdout")->table, diagnostics);
  out.holdout_salt = fields.text("salt");
  out.holdout_percent = fields.number("percent", 0.0);
}

}  // namespace lineup
