// SPDX-License-Identifier: Apache-2.0
//
// How a function that can fail answers inside the engine. Exceptions stay inside the folder that
// talks to the library that throws them.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace lineup {

// Why something could not be done. `code` is stable and made for machines ("native/truncated");
// `message` is a sentence for people: lower case, no full stop, user text in backticks.
struct Error {
  std::string code;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> failure(std::string code, std::string message) {
  return tl::unexpected<Error>(Error{std::move(code), std::move(message)});
}

}  // namespace lineup
