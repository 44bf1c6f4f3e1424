// SPDX-License-Identifier: Apache-2.0
//
// The wall between the engine and the C interface: what is thrown becomes a status and a message.
#pragma once

#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "facade/engine_state.hpp"

namespace lineup {

inline void report(lineup_error_sink* errors, lineup_status status, std::string_view message) {
  if (errors != nullptr && errors->report != nullptr) {
    errors->report(errors, status, text_of(message));
  }
}

// Nothing may be thrown across the interface.
template <typename Body>
lineup_status guarded(lineup_error_sink* errors, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    report(errors, LINEUP_E_BUDGET, "out of memory");
    return LINEUP_E_BUDGET;
  } catch (const std::exception& fault) {
    report(errors, LINEUP_E_INTERNAL, fault.what());
    return LINEUP_E_INTERNAL;
  } catch (...) {
    return LINEUP_E_INTERNAL;
  }
}

}  // namespace lineup
