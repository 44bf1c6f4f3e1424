// SPDX-License-Identifier: Apache-2.0
//
// What plugins say, made fit to be shown: and the wall on the engine's side, for plugins that throw
// although they must not.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

#include "lineup/status.h"

namespace lineup {

// Copies at most `capacity` bytes of `text` to `out` and returns how many: valid UTF-8 in one line.
// What is no UTF-8 becomes `?`, control characters become spaces. [any]
std::size_t copy_clean(lineup_text text, char* out, std::size_t capacity);

// What a status means, for a plugin that failed without a word: "gave no reason (invalid input)".
// Lives as long as the process. [any]
[[nodiscard]] std::string_view describe(lineup_status status);

// The sink of calls on the control path: keeps the last report. Give it to the plugin as a
// lineup_error_sink.
class ErrorSink : public lineup_error_sink {
 public:
  ErrorSink();
  ErrorSink(const ErrorSink&) = delete;
  ErrorSink& operator=(const ErrorSink&) = delete;

  // What was reported, or what `status` means.
  [[nodiscard]] std::string text(lineup_status status) const;
  void set(std::string_view text);

 private:
  static void take(lineup_error_sink* sink, lineup_status status, lineup_text message);
  std::string text_;
};

// Calls into a plugin. What it throws becomes LINEUP_E_INTERNAL and a report.
template <typename Body>
[[nodiscard]] lineup_status call_plugin(lineup_error_sink* errors, Body&& body) {
  const auto threw = [errors](std::string_view what) {
    errors->report(errors, LINEUP_E_INTERNAL, {what.data(), what.size()});
    return lineup_status{LINEUP_E_INTERNAL};
  };
  try {
    const lineup_status status = body();
    return status > LINEUP_OK ? lineup_status{LINEUP_E_INTERNAL} : status;
  } catch (const std::exception& error) {
    return threw(error.what());
  } catch (...) {
    return threw("threw something that is no std::exception");
  }
}

}  // namespace lineup
