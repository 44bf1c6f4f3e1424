// SPDX-License-Identifier: Apache-2.0
//
// A model is read event by event, so that one that is too large or too deep is given up at that
// place and nothing is built that could overflow the stack when it ends.
#include "policy/models.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "policy/fields.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

class ModelReader : public nlohmann::json_sax<Json> {
 public:
  ModelReader(const std::string& path, Value& out) : out_(out) { span_.file = path; }

  // Why it cannot be used; empty: it can.
  [[nodiscard]] const std::string& fault() const { return fault_; }
  // The byte, from 1, at which it stops being JSON; 0: it is JSON.
  [[nodiscard]] std::size_t broken_at() const { return broken_at_; }

  bool null() override { return add({}); }
  bool boolean(bool value) override {
    Value made;
    made.kind = Value::Kind::Bool;
    made.boolean = value;
    return add(std::move(made));
  }
  bool number_integer(number_integer_t value) override {
    Value made;
    made.kind = Value::Kind::Integer;
    made.integer = value;
    made.number = static_cast<double>(value);
    return add(std::move(made));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(INT64_MAX)) {
      return number_float(static_cast<double>(value), {});
    }
    return number_integer(static_cast<number_integer_t>(value));
  }
  bool number_float(number_float_t value, const string_t& /*written*/) override {
    if (!std::isfinite(value)) return fail("a number is too large");
    Value made;
    made.kind = Value::Kind::Float;
    made.number = value;
    return add(std::move(made));
  }
  bool string(string_t& value) override {
    Value made;
    made.kind = Value::Kind::Text;
    made.text = std::move(value);
    return add(std::move(made));
  }
  bool binary(binary_t& /*value*/) override { return fail("binary values are no JSON"); }
  bool start_object(std::size_t /*size*/) override { return open(Value::Kind::Map); }
  bool start_array(std::size_t /*size*/) override { return open(Value::Kind::List); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    // Twice the same key: which of the two was meant?
    if (!keys_.back().insert(value).second) return fail(fmt::format("`{}` comes twice", value));
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t position, const std::string& /*token*/,
                   const nlohmann::detail::exception& /*error*/) override {
    broken_at_ = std::max<std::size_t>(position, 1);
    return fail("it is not JSON");
  }

 private:
  bool fail(std::string why) {
    if (fault_.empty()) fault_ = std::move(why);
    return false;
  }

  // INVARIANT: only the innermost open value grows, so that the pointers to the outer ones hold.
  bool add(Value made) {
    if (++count_ > kModelValuesMax) {
      return fail(fmt::format("there are more than {} values", kModelValuesMax));
    }
    made.span = span_;
    if (open_.empty()) {
      out_ = std::move(made);
      last_ = &out_;
    } else if (open_.back()->kind == Value::Kind::List) {
      last_ = &open_.back()->items.emplace_back(std::move(made));
    } else {
      last_ = &open_.back()->entries.emplace_back(std::move(key_), std::move(made)).value;
    }
    return true;
  }
  bool open(Value::Kind kind) {
    if (open_.size() == kModelDepthMax) {
      return fail(fmt::format("lists and maps are nested more than {} deep", kModelDepthMax));
    }
    Value made;
    made.kind = kind;
    if (!add(std::move(made))) return false;
    open_.push_back(last_);
    keys_.emplace_back();
    return true;
  }
  bool close() {
    open_.pop_back();
    keys_.pop_back();
    return true;
  }

  Value& out_;
  Span span_;
  std::vector<Value*> open_;
  std::vector<std::set<std::string>> keys_;  // of each open map
  Value* last_ = nullptr;
  std::string key_;
  std::size_t count_ = 0;
  std::string fault_;
  std::size_t broken_at_ = 0;
};

Span place_of(const std::string& path, std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(byte - 1, text.size()));
  const auto lines = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  Span span;
  span.file = path;
  span.line = span.end_line = lines + 1;
  span.column = span.end_column = static_cast<std::uint32_t>(before.size() - line_begin) + 1;
  return span;
}

// The name in `{model: NAME}`; null: it is something else.
const Value* named_model(const Value& value) {
  if (value.kind != Value::Kind::Map || value.entries.size() != 1) return nullptr;
  const ValueEntry& only = value.entries.front();
  return only.key == "model" && only.value.kind == Value::Kind::Text ? &only.value : nullptr;
}

class Placer {
 public:
  Placer(const Models& models, std::set<std::string, std::less<>>& used, Diagnostics& diagnostics)
      : models_(models), used_(used), diagnostics_(diagnostics) {}

  // `with` itself is the plugin's own: it may have a parameter that is called `model`.
  void place_below(Value& with) {
    for (Value& item : with.items) place(item);
    for (ValueEntry& entry : with.entries) place(entry.value);
  }

 private:
  void place(Value& value) {
    const Value* name = named_model(value);
    if (name == nullptr) return place_below(value);
    const auto found = models_.find(name->text);
    if (found == models_.end()) {
      std::vector<std::string> names;
      for (const auto& [each, model] : models_) names.push_back(each);
      diagnostics_
          .error(
              name->span, "policy/unknown-model", fmt::format("there is no model `{}`", name->text),
              names.empty() ? fmt::format("put a file models/{}.json into the bundle", name->text)
                            : key_hint(name->text, names))
          .arguments = {{"name", name->text}};
      return;
    }
    used_.insert(name->text);
    const Span span = value.span;
    value = Value(found->second);
    value.span = span;
  }

  const Models& models_;
  std::set<std::string, std::less<>>& used_;
  Diagnostics& diagnostics_;
};

}  // namespace

bool parse_model(const std::string& path, std::string_view text, Value& out,
                 Diagnostics& diagnostics) {
  Span whole;
  whole.file = path;
  if (text.size() > kModelBytesMax) {
    diagnostics.error(
        whole, "model/too-large",
        fmt::format("the model has {} bytes: at most {} are read", text.size(), kModelBytesMax));
    return false;
  }
  ModelReader reader(path, out);
  if (Json::sax_parse(text, &reader)) return true;
  const std::size_t broken_at = reader.broken_at();
  diagnostics.error(broken_at == 0 ? whole : place_of(path, text, broken_at), "model/unreadable",
                    fmt::format("the model cannot be read: {}", reader.fault()),
                    "a model is one JSON value, as its plugin's parameter describes it");
  out = {};
  return false;
}

void place_models(PolicyDocument& policy, const Models& models,
                  std::set<std::string, std::less<>>& used, Diagnostics& diagnostics) {
  Placer placer(models, used, diagnostics);
  for (PolicyNode& node : policy.nodes) placer.place_below(node.with);
  for (PolicyRule& rule : policy.rules) {
    if (rule.is_plugin) placer.place_below(rule.with);
  }
}

}  // namespace lineup
