// SPDX-License-Identifier: Apache-2.0
//
// Messages end in JSON, in logs and on terminals; a stray byte would break the first and could
// command the last.
#include "node/plugin_text.hpp"

#include <cstdint>
#include <cstring>

namespace lineup {

namespace {

// LIMIT: bytes kept of a report on the control path.
constexpr std::size_t kReportMaxBytes = 4096;

// The length of the valid UTF-8 sequence at the begin of `bytes`, or 0. Overlong forms, surrogates
// and what lies past U+10FFFF are not valid.
std::size_t sequence_length(std::string_view bytes) {
  const auto byte = [bytes](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  const std::uint8_t lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  if (length == 0 || length > bytes.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool is_overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool is_surrogate = lead == 0xED && byte(1) >= 0xA0;
  const bool is_too_large = lead == 0xF4 && byte(1) >= 0x90;
  return is_overlong || is_surrogate || is_too_large ? 0 : length;
}

}  // namespace

std::size_t copy_clean(lineup_text text, char* out, std::size_t capacity) {
  if (text.data == nullptr) return 0;
  const std::string_view bytes(text.data, text.size);
  std::size_t written = 0;
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = sequence_length(bytes.substr(i, 4));
    const std::size_t taken = length == 0 ? 1 : length;
    if (written + taken > capacity) break;
    if (length == 0) {
      out[written] = '?';
    } else if (length == 1 && (static_cast<std::uint8_t>(bytes[i]) < 0x20 || bytes[i] == 0x7F)) {
      out[written] = ' ';
    } else {
      std::memcpy(out + written, bytes.data() + i, length);
    }
    written += taken;
    i += taken;
  }
  return written;
}

std::string_view describe(lineup_status status) {
  switch (status) {
    case LINEUP_E_INVALID_CONFIG:
      return "gave no reason (invalid configuration)";
    case LINEUP_E_INVALID_INPUT:
      return "gave no reason (invalid input)";
    case LINEUP_E_BUDGET:
      return "used up its budget";
    case LINEUP_E_DEADLINE:
      return "met the deadline";
    case LINEUP_E_UNSUPPORTED:
      return "gave no reason (unsupported)";
    case LINEUP_E_NOT_FOUND:
      return "gave no reason (not found)";
    case LINEUP_E_STALE_HANDLE:
      return "used a handle outside its call";
    case LINEUP_E_ABI:
      return "was made for another version of the interface";
    case LINEUP_E_REFUSED:
      return "gave no reason (refused)";
    default:
      return "gave no reason (internal error)";
  }
}

ErrorSink::ErrorSink() : lineup_error_sink{sizeof(lineup_error_sink), 0, nullptr, take} {}

std::string ErrorSink::text(lineup_status status) const {
  return text_.empty() ? std::string(describe(status)) : text_;
}

void ErrorSink::set(std::string_view text) { take(this, LINEUP_OK, {text.data(), text.size()}); }

void ErrorSink::take(lineup_error_sink* sink, lineup_status, lineup_text message) {
  try {
    std::string& text = static_cast<ErrorSink*>(sink)->text_;
    text.resize(kReportMaxBytes);
    text.resize(copy_clean(message, text.data(), text.size()));
  } catch (...) {
    // No memory for a message about a failure: the status is enough.
  }
}

}  // namespace lineup
