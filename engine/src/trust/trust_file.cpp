// SPDX-License-Identifier: Apache-2.0
//
// A fault anywhere in a trust file makes all of it void: half a list of keys or a freeze window
// that was not understood must not look like permission.
#include "trust/trust_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/clock.hpp"
#include "trust/strict_json.hpp"

namespace lineup {

namespace {

constexpr const char* kCode = "trust/file";
constexpr std::uint64_t kPeopleMax = 16;  // LIMIT: nobody gets so many people to agree

class Reader {
 public:
  Reader(const std::string& file, Diagnostics& found) : file_(file), found_(found) {}

  void read(const nlohmann::json& json, TrustFile& trust) {
    const ObjectReader fields(json, "", file_, kCode, found_);
    if (!fields.is_object()) return;
    fields.expect_only({"lineup_trust", "keys", "signatures", "scenes", "freezes"});
    if (fields.count("lineup_trust", 0) != 1) {
      fields.complain("lineup_trust", "must be 1", "this version reads trust files of version 1");
    }
    trust.signatures = people(fields, 1, false);
    if (const nlohmann::json* keys = fields.array("keys")) {
      for (std::size_t i = 0; i < keys->size(); ++i) {
        read_key(ObjectReader((*keys)[i], fmt::format("keys[{}]", i), file_, kCode, found_), trust);
      }
    }
    if (const nlohmann::json* scenes = fields.object("scenes", false)) {
      for (const auto& [scene, demands] : scenes->items()) {
        const ObjectReader entry(demands, fmt::format("scenes.{}", scene), file_, kCode, found_);
        if (!entry.is_object()) continue;
        entry.expect_only({"signatures"});
        trust.scene_signatures[scene] = people(entry, 1, true);
      }
    }
    if (const nlohmann::json* freezes = fields.array("freezes", false)) {
      for (std::size_t i = 0; i < freezes->size(); ++i) {
        read_freeze(
            ObjectReader((*freezes)[i], fmt::format("freezes[{}]", i), file_, kCode, found_),
            trust);
      }
    }
  }

 private:
  static std::uint32_t people(const ObjectReader& fields, std::uint64_t otherwise, bool required) {
    const std::uint64_t count = fields.count("signatures", otherwise, required);
    if (count >= 1 && count <= kPeopleMax) return static_cast<std::uint32_t>(count);
    fields.complain("signatures", fmt::format("must be between 1 and {}", kPeopleMax));
    return 1;
  }

  void read_key(const ObjectReader& fields, TrustFile& trust) {
    if (!fields.is_object()) return;
    fields.expect_only({"name", "owner", "public_key", "role", "scenes", "from", "until"});
    TrustedKey key;
    key.name = fields.text("name");
    key.owner = fields.has("owner") ? fields.text("owner") : key.name;
    if (key.name.empty() || key.owner.empty()) fields.complain("name", "must not be empty");
    if (!names_.insert(key.name).second) fields.complain("name", "is that of another key");
    const auto public_key = public_key_of(fields.text("public_key"));
    if (public_key) {
      key.key = *public_key;
      key.id = key_id(key.key);
      if (!ids_.insert(key.id).second) fields.complain("public_key", "is given twice");
    } else {
      fields.complain("public_key", "must be 64 hexadecimal digits",
                      "`lineup bundle keygen` prints the entry of a key");
    }
    const std::string role = fields.text("role");
    if (role == "engineer") {
      key.role = Role::Engineer;
    } else if (role != "operator") {
      fields.complain("role", fmt::format("is `{}`; it must be `operator` or `engineer`", role));
    }
    key.scenes = fields.texts("scenes", key.role == Role::Operator);
    key.all_scenes = !fields.has("scenes") ||
                     std::find(key.scenes.begin(), key.scenes.end(), "*") != key.scenes.end();
    key.from_ms = moment(fields, "from", TimeZone());
    key.until_ms = moment(fields, "until", TimeZone());
    trust.keys.push_back(std::move(key));
  }

  static std::optional<std::int64_t> moment(const ObjectReader& fields, const char* name,
                                            const TimeZone& zone) {
    if (!fields.has(name)) return std::nullopt;
    const std::string text = fields.text(name);
    if (const auto time = zone.parse(text)) return time->ms;
    fields.complain(name, fmt::format("is `{}`, which is no time", text),
                    "write 2026-12-24, 2026-12-24T18:00 or 2026-12-24T18:00:00Z");
    return std::nullopt;
  }

  void read_freeze(const ObjectReader& fields, TrustFile& trust) {
    if (!fields.is_object()) return;
    fields.expect_only({"name", "scenes", "except", "zone", "days", "from", "until"});
    FreezeWindow window;
    window.name = fields.text("name");
    window.scenes = fields.texts("scenes", false);
    window.except = fields.texts("except", false);
    for (const std::string& name : window.except) {
      if (names_.count(name) > 0) continue;
      const std::string near = nearest(name, {names_.begin(), names_.end()});
      fields.complain("except", fmt::format("names `{}`, which is no key", name),
                      near.empty() ? "" : fmt::format("did you mean `{}`?", near));
    }
    const std::string zone = fields.has("zone") ? fields.text("zone") : "UTC";
    if (const auto found = TimeZone::find(zone)) {
      window.zone = *found;
    } else {
      const std::string near = nearest(zone, zone_names());
      fields.complain("zone", fmt::format("is `{}`, which is no time zone", zone),
                      near.empty() ? "write `UTC`, `+08:00` or a place such as `Europe/Berlin`"
                                   : fmt::format("did you mean `{}`?", near));
    }
    if (fields.has("days")) {
      read_days(fields, window);
    } else {
      const auto from = moment(fields, "from", window.zone);
      const auto until = moment(fields, "until", window.zone);
      window.from_ms = from.value_or(0);
      window.until_ms = until.value_or(0);
      if (!fields.has("from") || !fields.has("until")) {
        fields.complain("", "needs `from` and `until`");
      } else if (from && until && *until <= *from) {
        fields.complain("until", "must come after `from`");
      }
    }
    trust.freezes.push_back(std::move(window));
  }

  static void read_days(const ObjectReader& fields, FreezeWindow& window) {
    for (const std::string& day : fields.texts("days")) {
      const auto bit = day_bit(day);
      if (bit) {
        window.days |= *bit;
      } else {
        fields.complain("days", fmt::format("holds `{}`, which is no day of the week", day),
                        "write `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`");
      }
    }
    if (window.days == 0) fields.complain("days", "must name a day");
    window.from_time = fields.text("from");
    window.until_time = fields.text("until");
    for (const char* name : {"from", "until"}) {
      if (!fields.has(name) || is_time_of_day(fields.text(name))) continue;
      fields.complain(name, "must be a time of the day", "with `days`, write \"18:00\"");
    }
  }

  const std::string& file_;
  Diagnostics& found_;
  std::set<std::string> names_;
  std::set<std::string> ids_;
};

}  // namespace

bool TrustedKey::owns(std::string_view scene) const {
  return all_scenes || std::find(scenes.begin(), scenes.end(), scene) != scenes.end();
}

bool TrustedKey::may_ship(std::string_view path) const {
  if (role == Role::Engineer) return true;
  return path.starts_with("rules/") || path.starts_with("policies/") ||
         path.starts_with("lists/") || path.starts_with("pools/");
}

const TrustedKey* TrustFile::find(std::string_view id) const {
  for (const TrustedKey& key : keys) {
    if (key.id == id) return &key;
  }
  return nullptr;
}

std::uint32_t TrustFile::signatures_for(const std::string& scene) const {
  const auto found = scene_signatures.find(scene);
  return found == scene_signatures.end() ? signatures : std::max(signatures, found->second);
}

std::optional<TrustFile> parse_trust(std::string_view bytes, const std::string& file,
                                     Diagnostics& diagnostics) {
  Diagnostics found;
  TrustFile trust;
  if (const auto json = parse_strict(bytes, file, kCode, found)) {
    Reader(file, found).read(*json, trust);
  }
  diagnostics.append(found);
  if (found.has_errors()) return std::nullopt;
  return trust;
}

std::string write_key_entry(const SecretKey& key, Role role,
                            const std::vector<std::string>& scenes) {
  nlohmann::ordered_json entry{{"name", key.name},
                               {"public_key", hex_of(key.public_key)},
                               {"role", role == Role::Engineer ? "engineer" : "operator"}};
  if (!scenes.empty()) entry["scenes"] = scenes;
  return entry.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace lineup
