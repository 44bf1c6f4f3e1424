// SPDX-License-Identifier: Apache-2.0
//
// JSON Schema, as much of it as parameters of nodes need. The document is completed from the
// outside in, then every value is checked, defaults included; faults are collected and told at
// once.
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/diagnostic.hpp"
#include "base/json_document.hpp"
#include "native/metadata.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

// LIMIT: depth of a configuration; deeper is a mistake, and recursion has an end.
constexpr int kDepthMax = 32;

std::string_view type_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "null";
    case Json::value_t::object:
      return "object";
    case Json::value_t::array:
      return "array";
    case Json::value_t::string:
      return "string";
    case Json::value_t::boolean:
      return "boolean";
    default:
      return "number";
  }
}

// "a whole number": what a type of JSON Schema is called in messages.
std::string said(std::string_view type) {
  if (type == "integer") return "a whole number";
  if (type == "number") return "a number";
  if (type == "string") return "text";
  if (type == "boolean") return "true or false";
  if (type == "array") return "a list";
  if (type == "object") return "a map";
  return "nothing";
}

bool is_integer(const Json& value) {
  if (value.is_number_integer()) return true;
  return value.is_number() && std::trunc(value.get<double>()) == value.get<double>();
}

bool has_type(const Json& value, const Json& type) {
  if (!type.is_string()) return true;
  const auto& name = type.get_ref<const std::string&>();
  return name == type_of(value) || (name == "integer" && is_integer(value));
}

// LIMITS: what a message shows. A configuration may hold a model of megabytes, wrong at every
// place.
constexpr std::size_t kFaultsMax = 10;
constexpr std::size_t kShownMax = 60;  // bytes of a value

std::string shown(const Json& value) {
  std::string text = value.dump();
  if (text.size() <= kShownMax) return text;
  std::size_t end = kShownMax;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not within a character
  text.resize(end);
  return text + "...";
}

class Checker {
 public:
  [[nodiscard]] std::string faults() const {
    if (count_ <= kFaultsMax) return faults_;
    return faults_ + "; and " + std::to_string(count_ - kFaultsMax) + " more";
  }

  // Completes and checks `value`; `path` is how a person calls it ("theta", "points[2].x"), empty
  // for the whole.
  void check(const Json& schema, Json& value, const std::string& path, int depth) {
    if (!schema.is_object()) return;
    if (depth > kDepthMax) return fault(path, "is nested too deeply");
    if (!check_type(schema, value, path)) return;
    check_choices(schema, value, path);
    if (value.is_number()) check_number(schema, value, path);
    if (value.is_string())
      check_size(schema, value.get_ref<const std::string&>().size(), "minLength", "maxLength",
                 "bytes", path);
    if (value.is_array()) {
      check_size(schema, value.size(), "minItems", "maxItems", "items", path);
      if (const auto items = schema.find("items"); items != schema.end()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
          check(*items, value[i], path + "[" + std::to_string(i) + "]", depth + 1);
        }
      }
    }
    if (value.is_object()) check_object(schema, value, path, depth);
  }

 private:
  void fault(const std::string& path, const std::string& text) {
    if (++count_ > kFaultsMax) return;
    if (!faults_.empty()) faults_ += "; ";
    faults_ += (path.empty() ? "the configuration" : "`" + path + "`") + " " + text;
  }

  bool check_type(const Json& schema, const Json& value, const std::string& path) {
    const auto type = schema.find("type");
    if (type == schema.end()) return true;
    const bool is_list = type->is_array();
    bool fits = !is_list && has_type(value, *type);
    std::string expected = is_list || !type->is_string() ? "" : said(type->get<std::string>());
    if (is_list) {
      for (const Json& one : *type) {
        fits = fits || has_type(value, one);
        if (one.is_string()) {
          expected += (expected.empty() ? "" : " or ") + said(one.get_ref<const std::string&>());
        }
      }
    }
    if (!fits) fault(path, "must be " + expected + ", got " + shown(value));
    return fits;
  }

  void check_choices(const Json& schema, const Json& value, const std::string& path) {
    if (const auto only = schema.find("const"); only != schema.end() && *only != value) {
      fault(path, "must be " + only->dump() + ", got " + shown(value));
    }
    const auto choices = schema.find("enum");
    if (choices == schema.end() || !choices->is_array()) return;
    std::string known;
    std::vector<std::string> names;
    for (const Json& choice : *choices) {
      if (choice == value) return;
      known += (known.empty() ? "" : ", ") + choice.dump();
      if (choice.is_string()) names.push_back(choice.get<std::string>());
    }
    const std::string near = value.is_string() ? nearest(value.get<std::string>(), names) : "";
    fault(path, "must be one of " + known + ", got " + shown(value) +
                    (near.empty() ? "" : "; did you mean `" + near + "`?"));
  }

  void check_number(const Json& schema, const Json& value, const std::string& path) {
    struct Bound {
      const char* word;
      const char* said;
      bool (*holds)(double value, double bound);
    };
    static constexpr Bound kBounds[] = {
        {"minimum", "at least", [](double v, double b) { return v >= b; }},
        {"maximum", "at most", [](double v, double b) { return v <= b; }},
        {"exclusiveMinimum", "more than", [](double v, double b) { return v > b; }},
        {"exclusiveMaximum", "less than", [](double v, double b) { return v < b; }},
    };
    for (const Bound& bound : kBounds) {
      const auto found = schema.find(bound.word);
      if (found == schema.end() || !found->is_number()) continue;
      if (bound.holds(value.get<double>(), found->get<double>())) continue;
      fault(path,
            "must be " + std::string(bound.said) + " " + found->dump() + ", got " + shown(value));
    }
  }

  void check_size(const Json& schema, std::size_t size, const char* least, const char* most,
                  const std::string& unit, const std::string& path) {
    const auto min = schema.find(least);
    if (min != schema.end() && min->is_number() && static_cast<double>(size) < min->get<double>()) {
      fault(path, "must have at least " + min->dump() + " " + unit);
    }
    const auto max = schema.find(most);
    if (max != schema.end() && max->is_number() && static_cast<double>(size) > max->get<double>()) {
      fault(path, "must have at most " + max->dump() + " " + unit);
    }
  }

  void check_object(const Json& schema, Json& value, const std::string& path, int depth) {
    const std::string prefix = path.empty() ? "" : path + ".";
    const auto properties = schema.find("properties");
    const bool has_properties = properties != schema.end() && properties->is_object();
    std::vector<std::string> names;
    if (has_properties) {
      for (const auto& [name, property] : properties->items()) {
        names.push_back(name);
        if (value.contains(name) || !property.is_object()) continue;
        if (const auto given = property.find("default"); given != property.end()) {
          value[name] = *given;
        }
      }
    }
    check_required(schema, value, prefix);
    const auto other = schema.find("additionalProperties");
    const bool is_closed = other == schema.end() ? has_properties : *other == false;
    for (auto& [name, member] : value.items()) {
      if (has_properties && properties->contains(name)) {
        check((*properties)[name], member, prefix + name, depth + 1);
      } else if (is_closed) {
        const std::string near = nearest(name, names);
        fault(prefix + name,
              near.empty() ? "is no parameter" : "is no parameter; did you mean `" + near + "`?");
      } else if (other != schema.end()) {
        check(*other, member, prefix + name, depth + 1);
      }
    }
  }

  void check_required(const Json& schema, const Json& value, const std::string& prefix) {
    const auto required = schema.find("required");
    if (required == schema.end() || !required->is_array()) return;
    for (const Json& name : *required) {
      if (!name.is_string() || value.contains(name.get_ref<const std::string&>())) continue;
      fault(prefix + name.get<std::string>(), "is missing");
    }
  }

  std::size_t count_ = 0;
  std::string faults_;
};

Result<void> parse(std::string_view text, const std::string& what, JsonDocument& out) {
  try {
    out.parse(text.empty() ? "{}" : text);
    return {};
  } catch (const Json::parse_error& error) {
    return failure("native/config", what + " is not JSON: byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    return failure("native/config", what + " has a number that is too large");
  }
}

}  // namespace

Result<std::string> complete_config(std::string_view schema_json, std::string_view config_json) {
  JsonDocument schema;
  JsonDocument config;
  if (auto read = parse(schema_json, "the schema", schema); !read)
    return tl::unexpected(read.error());
  if (auto read = parse(config_json, "the configuration", config); !read)
    return tl::unexpected(read.error());
  try {
    Checker checker;
    checker.check(schema.root(), config.root(), "", 0);
    if (!checker.faults().empty()) return failure("native/config", checker.faults());
    return config.root().dump();
  } catch (const Json::exception&) {
    return failure("native/config", "the configuration holds text that is not UTF-8");
  }
}

}  // namespace lineup
