// SPDX-License-Identifier: Apache-2.0
//
// Values are made top down along the schema's words and then checked by the same complete_config()
// that checks what a policy writes, so that nothing is called valid here that is not.
#include "conformance/configs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "native/metadata.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

// LIMIT: nesting that is followed; a schema that refers to itself has no end.
constexpr int kDepthMax = 6;
// LIMIT: tries for one random configuration.
constexpr int kTriesMax = 20;

const Json& member(const Json& object, const char* name) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

std::string type_of(const Json& schema) {
  const Json& type = member(schema, "type");
  if (type.is_string()) return type.get<std::string>();
  if (type.is_array() && !type.empty() && type[0].is_string()) return type[0].get<std::string>();
  if (member(schema, "properties").is_object()) return "object";
  return {};
}

double bound(const Json& schema, const char* word, double otherwise) {
  const Json& value = member(schema, word);
  return value.is_number() ? value.get<double>() : otherwise;
}

// Makes values; without a source of chance the least that fits.
class Maker {
 public:
  explicit Maker(Random* random) : random_(random) {}

  Json make(const Json& schema, int depth) {
    const Json& fixed = member(schema, "const");
    if (!fixed.is_null()) return fixed;
    const Json& given = member(schema, "default");
    if (!given.is_null() && (random_ == nullptr || random_->one_in(3))) return given;
    const Json& choices = member(schema, "enum");
    if (choices.is_array() && !choices.empty()) {
      return choices[random_ == nullptr
                         ? 0
                         : random_->below(static_cast<std::uint32_t>(choices.size()))];
    }
    const std::string type = type_of(schema);
    if (type == "object") return object(schema, depth);
    if (type == "array") return array(schema, depth);
    if (type == "boolean") return random_ != nullptr && random_->one_in(2);
    if (type == "integer") return static_cast<std::int64_t>(number(schema, true));
    if (type == "number") return number(schema, false);
    if (type == "string") return text(schema);
    return nullptr;
  }

 private:
  double number(const Json& schema, bool whole) {
    const double step = whole ? 1.0 : 1e-6;
    double least = bound(schema, "minimum", -1e6);
    double most = bound(schema, "maximum", 1e6);
    if (member(schema, "exclusiveMinimum").is_number()) {
      least = std::max(least, bound(schema, "exclusiveMinimum", least) + step);
    }
    if (member(schema, "exclusiveMaximum").is_number()) {
      most = std::min(most, bound(schema, "exclusiveMaximum", most) - step);
    }
    if (member(schema, "minimum").is_null() && least < 0.0 && random_ == nullptr) least = 0.0;
    if (whole) {
      least = std::ceil(least);
      most = std::floor(most);
    }
    if (random_ == nullptr || most <= least) return least;
    // Ends are where faults live.
    if (random_->one_in(4)) return least;
    if (random_->one_in(4)) return most;
    const double value = least + (most - least) * random_->unit();
    return whole ? std::floor(value) : value;
  }

  std::string text(const Json& schema) {
    const auto least = static_cast<std::size_t>(std::min(bound(schema, "minLength", 0.0), 4096.0));
    const auto most =
        static_cast<std::size_t>(std::clamp(bound(schema, "maxLength", 12.0), 0.0, 4096.0));
    std::size_t size = std::max<std::size_t>(least, 1);
    if (random_ != nullptr && most > least) {
      size = least + random_->below(static_cast<std::uint32_t>(most - least + 1));
    }
    std::string out;
    for (std::size_t i = 0; i < size; ++i) {
      out += static_cast<char>('a' + (random_ == nullptr ? i % 26 : random_->below(26)));
    }
    return out;
  }

  Json array(const Json& schema, int depth) {
    Json out = Json::array();
    const auto least = static_cast<std::uint32_t>(std::min(bound(schema, "minItems", 0.0), 64.0));
    const auto most = static_cast<std::uint32_t>(
        std::clamp(bound(schema, "maxItems", least + 3.0), static_cast<double>(least), 64.0));
    std::uint32_t count = least;
    if (random_ != nullptr) count += random_->below(std::min(most - least, 4U) + 1);
    for (std::uint32_t i = 0; i < count && depth < kDepthMax; ++i) {
      out.push_back(make(member(schema, "items"), depth + 1));
    }
    return out;
  }

  Json object(const Json& schema, int depth) {
    Json out = Json::object();
    const Json& properties = member(schema, "properties");
    if (!properties.is_object() || depth >= kDepthMax) return out;
    const Json& required = member(schema, "required");
    for (const auto& [name, property] : properties.items()) {
      const bool is_needed = required.is_array() &&
                             std::find(required.begin(), required.end(), name) != required.end();
      const bool is_chosen = random_ != nullptr && random_->one_in(2);
      if (is_needed || is_chosen) out[name] = make(property, depth + 1);
    }
    const Json& other = member(schema, "additionalProperties");
    if (other.is_object() && out.empty()) out["other"] = make(other, depth + 1);
    return out;
  }

  Random* random_;
};

// Walks a schema and collects what is wrong.
class Judge {
 public:
  void check(const Json& schema, const std::string& path, int depth) {
    if (!schema.is_object()) return say(path, "is no JSON object");
    if (depth > kDepthMax) return;
    static constexpr std::array kTypes = {"object", "array",   "string",
                                          "number", "integer", "boolean"};
    const Json& type = member(schema, "type");
    if (type.is_string() &&
        std::find(kTypes.begin(), kTypes.end(), type.get<std::string>()) == kTypes.end()) {
      say(path, fmt::format("has the unknown type `{}`", type.get<std::string>()));
    }
    if (bound(schema, "minimum", 0.0) > bound(schema, "maximum", INFINITY)) {
      say(path, "has a minimum above its maximum");
    }
    check_default(schema, path);
    check_required(schema, path);
    const Json& properties = member(schema, "properties");
    if (properties.is_object()) {
      for (const auto& [name, property] : properties.items()) {
        if (depth == 0 && !member(property, "description").is_string()) ++missing_texts;
        check(property, path.empty() ? name : path + "." + name, depth + 1);
      }
    } else if (!properties.is_null()) {
      say(path, "has `properties` that are no object");
    }
    if (member(schema, "items").is_object()) check(schema["items"], path + "[]", depth + 1);
  }

  std::vector<std::string> faults;
  std::size_t missing_texts = 0;

 private:
  void say(const std::string& path, const std::string& what) {
    faults.push_back(path.empty() ? "the schema " + what : "`" + path + "` " + what);
  }
  void check_default(const Json& schema, const std::string& path) {
    const Json& given = member(schema, "default");
    if (given.is_null()) return;
    // complete_config() takes objects: wrap the value.
    const Json wrapped = {{"type", "object"}, {"properties", {{"value", schema}}}};
    const Json value = {{"value", given}};
    if (const auto fits = complete_config(wrapped.dump(), value.dump()); !fits) {
      say(path, fmt::format("has a default that does not fit it: {}", fits.error().message));
    }
  }
  void check_required(const Json& schema, const std::string& path) {
    const Json& required = member(schema, "required");
    if (required.is_null()) return;
    if (!required.is_array()) return say(path, "has a `required` that is no list");
    for (const Json& name : required) {
      const bool is_known = name.is_string() && member(schema, "properties").is_object() &&
                            schema["properties"].contains(name.get<std::string>());
      if (!is_known) say(path, fmt::format("requires {}, which is no property", name.dump()));
    }
  }
};

// Every text in a value, keys included.
void collect_texts(const Json& value, std::vector<std::string>& out) {
  if (value.is_string()) out.push_back(value.get<std::string>());
  if (!value.is_structured()) return;
  for (const auto& [key, item] : value.items()) {
    if (value.is_object()) out.push_back(key);
    collect_texts(item, out);
  }
}

std::optional<std::string> made(std::string_view schema_json, Random* random) {
  const Json schema = Json::parse(schema_json, nullptr, false);
  if (schema.is_discarded()) return std::nullopt;
  Json value = Maker(random).make(schema, 0);
  if (!value.is_object()) value = Json::object();
  auto config = complete_config(schema_json, value.dump());
  if (!config) return std::nullopt;
  return *std::move(config);
}

}  // namespace

std::optional<std::string> plain_config(std::string_view schema_json) {
  if (auto config = complete_config(schema_json, "{}")) return *std::move(config);
  if (auto config = made(schema_json, nullptr)) return config;
  for (std::uint64_t seed = 1; seed <= kTriesMax; ++seed) {
    Random random(seed);
    if (auto config = made(schema_json, &random)) return config;
  }
  return std::nullopt;
}

std::optional<std::string> random_config(std::string_view schema_json, Random& random) {
  for (int i = 0; i < kTriesMax; ++i) {
    if (auto config = made(schema_json, &random)) return config;
  }
  return std::nullopt;
}

std::vector<std::string> schema_faults(std::string_view schema_json, std::size_t& missing_texts) {
  const Json schema = Json::parse(schema_json, nullptr, false);
  if (schema.is_discarded()) return {"the schema is not JSON"};
  Judge judge;
  judge.check(schema, "", 0);
  missing_texts = judge.missing_texts;
  return judge.faults;
}

std::vector<std::string> named_columns(std::string_view config_json,
                                       const std::vector<std::string>& names) {
  std::vector<std::string> out = names;
  const Json config = Json::parse(config_json, nullptr, false);
  for (const std::string& name : names) collect_texts(member(config, name.c_str()), out);
  return out;
}

}  // namespace lineup
