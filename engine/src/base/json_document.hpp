// SPDX-License-Identifier: Apache-2.0
//
// A JSON document whose end asks for no memory. nlohmann::json lists the values below a value
// before it destroys them; where there is no memory for that list its destructor, which may not
// throw, ends the process. This one is emptied from its leaves first: then there is nothing to
// list.
#pragma once

#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

namespace lineup {

class JsonDocument {
 public:
  using Json = nlohmann::json;

  JsonDocument() = default;
  ~JsonDocument() { dismantle(); }
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // Throws as Json::parse() does; what was read until then ends as quietly. Once.
  void parse(std::string_view text) {
    nlohmann::detail::json_sax_dom_parser<Json> reader(root_, true);
    Json::sax_parse(text, &reader);
  }
  // False: it is not JSON, and the document holds what was read until then. Once.
  [[nodiscard]] bool try_parse(std::string_view text) {
    nlohmann::detail::json_sax_dom_parser<Json> reader(root_, false);
    return Json::sax_parse(text, &reader);
  }
  [[nodiscard]] const Json& root() const { return root_; }
  [[nodiscard]] Json& root() { return root_; }

 private:
  // One leaf after another, without recursion: a text may nest as deep as it likes.
  void dismantle() noexcept {
    while (root_.is_structured() && !root_.empty()) {
      Json* above = &root_;
      while (last_of(*above).is_structured() && !last_of(*above).empty()) above = &last_of(*above);
      if (above->is_array()) {
        above->get_ref<Json::array_t&>().pop_back();
      } else {
        auto& members = above->get_ref<Json::object_t&>();
        members.erase(std::prev(members.end()));
      }
    }
  }
  // REQUIRES: an array or object that is not empty.
  static Json& last_of(Json& value) {
    if (value.is_array()) return value.get_ref<Json::array_t&>().back();
    return std::prev(value.get_ref<Json::object_t&>().end())->second;
  }

  Json root_;
};

}  // namespace lineup
