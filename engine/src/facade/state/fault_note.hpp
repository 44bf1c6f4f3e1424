// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with something that is written again and again, for the status: the last attempt's
// fault, until one succeeds.
#pragma once

#include <mutex>
#include <string>

#include "base/result.hpp"

namespace lineup {

class FaultNote {
 public:
  void set(const Result<void>& done) {
    const std::lock_guard lock(mutex_);
    text_ = done ? std::string() : done.error().message;
  }
  // Empty: nothing is wrong.
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace lineup
