// SPDX-License-Identifier: Apache-2.0
//
// Four keys of a row say when and what it is; all others are columns. A row has to say when it
// ends, because what nobody takes away stays on the page for ever; `never` says that on purpose.
#include "policy/pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/clock.hpp"
#include "policy/fields.hpp"

namespace lineup {

namespace {

// LIMIT: rows of one pool. Every request carries them all; hundreds of campaigns fit, a catalogue
// does not.
constexpr std::size_t kRowsMax = 1000;

class PoolReader {
 public:
  PoolReader(PoolDocument& out, Diagnostics& diagnostics) : out_(out), diagnostics_(diagnostics) {}

  void read(const YamlNode& root) {
    if (root.kind != Value::Kind::List) {
      error(root.span, "pool/type",
            fmt::format("a pool must be a list of rows, found {}", describe(root.kind)),
            "write - {id: NAME, expires: 2026-12-31, ...} for each row");
      return;
    }
    if (root.items.size() > kRowsMax) {
      error(root.span, "pool/too-many",
            fmt::format("the pool has {} rows, more than {}", root.items.size(), kRowsMax),
            "rows by the thousand are candidates: send them with the request");
      return;
    }
    for (const YamlNode& item : root.items) read_row(item);
  }

 private:
  void error(const Span& span, const char* code, std::string message, std::string hint = {}) {
    diagnostics_.error(span, code, std::move(message), std::move(hint));
  }

  void read_row(const YamlNode& node) {
    if (node.kind != Value::Kind::Map) {
      return error(node.span, "pool/type",
                   fmt::format("a row must be a map, found {}", describe(node.kind)),
                   "write {id: NAME, expires: 2026-12-31, ...}");
    }
    PoolRow row;
    row.span = row.expires_span = node.span;
    for (const YamlEntry& entry : node.entries) {
      if (entry.key == "id") {
        read_id(entry.value, row);
      } else if (entry.key == "from") {
        read_date(entry, row.from);
      } else if (entry.key == "expires") {
        row.expires_span = entry.value.span;
        const bool is_never = entry.value.kind == Value::Kind::Text && entry.value.text == "never";
        if (!is_never) read_date(entry, row.expires);
      } else if (entry.key == "zone") {
        read_zone(entry.value, row);
      } else {
        row.values.push_back(entry);
      }
    }
    if (node.entry("id") == nullptr) {
      error(node.span, "pool/missing-key", "a row needs the key `id`");
    }
    if (node.entry("expires") == nullptr) {
      error(node.span, "pool/missing-key",
            row.id.empty() ? "a row needs the key `expires`"
                           : fmt::format("row `{}` does not say when it ends", row.id),
            "write expires: 2026-12-31, the first moment without it, or expires: never");
    }
    if (!row.id.empty()) out_.rows.push_back(std::move(row));
  }

  void read_id(const YamlNode& node, PoolRow& row) {
    const bool fits =
        node.kind == Value::Kind::Integer || (node.kind == Value::Kind::Text && !node.text.empty());
    if (!fits) {
      return error(
          node.span, "pool/type",
          fmt::format("`id` must be a text or a whole number, found {}", describe(node.kind)));
    }
    row.span = node.span;
    const auto [first, is_new] = lines_.emplace(node.text, node.span.line);
    if (!is_new) {
      return error(node.span, "pool/duplicate-id",
                   fmt::format("there are two rows with the id `{}`", node.text),
                   fmt::format("the other stands on line {}", first->second));
    }
    row.id = node.text;
  }

  void read_date(const YamlEntry& entry, std::string& out) {
    if (entry.value.kind == Value::Kind::Text && parse_time_ms(entry.value.text)) {
      out = entry.value.text;
      return;
    }
    error(entry.value.span, "pool/date",
          entry.value.kind == Value::Kind::Text
              ? fmt::format("`{}` is no date", entry.value.text)
              : fmt::format("`{}` must be a date, found {}", entry.key, describe(entry.value.kind)),
          "dates are written 2026-01-31 or 2026-01-31T09:00");
  }

  void read_zone(const YamlNode& node, PoolRow& row) {
    if (node.kind == Value::Kind::Text && TimeZone::find(node.text)) {
      row.zone = node.text;
      return;
    }
    error(node.span, "pool/zone", fmt::format("`{}` is no time zone", node.text),
          "write a place such as Europe/Berlin, an offset such as '+08:00', or UTC");
  }

  PoolDocument& out_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::uint32_t> lines_;  // of ids
};

// A pool of which everything is commented out, or that waits for its first row.
bool has_nothing(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::size_t first = text.substr(0, end).find_first_not_of(" \t\r");
    if (first != std::string_view::npos && text[first] != '#') return false;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return true;
}

}  // namespace

bool parse_pool(const std::string& path, const std::string& name, std::string_view text,
                PoolDocument& out, Diagnostics& diagnostics) {
  out = PoolDocument();
  out.path = path;
  out.name = name;
  if (has_nothing(text)) return true;
  Diagnostics found;
  YamlNode root;
  if (read_yaml(path, text, root, found)) PoolReader(out, found).read(root);
  found.sort();
  diagnostics.append(found);
  return !found.has_errors();
}

}  // namespace lineup
