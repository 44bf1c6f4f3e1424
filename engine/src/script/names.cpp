// SPDX-License-Identifier: Apache-2.0
//
// bind_names: what a use of a rule names, looked up in the plan it becomes part of.
#include <fmt/format.h>

#include "script/rule.hpp"

namespace lineup {

namespace {

class NameBinder {
 public:
  NameBinder(const RuleFile& rule, const Value& arguments, const ConditionScope& scope,
             std::vector<Condition>& conditions, Diagnostics& diagnostics)
      : rule_(rule),
        arguments_(arguments),
        scope_(scope),
        conditions_(conditions),
        diagnostics_(diagnostics) {}

  bool run() {
    for (const ParameterSpec& parameter : rule_.parameters) {
      if (const Value* value = arguments_.find(parameter.name); value != nullptr) {
        bind(parameter, *value);
      }
    }
    for (const CodeRead& read : rule_.reads) bind(read);
    return good_;
  }

 private:
  void bind(const ParameterSpec& parameter, const Value& value) {
    switch (parameter.type) {
      case ParameterType::Column:
        bind_column(parameter, value);
        break;
      case ParameterType::Columns:
        if (value.kind == Value::Kind::Text) bind_column(parameter, value);
        for (const Value& item : value.items) bind_column(parameter, item);
        break;
      case ParameterType::List:
        bind_list(parameter, value);
        break;
      case ParameterType::Condition:
        compile(value.text, value.span, value.text_offset);
        break;
      default:
        break;
    }
  }

  void bind(const CodeRead& read) {
    switch (read.kind) {
      case CodeRead::Kind::Column:
        if (!is_column(read.text)) report_column(read.span, read.text, {});
        break;
      case CodeRead::Kind::Context:
        if (scope_.context != nullptr) scope_.context->slot(read.text);
        break;
      case CodeRead::Kind::Condition:
        compile(read.text, read.span, 1);
        break;
    }
  }

  bool is_column(const std::string& name) const {
    return name == kIdName || scope_.schema == nullptr || scope_.schema->find(name).has_value();
  }

  void bind_column(const ParameterSpec& parameter, const Value& value) {
    if (is_column(value.text)) return;
    // A default that does not fit is no fault of the rule file: the policy has to say what does.
    const bool is_default = value.span.file == rule_.path && arguments_.span.line > 0;
    if (!is_default) return report_column(value.span, value.text, {});
    report_column(arguments_.span, value.text,
                  fmt::format(", the default of `{}`; give `{}`", parameter.name, parameter.name));
  }

  void report_column(const Span& span, const std::string& name, const std::string& reason) {
    std::vector<std::string> names = scope_.schema->names();
    names.emplace_back(kIdName);
    const std::string near = nearest(name, names);
    diagnostics_
        .error(span, "script/unknown-column", fmt::format("unknown column `{}`{}", name, reason),
               near.empty() || !reason.empty() ? "" : fmt::format("did you mean `{}`?", near))
        .arguments = {{"rule", rule_.name}, {"column", name}};
    good_ = false;
  }

  void bind_list(const ParameterSpec& parameter, const Value& value) {
    if (scope_.lists == nullptr || scope_.lists->count(value.text) > 0) return;
    std::vector<std::string> names;
    for (const auto& entry : *scope_.lists) names.push_back(entry.first);
    const std::string near = nearest(value.text, names);
    diagnostics_
        .error(value.span, "script/unknown-list",
               fmt::format("`{}` names the list `{}`, but there is no `lists/{}.txt`",
                           parameter.name, value.text, value.text),
               near.empty() ? "" : fmt::format("did you mean `{}`?", near))
        .arguments = {{"rule", rule_.name}, {"list", value.text}};
    good_ = false;
  }

  void compile(const std::string& text, const Span& span, std::uint32_t offset) {
    Condition condition;
    if (!condition.compile(text, scope_, span, offset, diagnostics_)) {
      good_ = false;
      return;
    }
    if (rule_.has_allow || rule_.has_score) conditions_.push_back(std::move(condition));
  }

  const RuleFile& rule_;
  const Value& arguments_;
  const ConditionScope& scope_;
  std::vector<Condition>& conditions_;
  Diagnostics& diagnostics_;
  bool good_ = true;
};

}  // namespace

bool bind_names(const RuleFile& rule, const Value& arguments, const ConditionScope& scope,
                std::vector<Condition>& conditions, Diagnostics& diagnostics) {
  return NameBinder(rule, arguments, scope, conditions, diagnostics).run();
}

}  // namespace lineup
