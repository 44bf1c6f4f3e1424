// SPDX-License-Identifier: Apache-2.0
//
// Status, failure and the wall: nothing that is thrown in C++ code crosses the C interface.
// Control functions (constructors, activate) throw Failure; request functions return Status.
#ifndef LINEUP_CPP_STATUS_HPP
#define LINEUP_CPP_STATUS_HPP

#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "lineup/cpp/text.hpp"
#include "lineup/status.h"

namespace lineup::plugin {

using abi::text;
using abi::view;

// What a request function answers: LINEUP_OK or the class of an error. Converts from lineup_status
// implicitly, so that `return LINEUP_OK;` works.
class [[nodiscard]] Status {
 public:
  constexpr Status(lineup_status code = LINEUP_OK) noexcept : code_(code) {}
  [[nodiscard]] constexpr bool ok() const noexcept { return code_ == LINEUP_OK; }
  [[nodiscard]] constexpr lineup_status code() const noexcept { return code_; }

 private:
  lineup_status code_;
};

// Thrown by control functions: becomes a status and a sentence for the operator.
class Failure : public std::runtime_error {
 public:
  Failure(lineup_status status, const std::string& message)
      : std::runtime_error(message), status_(status) {}
  // A configuration that is wrong.
  explicit Failure(const std::string& message) : Failure(LINEUP_E_INVALID_CONFIG, message) {}
  [[nodiscard]] lineup_status status() const noexcept { return status_; }

 private:
  lineup_status status_;
};

inline void report(lineup_error_sink* errors, lineup_status status,
                   std::string_view message) noexcept {
  if (errors != nullptr) errors->report(errors, status, text(message));
}

// Runs `body`, which returns a Status; what it throws becomes a status and a message.
template <typename Body>
[[nodiscard]] lineup_status guarded(lineup_error_sink* errors, Body&& body) noexcept {
  const auto failed = [errors](lineup_status status, const char* message) noexcept {
    report(errors, status, message);
    return status;
  };
  try {
    return Status(std::forward<Body>(body)()).code();
  } catch (const Failure& failure) {
    return failed(failure.status(), failure.what());
  } catch (const std::bad_alloc&) {
    return failed(LINEUP_E_BUDGET, "out of memory");
  } catch (const std::exception& error) {
    return failed(LINEUP_E_INTERNAL, error.what());
  } catch (...) {
    return failed(LINEUP_E_INTERNAL, "something that is not a std::exception was thrown");
  }
}

}  // namespace lineup::plugin

#endif
