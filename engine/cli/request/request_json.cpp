// SPDX-License-Identifier: Apache-2.0
//
// Reads requests with simdjson's document interface: keys may come in any order, and the id must be
// readable even when something after it is wrong.
#include "cli/request/request_json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include "base/clock.hpp"
#include "base/diagnostic.hpp"
#include "base/hash.hpp"
#include "cli/request/json_fault.hpp"
#include "cli/request/request_table.hpp"

namespace lineup::cli {

namespace dom = simdjson::dom;

namespace {

const std::vector<std::string> kKeys = {
    "id",   "scene", "user",        "page",     "context",    "weights", "experiments", "overrides",
    "time", "seed",  "deadline_ms", "revision", "candidates", "history", "explain"};

// LIMIT: levels of a context object. What conditions read has one or two; without a bound a request
// could use up the stack.
constexpr int kContextDepthMax = 16;

tl::unexpected<Error> wrong(std::string_view key, std::string_view what) {
  return failure("request/value", fmt::format("`{}` must be {}", key, what));
}

Result<void> read_id(dom::element value, RequestLine& request) {
  if (value.is_null()) return {};
  if (value.is_string()) {
    request.id = value.get_string().value_unsafe();
  } else if (value.is_int64() || value.is_uint64()) {
    request.id = simdjson::minify(value);
    request.id_is_number = true;
  } else {
    return wrong("id", "text or a whole number");
  }
  request.has_id = true;
  return {};
}

Result<void> read_text(std::string_view key, dom::element value, std::string& out) {
  std::string_view text;
  if (value.get(text) != simdjson::SUCCESS) return wrong(key, "text");
  out = text;
  return {};
}

Result<void> read_count(std::string_view key, dom::element value, std::int64_t max,
                        std::int64_t& out) {
  if (value.get(out) != simdjson::SUCCESS || out < 1 || out > max) {
    return wrong(key, fmt::format("a whole number from 1 to {}", max));
  }
  return {};
}

Result<void> read_time(dom::element value, std::int64_t& out) {
  if (value.get(out) == simdjson::SUCCESS) return {};
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    const auto time = parse_time_ms(text);
    if (time) {
      out = *time;
      return {};
    }
  }
  return wrong("time", "a time such as `2026-11-21T09:00:00Z`, or milliseconds since 1970");
}

Result<void> read_seed(dom::element value, std::uint64_t& out) {
  if (value.get(out) == simdjson::SUCCESS) return {};
  std::int64_t negative = 0;
  if (value.get(negative) != simdjson::SUCCESS) return wrong("seed", "a whole number");
  out = static_cast<std::uint64_t>(negative);
  return {};
}

// {"relevance": 1.5}, and for parameters also nested: {"boost": {"add": 0.1}} is `boost.add`.
Result<void> read_settings(const std::string& key, dom::element value, bool nested,
                           const std::string& prefix,
                           std::vector<std::pair<std::string, double>>& out) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong(key, "an object of numbers");
  for (const dom::key_value_pair field : object) {
    std::string path =
        prefix.empty() ? std::string(field.key) : fmt::format("{}.{}", prefix, field.key);
    double number = 0.0;
    if (field.value.get(number) == simdjson::SUCCESS) {
      out.emplace_back(std::move(path), number);
    } else if (nested && prefix.empty() && field.value.is_object()) {
      auto inner =
          read_settings(fmt::format("{}.{}", key, field.key), field.value, false, path, out);
      if (!inner) return inner;
    } else {
      return wrong(fmt::format("{}.{}", key, field.key), "a number");
    }
  }
  return {};
}

Result<void> read_experiments(dom::element value,
                              std::vector<std::pair<std::string, std::string>>& out) {
  dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return wrong("experiments", "an object of texts");
  for (const dom::key_value_pair field : object) {
    std::string_view text;
    if (field.value.get(text) != simdjson::SUCCESS) {
      return wrong(fmt::format("experiments.{}", field.key), "text");
    }
    out.emplace_back(field.key, text);
  }
  return {};
}

// Lists are passed over: conditions read scalars.
Result<void> read_context(dom::object object, const std::string& prefix, int depth,
                          std::vector<ContextValue>& out) {
  if (depth > kContextDepthMax) {
    return wrong("context", fmt::format("nested no deeper than {} levels", kContextDepthMax));
  }
  for (const dom::key_value_pair field : object) {
    ContextValue value;
    value.path = prefix + std::string(field.key);
    switch (field.value.type()) {
      case dom::element_type::OBJECT: {
        auto inner =
            read_context(field.value.get_object().value_unsafe(), value.path + ".", depth + 1, out);
        if (!inner) return inner;
        continue;
      }
      case dom::element_type::ARRAY:
        continue;
      case dom::element_type::BOOL:
        value.kind = LINEUP_VALUE_BOOL;
        value.integer = field.value.get_bool().value_unsafe() ? 1 : 0;
        break;
      case dom::element_type::INT64:
        value.kind = LINEUP_VALUE_INTEGER;
        value.integer = field.value.get_int64().value_unsafe();
        break;
      case dom::element_type::UINT64:
      case dom::element_type::DOUBLE:
        value.kind = LINEUP_VALUE_NUMBER;
        value.number = field.value.get_double().value_unsafe();
        break;
      case dom::element_type::STRING:
        value.kind = LINEUP_VALUE_TEXT;
        value.text = field.value.get_string().value_unsafe();
        break;
      case dom::element_type::NULL_VALUE:
        break;
    }
    out.push_back(std::move(value));
  }
  return {};
}

Result<void> read_scalars(std::string_view key, dom::element value, RequestLine& request) {
  std::int64_t count = 0;
  if (key == "scene") return read_text(key, value, request.scene);
  if (key == "user") {
    if (value.is_int64() || value.is_uint64()) {
      request.user = simdjson::minify(value);
      return {};
    }
    return read_text(key, value, request.user);
  }
  if (key == "revision") return read_text(key, value, request.revision);
  if (key == "page") {
    auto read = read_count(key, value, UINT32_MAX, count);
    request.page = static_cast<std::uint32_t>(count);
    return read;
  }
  if (key == "deadline_ms") {
    auto read = read_count(key, value, 3'600'000, count);
    request.deadline_ms = count;
    return read;
  }
  if (key == "time") return read_time(value, request.now_ms);
  if (key == "explain") {
    return value.get(request.explain) == simdjson::SUCCESS ? Result<void>()
                                                           : wrong(key, "true or false");
  }
  return {};
}

Result<void> read_value(std::string_view key, dom::element value, RequestLine& request) {
  if (key == "candidates") return read_table(key, value, request.candidates);
  if (value.is_null()) return {};  // as good as absent
  if (key == "history") return read_table(key, value, request.history);
  if (key == "seed") return read_seed(value, request.seed);
  if (key == "context") {
    dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return wrong(key, "an object");
    return read_context(object, "", 1, request.context);
  }
  if (key == "weights") return read_settings("weights", value, false, "", request.weights);
  if (key == "overrides") return read_settings("overrides", value, true, "", request.overrides);
  if (key == "experiments") return read_experiments(value, request.experiments);
  return read_scalars(key, value, request);
}

void warn_of_key(std::string_view key, RequestLine& request) {
  const std::string near = nearest(key, kKeys);
  request.warnings.push_back(
      near.empty() ? fmt::format("nothing reads `{}`", key)
                   : fmt::format("nothing reads `{}`; did you mean `{}`?", key, near));
}

}  // namespace

struct RequestReader::Parser {
  dom::parser json;

  // The line as an object that lives until the next line.
  Result<dom::object> parse(std::string_view line) {
    dom::element root;
    // A view of nothing has no address, and simdjson copies from whatever it is given.
    const char* bytes = line.empty() ? "" : line.data();
    const auto fault = json.parse(bytes, line.size()).get(root);
    if (fault != simdjson::SUCCESS) {
      return failure("request/json", json_fault(line, simdjson::error_message(fault)));
    }
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
      return failure("request/json", "the line must be a JSON object");
    }
    return object;
  }
};

RequestReader::RequestReader() : parser_(std::make_unique<Parser>()) {}
RequestReader::~RequestReader() = default;

void RequestLine::reset() {
  id.clear();
  scene.clear();
  user.clear();
  revision.clear();
  has_id = id_is_number = explain = false;
  page = 0;
  seed = 0;
  now_ms = LINEUP_NO_TIME;
  deadline_ms = 0;
  context.clear();
  weights.clear();
  overrides.clear();
  experiments.clear();
  candidates.reset();
  history.reset();
  warnings.clear();
}

Result<void> RequestReader::read(std::string_view line, RequestLine& request) {
  request.reset();
  const auto object = parser_->parse(line);
  if (!object) return tl::unexpected(object.error());
  dom::element id;
  if (object->at_key("id").get(id) == simdjson::SUCCESS) {
    auto read = cli::read_id(id, request);
    if (!read) return read;
  }
  request.seed = hash64(request.id);
  bool has_scene = false;
  bool has_candidates = false;
  for (const dom::key_value_pair field : *object) {
    // `feedback`, what was shown and done, is for `lineup evaluate`; no page depends on it.
    if (field.key == "id" || field.key == "feedback") continue;
    has_scene = has_scene || field.key == "scene";
    has_candidates = has_candidates || field.key == "candidates";
    if (std::find(kKeys.begin(), kKeys.end(), field.key) == kKeys.end()) {
      warn_of_key(field.key, request);
      continue;
    }
    auto read = read_value(field.key, field.value, request);
    if (!read) return read;
  }
  if (!has_scene) return failure("request/missing", "`scene` is missing");
  if (!has_candidates) return failure("request/missing", "`candidates` is missing");
  return {};
}

Result<std::string> RequestReader::read_id(std::string_view line) {
  const auto object = parser_->parse(line);
  if (!object) return tl::unexpected(object.error());
  RequestLine request;
  dom::element id;
  if (object->at_key("id").get(id) == simdjson::SUCCESS) {
    auto read = cli::read_id(id, request);
    if (!read) return tl::unexpected(read.error());
  }
  return request.id;
}

}  // namespace lineup::cli
