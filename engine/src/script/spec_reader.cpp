// SPDX-License-Identifier: Apache-2.0
//
// Which fields a kind has is a table; how a field is read is the same for all kinds.
#include "script/spec_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "condition/table_form.hpp"
#include "script/arguments.hpp"
#include "script/channel_reader.hpp"
#include "script/library.hpp"

namespace lineup {

namespace {

using Names = std::vector<std::string>;

// What a kind can say, in the words of rule files.
struct KindFields {
  Kind kind;
  Names fields;
  Names needs_one_of;  // empty: nothing is needed
};

const KindFields kKindFields[] = {
    {Kind::Window,
     {"by", "where", "size", "max", "min", "slots", "tumbling", "across", "history", "missing"},
     {"by", "where"}},
    {Kind::Spacing, {"where", "by", "gap", "first_slot", "history", "missing"}, {"where", "by"}},
    {Kind::Quota,
     {"where", "by", "min", "max", "slots", "shares", "even", "history", "missing"},
     {"where", "by", "shares"}},
    {Kind::Cap, {"by", "where", "max", "slots", "history", "missing"}, {"by"}},
    {Kind::Place, {"where", "id", "slots", "slot_column", "mode"}, {"where", "id", "slot_column"}},
    {Kind::Adjacent,
     {"left", "right", "forbid", "require", "across", "history"},
     {"left", "right"}},
    {Kind::Budget, {"column", "where", "max", "min", "slots", "history"}, {"column"}},
    {Kind::Similar, {"embedding", "where", "size", "max_cosine", "history"}, {"embedding"}},
    {Kind::Filter, {"where"}, {"where"}},
    {Kind::Boost, {"where", "add", "multiply", "column"}, {}},
    {Kind::Mix, {"channels", "by", "pattern", "ratio", "interleave", "slots"}, {"channels"}},
    {Kind::Order, {"by", "where", "ascending", "within", "history", "missing"}, {"by"}},
};

const KindFields* fields_of(Kind kind) {
  for (const KindFields& entry : kKindFields) {
    if (entry.kind == kind) return &entry;
  }
  return nullptr;
}

// LIMIT: unknown fields reported of one constraint.
constexpr int kFaultsMax = 20;

struct ModeWord {
  std::string_view word;
  PlaceMode mode;
};
constexpr ModeWord kModes[] = {{"exactly", PlaceMode::Exactly},
                               {"at_or_above", PlaceMode::AtOrAbove},
                               {"only_within", PlaceMode::OnlyWithin},
                               {"never_in", PlaceMode::NeverIn},
                               {"last", PlaceMode::Last}};

// Reads one constraint's table into a Spec.
class SpecReader {
 public:
  // `table` is the stack index of the constraint's table.
  SpecReader(lua_State* L, int table, const Declaration& declared, const Source& source,
             Diagnostics& diagnostics)
      : L_(L),
        table_(table),
        word_(word_of(declared)),
        text_(source, declared.line, word_),
        diagnostics_(diagnostics) {
    spec_.kind = declared.kind;
    spec_.span = text_.word();
  }

  bool run(Spec& out) {
    const KindFields* fields = fields_of(spec_.kind);
    if (fields == nullptr) return false;  // no word declares such a kind
    check_names(*fields);
    read_fields();
    check_needs(*fields);
    check_place();
    lua_settop(L_, table_);
    out = std::move(spec_);
    return good_;
  }

 private:
  void error(const char* field, const char* code, std::string message, std::string hint = {}) {
    diagnostics_.error(text_.value(field), code, std::move(message), std::move(hint)).arguments = {
        {"word", word_}, {"field", field}};
    good_ = false;
  }
  void wrong(const char* field, std::string_view wanted) {
    push_text_of(L_, -1);
    error(field, "script/wrong-type",
          fmt::format("`{}` of `{}` must be {}, got `{}`", field, word_, wanted,
                      lua_tostring(L_, -1)));
  }
  // Pushes the field; false when it is absent.
  bool push(const char* field) {
    lua_settop(L_, table_);
    return lua_getfield(L_, table_, field) != LUA_TNIL;
  }

  void check_names(const KindFields& fields) {
    int faults = 0;
    for (lua_pushnil(L_); lua_next(L_, table_) != 0; lua_pop(L_, 1)) {
      push_text_of(L_, -2);
      const std::string name = lua_tostring(L_, -1);
      lua_pop(L_, 1);
      if (std::find(fields.fields.begin(), fields.fields.end(), name) != fields.fields.end()) {
        continue;
      }
      if (++faults > kFaultsMax) continue;
      const std::string near = nearest(name, fields.fields);
      diagnostics_
          .error(text_.key(name), "script/unknown-field",
                 fmt::format("`{}` has no field `{}`", word_, name),
                 near.empty() ? fmt::format("it has {}", fmt::join(fields.fields, ", "))
                              : fmt::format("did you mean `{}`?", near))
          .arguments = {{"word", word_}, {"field", name}};
      good_ = false;
    }
  }

  void read_fields() {
    read_condition("where", spec_.where);
    if (spec_.kind != Kind::Mix) read_columns("by", spec_.by);
    read_columns("within", spec_.within);
    read_count("size", spec_.size, true, 1);
    if (spec_.kind == Kind::Budget) {
      read_factor("max", spec_.max);
      read_factor("min", spec_.min);
    } else {
      read_count("max", spec_.max, true, 0);
      read_count("min", spec_.min, true, 0);
    }
    read_count("gap", spec_.gap, true, 0);
    read_count("first_slot", spec_.first_slot, false, 1);
    read_count("history", spec_.history, false, 0);
    read_slots();
    read_flag("tumbling", spec_.tumbling);
    if (push("missing")) {
      const char* text = lua_tostring(L_, -1);
      spec_.missing_as_value = text != nullptr && std::string_view(text) == "as_value";
      if (!spec_.missing_as_value) wrong("missing", "`as_value`");
    }
    if (push("id")) {
      const int type = lua_type(L_, -1);
      if (type == LUA_TSTRING || lua_isinteger(L_, -1) != 0) {
        push_text_of(L_, -1);
        spec_.id = lua_tostring(L_, -1);
      } else {
        wrong("id", "an id");
      }
    }
    read_text("slot_column", spec_.slot_column, "the name of a column");
    read_text("column", spec_.column, "the name of a column");
    read_text("embedding", spec_.column, "the name of a column of embeddings");
    read_factor("max_cosine", spec_.max_cosine);
    read_flag("ascending", spec_.ascending);
    read_flag("even", spec_.even);
    read_sides();
    read_across();
    if (spec_.kind == Kind::Mix) report_fault(read_mix(L_, table_, spec_));
    if (spec_.kind == Kind::Quota) report_fault(read_shares(L_, table_, spec_));
    read_factor("add", spec_.add);
    read_factor("multiply", spec_.multiply);
    read_mode();
  }

  void read_text(const char* field, std::string& out, std::string_view wanted) {
    if (!push(field)) return;
    if (lua_type(L_, -1) != LUA_TSTRING || lua_rawlen(L_, -1) == 0) return wrong(field, wanted);
    out = lua_tostring(L_, -1);
  }

  // A condition as text or as a table.
  void read_condition(const char* field, std::string& out) {
    if (!push(field)) return;
    if (lua_type(L_, -1) != LUA_TTABLE) return read_text(field, out, "a condition");
    Value table;
    read_value(L_, -1, table);
    const auto text = condition_text(table);
    if (text) {
      out = *text;
    } else {
      error(field, "script/condition", text.error().message,
            "write {type = \"ad\", price = {\">\", 5}}, or the condition as a text");
    }
  }

  void read_flag(const char* field, bool& out) {
    if (!push(field)) return;
    if (lua_type(L_, -1) != LUA_TBOOLEAN) return wrong(field, "true or false");
    out = lua_toboolean(L_, -1) != 0;
  }

  void read_columns(const char* field, Names& out) {
    if (!push(field)) return;
    Value value;
    if (!push_behind_view(L_, -1)) lua_pushvalue(L_, -1);
    read_value(L_, -1, value);
    lua_pop(L_, 1);
    if (value.kind == Value::Kind::Text) out = {value.text};
    for (const Value& item : value.items) {
      if (item.kind == Value::Kind::Text) out.push_back(item.text);
    }
    const bool whole = value.kind == Value::Kind::Text || out.size() == value.items.size();
    if (out.empty() || !whole) wrong(field, "a column or a list of columns");
  }

  // A side of a pair: a condition, or the end of the page on that side.
  void read_side(const char* field, std::string_view end, std::string& out, PairSide& side) {
    read_text(field, out, fmt::format("a condition or {}", end));
    if (out != end) return;
    side = PairSide::PageEnd;
    out.clear();
  }

  void read_sides() {
    if (spec_.kind != Kind::Adjacent) return;
    read_side("left", kPageStart, spec_.left, spec_.left_side);
    read_side("right", kPageEnd, spec_.right, spec_.right_side);
    bool forbid = true;
    read_flag("require", spec_.require);
    forbid = !spec_.require;
    read_flag("forbid", forbid);
    if (forbid == spec_.require) {
      error("forbid", "script/conflicting-fields", "`adjacent` forbids a pair or requires it",
            "give one of `forbid` and `require`");
    }
  }

  void read_across() {
    if (!push("across")) return;
    const char* text = lua_tostring(L_, -1);
    const std::string_view word = text == nullptr ? "" : text;
    if (word == "rows") {
      spec_.across = Across::Rows;
    } else if (word == "columns") {
      spec_.across = Across::Columns;
    } else if (word != "sequence") {
      wrong("across", "one of sequence, rows, columns");
    }
  }

  void report_fault(const std::optional<FieldFault>& fault) {
    if (!fault) return;
    error(fault->field, "script/wrong-type",
          fmt::format("`{}` of `{}` must be {}", fault->field, word_, fault->wanted));
  }

  // Counts are whole; shares are allowed where slots are counted.
  void read_count(const char* field, Amount& out, bool may_be_share, double least) {
    if (!push(field) || read_live_number(L_, out)) return;
    if (may_be_share && lua_type(L_, -1) == LUA_TSTRING) {
      if (const auto share = parse_share(lua_tostring(L_, -1))) {
        out = Amount::fraction(*share);
        return;
      }
    }
    const double value = lua_type(L_, -1) == LUA_TNUMBER ? lua_tonumber(L_, -1) : -1.0;
    if (!(value >= least) || value != std::floor(value) || value > 1e9) {
      return wrong(field, fmt::format("a whole number from {}{}", least,
                                      may_be_share ? " or a share such as '10%'" : ""));
    }
    out = Amount::count(value);
  }

  void read_factor(const char* field, Amount& out) {
    if (!push(field) || read_live_number(L_, out)) return;
    if (lua_type(L_, -1) != LUA_TNUMBER || !std::isfinite(lua_tonumber(L_, -1))) {
      return wrong(field, "a number");
    }
    out = Amount::count(lua_tonumber(L_, -1));
  }

  void add_slots(const Value& value, bool& good) {
    std::optional<SlotSet> slots;
    if (value.kind == Value::Kind::Text) slots = parse_slots(value.text);
    if (value.kind == Value::Kind::Integer) slots = parse_slots(std::to_string(value.integer));
    good = good && slots.has_value();
    if (!slots) return;
    spec_.slots.ranges.insert(spec_.slots.ranges.end(), slots->ranges.begin(), slots->ranges.end());
  }

  void read_slots() {
    if (!push("slots")) return;
    Value value;
    if (!push_behind_view(L_, -1)) lua_pushvalue(L_, -1);
    bool good = read_value(L_, -1, value);
    if (value.kind == Value::Kind::Text && value.text == kNoSlots) {
      error("slots", "script/no-slots", "`first` of less than one names no slot",
            "leave the constraint out with `when`");
      return;
    }
    if (value.kind != Value::Kind::List) add_slots(value, good);
    for (const Value& item : value.items) add_slots(item, good);
    lua_pop(L_, 1);
    if (!good || spec_.slots.is_all()) wrong("slots", "slots such as 3, '1..4' or {1, 5, '9..12'}");
  }

  void read_mode() {
    if (!push("mode")) return;
    const char* text = lua_tostring(L_, -1);
    Names words;
    for (const ModeWord& entry : kModes) {
      words.emplace_back(entry.word);
      if (text != nullptr && entry.word == text) {
        spec_.mode = entry.mode;
        return;
      }
    }
    wrong("mode", fmt::format("one of {}", fmt::join(words, ", ")));
  }

  void check_needs(const KindFields& fields) {
    if (fields.needs_one_of.empty()) return;
    for (const std::string& name : fields.needs_one_of) {
      if (push(name.c_str())) return;
    }
    diagnostics_
        .error(text_.word(), "script/missing-field",
               fmt::format("`{}` needs `{}`", word_, fmt::join(fields.needs_one_of, "` or `")))
        .arguments = {{"word", word_}};
    good_ = false;
  }

  void check_place() {
    if (spec_.kind != Kind::Place || !good_) return;
    const bool speaks_of_slots = !spec_.slots.is_all() || !spec_.slot_column.empty();
    if (spec_.mode == PlaceMode::Last ? !speaks_of_slots : speaks_of_slots) return;
    diagnostics_
        .error(text_.word(), "script/missing-field",
               spec_.mode == PlaceMode::Last ? "`place` with mode `last` takes no slots"
                                             : "`place` needs `slots` or `slot_column`")
        .arguments = {{"word", word_}};
    good_ = false;
  }

  lua_State* L_;
  int table_;
  std::string word_;
  TableText text_;
  Diagnostics& diagnostics_;
  Spec spec_;
  bool good_ = true;
};

}  // namespace

bool read_spec(lua_State* L, const Declaration& declared, const Source& source,
               Diagnostics& diagnostics, Spec& out) {
  return SpecReader(L, lua_gettop(L), declared, source, diagnostics).run(out);
}

}  // namespace lineup
