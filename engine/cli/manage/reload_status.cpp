// SPDX-License-Identifier: Apache-2.0
//
// Reads the engine's status.
#include "cli/manage/reload_status.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/print/text_view.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::json;

Diagnostic read_diagnostic(const Json& json) {
  Diagnostic found;
  found.severity =
      json.value("severity", "error") == "warning" ? Severity::Warning : Severity::Error;
  found.code = json.value("code", "");
  found.message = json.value("message", "");
  found.hint = json.value("hint", "");
  found.span.file = json.value("file", "");
  found.span.line = found.span.end_line = json.value("line", 0U);
  found.span.column = json.value("column", 0U);
  found.span.end_column = found.span.column + 1;
  return found;
}

// The status; null when the engine does not tell it. Throws what the parser throws.
Json read_status(lineup_engine* engine) {
  std::string text;
  lineup_text_sink sink{};
  sink.struct_size = sizeof(sink);
  sink.context = &text;
  sink.write = [](void* context, lineup_text piece) {
    static_cast<std::string*>(context)->append(view(piece));
  };
  if (lineup_status_json(engine, &sink) != LINEUP_OK) return nullptr;
  return Json::parse(text);
}

tl::unexpected<Error> no_status() {
  return failure("status/engine", "the engine does not tell its status");
}
tl::unexpected<Error> unreadable(const Json::exception& fault) {
  return failure("status/json", fmt::format("the status cannot be read: {}", fault.what()));
}

}  // namespace

Result<ReloadAttempt> last_attempt(lineup_engine* engine) {
  try {
    const Json status = read_status(engine);
    if (status.is_null()) return no_status();
    const Json& json = status.at("last_attempt");
    ReloadAttempt attempt;
    attempt.number = json.value("number", std::uint64_t{0});
    attempt.revision = json.value("revision", "");
    attempt.state = json.value("state", "");
    attempt.elapsed_ms = json.value("elapsed_ms", 0.0);
    if (json.contains("error")) attempt.message = json.at("error").value("message", "");
    for (const Json& found : json.value("diagnostics", Json::array())) {
      attempt.diagnostics.push_back(read_diagnostic(found));
    }
    return attempt;
  } catch (const Json::exception& fault) {
    return unreadable(fault);
  }
}

Result<CodeCalls> read_code_calls(lineup_engine* engine) {
  try {
    const Json status = read_status(engine);
    if (status.is_null()) return no_status();
    const Json& json = status.at("code_rules");
    return CodeCalls{json.at("calls").get<std::uint64_t>(),
                     json.at("remembered").get<std::uint64_t>()};
  } catch (const Json::exception& fault) {
    return unreadable(fault);
  }
}

}  // namespace lineup::cli
