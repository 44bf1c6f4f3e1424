// SPDX-License-Identifier: Apache-2.0
//
// Read like a policy, by a table of keys: a key that is misspelt must not be an overlay that does
// less than its author believes.
#include "policy/emergency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/clock.hpp"
#include "base/zone.hpp"
#include "policy/fields.hpp"

namespace lineup {

namespace {

constexpr double kMost = 0.5;               // LIMIT: more than half of the rows is no subtraction
constexpr std::size_t kValuesMax = 10'000;  // LIMIT: more are a list of the bundle
constexpr double kNamesMax = 100;

constexpr std::array kKeys = {
    PolicyKey{"emergency", KeyShape::Integer, "1: the version of this form.", true, 1, 1},
    PolicyKey{"who", KeyShape::Text, "Who wrote it.", true},
    PolicyKey{"why", KeyShape::Text, "Why, in a sentence.", true},
    PolicyKey{"until", KeyShape::Date, "The first moment without it, at most 7 days ahead.", true},
    PolicyKey{"zone", KeyShape::Zone, "Of `until`, when it names none; UTC by default."},
    PolicyKey{"most", KeyShape::Text,
              "The most that it may take of a request's rows, '10%' by default."},
    PolicyKey{"scenes", KeyShape::Names, "Where it acts; everywhere by default.", false, 0,
              kNamesMax},
    PolicyKey{"block", KeyShape::Arguments,
              "Rows not to be shown: a column, or `id`, and its values."},
    PolicyKey{"block_lists", KeyShape::Arguments,
              "The same: a column, or `id`, and a list of the bundle."},
    PolicyKey{"switch_off", KeyShape::Names, "Uses of rules that do not act.", false, 0, kNamesMax},
};
constexpr PolicyKeyTable kTable = {"an emergency overlay", kKeys};

class Reader {
 public:
  Reader(EmergencyDocument& out, std::int64_t now_ms, Diagnostics& found)
      : out_(out), now_ms_(now_ms), found_(found) {}

  void read(const YamlNode& root) {
    if (root.kind != Value::Kind::Map) {
      found_.error(root.span, "emergency/type", "an emergency overlay must be a map of keys");
      return;
    }
    const PolicyFields fields(root, kTable, found_);
    out_.who = fields.text("who");
    out_.why = fields.text("why");
    read_until(fields);
    read_most(fields);
    if (const YamlNode* scenes = fields.find("scenes")) {
      for (const auto& name : names_of(*scenes)) out_.scenes.push_back(name.name);
    }
    if (const YamlNode* block = fields.find("block")) read_values(*block);
    if (const YamlNode* lists = fields.find("block_lists")) read_lists(*lists);
    if (const YamlNode* names = fields.find("switch_off")) out_.switched_off = names_of(*names);
    if (!found_.has_errors() && out_.values.empty() && out_.lists.empty() &&
        out_.switched_off.empty()) {
      found_.error(root.span, "emergency/nothing", "the overlay takes nothing away",
                   "give it `block`, `block_lists` or `switch_off`, or remove the file");
    }
  }

 private:
  void read_until(const PolicyFields& fields) {
    const std::string text = fields.text("until");
    const auto zone = TimeZone::find(fields.text("zone", "UTC"));
    if (text.empty() || !zone) return;
    const auto until = zone->parse(text);
    if (!until) return;
    out_.until_ms = until->ms;
    if (out_.until_ms - now_ms_ <= kEmergencyMostMs) return;
    found_.error(fields.span("until"), "emergency/too-long",
                 fmt::format("`{}` is more than 7 days ahead", text),
                 "what has to hold for longer is a rule: write it into a policy");
  }

  void read_most(const PolicyFields& fields) {
    const std::string text = fields.text("most", "10%");
    char* end = nullptr;
    const double percent = std::strtod(text.c_str(), &end);
    if (std::string_view(end) == "%" && percent > 0.0 && percent <= kMost * 100.0) {
      out_.most = percent / 100.0;
      return;
    }
    found_.error(fields.span("most"), "emergency/most",
                 fmt::format("`most` must be a share above 0% and up to 50%, found `{}`", text),
                 "write '10%'");
  }

  static std::vector<EmergencyDocument::Name> names_of(const YamlNode& node) {
    std::vector<EmergencyDocument::Name> names;
    if (node.kind != Value::Kind::List) names.push_back({node.text, node.span});
    for (const YamlNode& item : node.items) names.push_back({item.text, item.span});
    return names;
  }

  void read_values(const YamlNode& node) {
    for (const YamlEntry& entry : node.entries) {
      EmergencyDocument::Values block{entry.key, {}, entry.key_span};
      if (entry.value.kind != Value::Kind::List) add_value(entry.value, block);
      for (const YamlNode& item : entry.value.items) add_value(item, block);
      if (block.values.size() > kValuesMax) {
        found_.error(entry.key_span, "emergency/too-many",
                     fmt::format("{} values are more than {}", block.values.size(), kValuesMax),
                     "put them into a list of the bundle and name it in `block_lists`");
      }
      out_.values.push_back(std::move(block));
    }
  }

  void add_value(const YamlNode& node, EmergencyDocument::Values& block) {
    const bool is_scalar = node.kind == Value::Kind::Text || node.is_number();
    const std::string& text = node.text;
    const auto is_blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    // A value becomes a line of a list.
    const bool fits = is_scalar && !text.empty() && !is_blank(text.front()) &&
                      !is_blank(text.back()) && text.front() != '#' &&
                      text.find(" #") == std::string::npos && text.find('\n') == std::string::npos;
    if (fits) {
      block.values.push_back(text);
    } else {
      found_.error(node.span, "emergency/value",
                   is_scalar ? fmt::format("`{}` cannot be blocked: it is empty, or has blanks at "
                                           "its ends, ` #` or a line end in it",
                                           text)
                             : std::string("a value to block must be a text or a number"));
    }
  }

  void read_lists(const YamlNode& node) {
    for (const YamlEntry& entry : node.entries) {
      if (entry.value.kind == Value::Kind::Text && !entry.value.text.empty()) {
        out_.lists.push_back({entry.key, entry.value.text, entry.value.span});
      } else {
        found_.error(entry.value.span, "emergency/list", "the name of one list stands here",
                     "write author: blocked_authors");
      }
    }
  }

  EmergencyDocument& out_;
  const std::int64_t now_ms_;
  Diagnostics& found_;
};

}  // namespace

bool EmergencyDocument::speaks_for(std::string_view scene) const {
  return scenes.empty() || std::find(scenes.begin(), scenes.end(), scene) != scenes.end();
}

bool parse_emergency(const std::string& path, std::string_view text, std::int64_t now_ms,
                     EmergencyDocument& out, Diagnostics& diagnostics) {
  out = EmergencyDocument();
  out.path = path;
  Diagnostics found;
  YamlNode root;
  if (read_yaml(path, text, root, found)) Reader(out, now_ms, found).read(root);
  found.sort();
  diagnostics.append(found);
  return !found.has_errors();
}

}  // namespace lineup
