// SPDX-License-Identifier: Apache-2.0
//
// The parser tells of every name as it meets it, so that a name given twice, of which a tree would
// keep only one, is seen. It works without exceptions and without recursion.
#include "trust/strict_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

namespace lineup {

namespace {

using Json = nlohmann::json;

Span span_at(std::string_view text, std::size_t byte, const std::string& file) {
  Span span;
  span.file = file;
  const std::string_view before = text.substr(0, std::min(byte, text.size()));
  span.line = 1 + static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t last = before.rfind('\n');
  span.column = static_cast<std::uint32_t>(last == std::string_view::npos ? before.size() + 1
                                                                          : before.size() - last);
  span.end_line = span.line;
  span.end_column = span.column + 1;
  return span;
}

Span whole(const std::string& file) {
  Span span;
  span.file = file;
  return span;
}

// What a tree does not show.
struct Watch {
  std::vector<std::set<std::string>> names;
  std::string twice;
  bool is_deep = false;

  bool see(int depth, Json::parse_event_t event, Json& value) {
    if (depth > kJsonDepthMax) is_deep = true;
    if (is_deep) return false;
    if (event == Json::parse_event_t::object_start) names.emplace_back();
    if (event == Json::parse_event_t::object_end) names.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& name = value.get_ref<const std::string&>();
      if (!names.back().insert(name).second) twice = name;
    }
    return true;
  }
};

// Where the text stops being JSON; the parser alone knows.
class Finder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t byte, const std::string&, const Json::exception&) override {
    at = byte;
    return false;
  }
  std::size_t at = 0;
};

}  // namespace

std::optional<Json> parse_strict(std::string_view text, const std::string& file,
                                 std::string_view code, Diagnostics& diagnostics) {
  const std::string fault(code);
  if (text.size() > kJsonBytesMax) {
    diagnostics.error(
        whole(file), fault,
        fmt::format("the file has {} bytes; it may have {}", text.size(), kJsonBytesMax));
    return std::nullopt;
  }
  Watch watch;
  Json json = Json::parse(
      text.begin(), text.end(),
      [&watch](int depth, Json::parse_event_t event, Json& value) {
        return watch.see(depth, event, value);
      },
      false);
  if (watch.is_deep) {
    diagnostics.error(whole(file), fault,
                      fmt::format("the file is nested deeper than {} levels", kJsonDepthMax));
    return std::nullopt;
  }
  if (json.is_discarded()) {
    Finder finder;
    (void)Json::sax_parse(text.begin(), text.end(), &finder);
    const std::size_t at = finder.at == 0 ? 0 : finder.at - 1;
    diagnostics.error(span_at(text, at, file), fault, "this is no JSON",
                      "a file that was copied halfway looks like that too");
    return std::nullopt;
  }
  if (!watch.twice.empty()) {
    diagnostics.error(whole(file), fault,
                      fmt::format("`{}` is given twice in one object", watch.twice));
    return std::nullopt;
  }
  return json;
}

ObjectReader::ObjectReader(const Json& json, std::string place, std::string file, std::string code,
                           Diagnostics& diagnostics)
    : json_(json),
      place_(std::move(place)),
      file_(std::move(file)),
      code_(std::move(code)),
      diagnostics_(diagnostics) {
  if (!json_.is_object()) complain("", "must be an object");
}

std::string ObjectReader::place_of(std::string_view name) const {
  if (place_.empty()) return std::string(name);
  return name.empty() ? place_ : fmt::format("{}.{}", place_, name);
}

void ObjectReader::complain(std::string_view name, const std::string& what,
                            std::string hint) const {
  const std::string place = place_of(name);
  diagnostics_.error(
      whole(file_), code_,
      place.empty() ? fmt::format("the file {}", what) : fmt::format("`{}` {}", place, what),
      std::move(hint));
}

void ObjectReader::expect_only(std::initializer_list<const char*> names) const {
  for (const auto& [name, value] : json_.items()) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = nearest(name, std::vector<std::string>(names.begin(), names.end()));
    complain(name, "is not known here",
             near.empty() ? "" : fmt::format("did you mean `{}`?", near));
  }
}

bool ObjectReader::has(const char* name) const { return json_.is_object() && json_.contains(name); }

const Json* ObjectReader::find(const char* name, bool required) const {
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(name);
  if (found != json_.end()) return &*found;
  if (required) complain(name, "is missing");
  return nullptr;
}

std::string ObjectReader::text(const char* name, bool required) const {
  const Json* found = find(name, required);
  if (found == nullptr) return {};
  if (found->is_string()) return found->get<std::string>();
  complain(name, "must be a text");
  return {};
}

std::uint64_t ObjectReader::count(const char* name, std::uint64_t otherwise, bool required) const {
  const Json* found = find(name, required);
  if (found == nullptr) return otherwise;
  if (found->is_number_unsigned()) return found->get<std::uint64_t>();
  complain(name, "must be a whole number, 0 or more");
  return otherwise;
}

const Json* ObjectReader::array(const char* name, bool required) const {
  const Json* found = find(name, required);
  if (found == nullptr || found->is_array()) return found;
  complain(name, "must be an array");
  return nullptr;
}

const Json* ObjectReader::object(const char* name, bool required) const {
  const Json* found = find(name, required);
  if (found == nullptr || found->is_object()) return found;
  complain(name, "must be an object");
  return nullptr;
}

std::vector<std::string> ObjectReader::texts(const char* name, bool required) const {
  std::vector<std::string> out;
  const Json* found = array(name, required);
  if (found == nullptr) return out;
  for (const Json& entry : *found) {
    if (entry.is_string()) {
      out.push_back(entry.get<std::string>());
    } else {
      complain(name, "must hold texts only");
    }
  }
  return out;
}

}  // namespace lineup
