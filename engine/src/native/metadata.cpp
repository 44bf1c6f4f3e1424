// SPDX-License-Identifier: Apache-2.0
//
// All faults of the metadata are collected, then told at once: who writes a plugin mends them in
// one go. What nlohmann throws is caught at the two places where it can throw.
#include "native/metadata.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/diagnostic.hpp"
#include "base/json_document.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

// LIMIT: types in one plugin; each costs a line in every list.
constexpr std::size_t kTypesMax = 64;

// A configuration that takes no parameters: what a type means that declares none.
constexpr const char* kNoParameters = R"({"type":"object","properties":{}})";

class Reader {
 public:
  Metadata read(const Json& document) {
    Metadata metadata;
    metadata.name = name(document, "name", "the plugin");
    metadata.version = text(document, "version", "the plugin");
    metadata.about = text(document, "about", "the plugin");
    const auto types = document.find("types");
    if (types == document.end() || !types->is_array() || types->empty()) {
      fault("`types` must be a list with at least one type");
      return metadata;
    }
    if (types->size() > kTypesMax) {
      fault("more than " + std::to_string(kTypesMax) + " types");
      return metadata;
    }
    for (const Json& type : *types) read_type(type, metadata);
    return metadata;
  }
  [[nodiscard]] const std::string& faults() const { return faults_; }

 private:
  void fault(const std::string& text) { faults_ += faults_.empty() ? text : "; " + text; }

  std::string text(const Json& object, const char* key, const std::string& owner) {
    const auto found = object.find(key);
    if (found == object.end()) return {};
    if (found->is_string()) return found->get<std::string>();
    fault("`" + std::string(key) + "` of " + owner + " must be text");
    return {};
  }

  // A name that can be written in YAML without quotes: a-z, 0-9, _ and -.
  std::string name(const Json& object, const char* key, const std::string& owner) {
    std::string found = text(object, key, owner);
    const auto is_fine = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    if (found.empty() || found.size() > 64 || !std::all_of(found.begin(), found.end(), is_fine)) {
      fault("`" + std::string(key) + "` of " + owner +
            " must be 1 to 64 of a-z, 0-9, `_` and `-`, got `" + found + "`");
    }
    return found;
  }

  template <typename T>
  T choice(const Json& object, const char* key, const std::string& owner,
           const std::vector<std::pair<std::string, T>>& choices, T fallback) {
    const std::string found = text(object, key, owner);
    if (found.empty() && !object.contains(key)) return fallback;
    std::string known;
    for (const auto& choice : choices) {
      if (choice.first == found) return choice.second;
      known += (known.empty() ? "`" : ", `") + choice.first + "`";
    }
    fault("`" + std::string(key) + "` of " + owner + " must be one of " + known + ", got `" +
          found + "`");
    return fallback;
  }

  void read_type(const Json& object, Metadata& metadata) {
    if (!object.is_object()) return fault("a type must be a JSON object");
    TypeFacts type;
    type.name = name(object, "name", "a type");
    const std::string owner = "type `" + type.name + "`";
    type.about = text(object, "about", owner);
    type.kind = choice<lineup_kind>(object, "kind", owner,
                                    {{"scorer", LINEUP_KIND_SCORER},
                                     {"generator", LINEUP_KIND_GENERATOR},
                                     {"evaluator", LINEUP_KIND_EVALUATOR},
                                     {"constraint", LINEUP_KIND_CONSTRAINT}},
                                    0);
    if (!object.contains("kind")) fault("`kind` of " + owner + " is missing");
    type.threads = choice<ThreadClass>(object, "threads", owner,
                                       {{"reentrant", ThreadClass::Reentrant},
                                        {"instance-per-thread", ThreadClass::InstancePerThread},
                                        {"serial", ThreadClass::Serial}},
                                       ThreadClass::InstancePerThread);
    read_details(object, owner, type);
    for (const TypeFacts& other : metadata.types) {
      if (other.name == type.name && other.kind == type.kind) fault(owner + " is there twice");
    }
    metadata.types.push_back(std::move(type));
  }

  void read_details(const Json& object, const std::string& owner, TypeFacts& type) {
    if (const auto found = object.find("deterministic"); found != object.end()) {
      if (found->is_boolean()) {
        type.deterministic = found->get<bool>();
      } else {
        fault("`deterministic` of " + owner + " must be true or false");
      }
    }
    if (const auto found = object.find("columns"); found != object.end()) {
      const auto is_text = [](const Json& item) { return item.is_string(); };
      if (found->is_array() && std::all_of(found->begin(), found->end(), is_text)) {
        type.columns = found->get<std::vector<std::string>>();
      } else {
        fault("`columns` of " + owner + " must be a list of texts");
      }
    }
    const auto schema = object.find("configuration");
    if (schema == object.end()) {
      type.configuration_schema = kNoParameters;
    } else if (schema->is_object()) {
      type.configuration_schema = schema->dump();
    } else {
      fault("`configuration` of " + owner + " must be a JSON Schema, an object");
    }
  }

  std::string faults_;
};

}  // namespace

Result<Metadata> parse_metadata(std::string_view json) {
  try {
    JsonDocument document;
    document.parse(json);
    if (!document.root().is_object()) {
      return failure("native/metadata", "the metadata must be a JSON object");
    }
    Reader reader;
    Metadata metadata = reader.read(document.root());
    if (!reader.faults().empty()) {
      return failure("native/metadata", "the metadata is wrong: " + reader.faults());
    }
    metadata.json = json;
    return metadata;
  } catch (const Json::parse_error& error) {
    return failure("native/metadata",
                   "the metadata is not JSON: byte " + std::to_string(error.byte));
  } catch (const Json::exception&) {
    return failure("native/metadata", "the metadata holds text that is not UTF-8");
  }
}

}  // namespace lineup
