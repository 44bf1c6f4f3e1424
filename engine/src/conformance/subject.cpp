// SPDX-License-Identifier: Apache-2.0
#include "conformance/subject.hpp"

#include <fmt/format.h>

#include "native/file.hpp"
#include "node/plugin_text.hpp"

namespace lineup {

namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "; ") + text;
  return out;
}

// LIMIT: random configurations tried for a type that its defaults do not make; cheap, since all but
// one of them end in create().
constexpr std::uint64_t kConfigsTried = 500;

// The configuration of the defaults, or else the first random one that the plugin takes: relations
// between parameters are no part of a schema.
std::optional<std::string> accepted_config(const NodeType& type) {
  const auto plain = plain_config(type.configuration_schema);
  if (!plain || ask_wishes(type, *plain)) return plain;
  for (std::uint64_t seed = 1; seed <= kConfigsTried; ++seed) {
    Random random(seed);
    auto config = random_config(type.configuration_schema, random);
    if (config && ask_wishes(type, *config)) return config;
  }
  return plain;
}

}  // namespace

CallAnswer Subject::call(const Shape& shape) {
  const MadeRequest feed(*stage, shape);
  return call_once(*instance, feed, arena);
}

Result<std::shared_ptr<const Library>> load_subject(const CaseInput& input) {
  const auto bytes = read_file(input.path, kLibraryMaxBytes);
  if (!bytes) return tl::unexpected(bytes.error());
  const StagedFile file{input.path, input.path, content_hash(*bytes), bytes->size()};
  input.at("load and init");
  return Library::load(file, {.unloads = true, .types = {}});
}

Result<std::unique_ptr<Subject>> make_subject(std::shared_ptr<const NodeType> type,
                                              const std::string& config, bool with_optional) {
  auto subject = std::make_unique<Subject>();
  subject->type = std::move(type);
  subject->config = config;
  auto wishes = ask_wishes(*subject->type, config);
  if (!wishes) return tl::unexpected(wishes.error());
  subject->wishes = *std::move(wishes);
  subject->stage = std::make_unique<MadePolicy>(subject->wishes, with_optional);
  auto instance = NodeInstance::create(subject->type, config, subject->stage->layout);
  if (!instance) return tl::unexpected(instance.error());
  subject->instance = *std::move(instance);
  return subject;
}

void merge(CaseOutcome& all, const std::string& type, CaseOutcome one) {
  if (one.verdict < all.verdict || one.verdict == CaseVerdict::Passed) return;
  const std::string text = "`" + type + "`: " + one.message;
  if (one.verdict > all.verdict) {
    all = {one.verdict, text};
  } else {
    all.message += "; " + text;
  }
}

CaseOutcome for_each_subject(const CaseInput& input,
                             const std::function<CaseOutcome(Subject&)>& body, bool with_optional) {
  const auto library = load_subject(input);
  if (!library) return failed(library.error().message);
  CaseOutcome all;
  for (const auto& type : (*library)->types()) {
    input.at(fmt::format("create `{}`", type->name));
    const auto config = input.config.empty() ? accepted_config(*type) : std::optional(input.config);
    if (!config) {
      merge(all, type->name, skipped("no configuration fits its schema: give one with --config"));
      continue;
    }
    input.at(fmt::format("create and activate `{}`", type->name));
    auto subject = make_subject(type, *config, with_optional);
    if (!subject) {
      const bool is_config = subject.error().code == "conformance/config";
      const std::string text = subject.error().message;
      merge(all, type->name,
            is_config ? skipped("does not take the configuration of its defaults (" + text +
                                "): give one with --config")
                      : failed(text));
      continue;
    }
    input.at(fmt::format("call of `{}`", type->name));
    merge(all, type->name, body(**subject));
  }
  return all;
}

CaseOutcome failed(std::string message) { return {CaseVerdict::Failed, std::move(message)}; }
CaseOutcome warning(std::string message) { return {CaseVerdict::Warning, std::move(message)}; }
CaseOutcome skipped(std::string message) { return {CaseVerdict::Skipped, std::move(message)}; }

CaseOutcome judge_contract(const CallAnswer& answer) {
  if (!answer.faults.empty()) return failed(joined(answer.faults));
  if (!answer.doubts.empty()) return warning(joined(answer.doubts));
  return {};
}

CaseOutcome judge_success(const CallAnswer& answer) {
  if (!answer.faults.empty()) return failed(joined(answer.faults));
  if (answer.status != LINEUP_OK) {
    return failed(fmt::format("the call failed: {} (status {})", answer.message, answer.status));
  }
  return judge_contract(answer);
}

}  // namespace lineup
