// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing of what an instance carries over to the next one (ext/state.h). A node type
// that has these two members offers it:
//
//   void save(StateWriter& out) const;  // out.value(kFormat); out.value(count_);
//   void load(StateReader& in);         // in.expect(kFormat); count_ = in.value<std::uint64_t>();
//
// Reading loops over short reads and throws Failure where the bytes end too soon; the wall makes a
// status of it, and the host begins with a cold instance.
#ifndef LINEUP_CPP_STATE_HPP
#define LINEUP_CPP_STATE_HPP

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "lineup/cpp/status.hpp"
#include "lineup/ext/state.h"

namespace lineup::plugin {

class StateWriter {
 public:
  explicit StateWriter(const lineup_state_sink* sink) noexcept : sink_(sink) {}
  void bytes(const void* from, std::uint64_t size) {
    const lineup_status status = sink_->write(sink_, from, size);
    if (status != LINEUP_OK) throw Failure(status, "the host does not take the state");
  }
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void value(const T& one) { bytes(&one, sizeof one); }

 private:
  const lineup_state_sink* sink_;
};

class StateReader {
 public:
  explicit StateReader(const lineup_state_source* source) noexcept : source_(source) {}
  // Exactly `size` bytes.
  void bytes(void* to, std::uint64_t size) {
    for (std::uint64_t done = 0; done < size;) {
      const std::uint64_t got = some(static_cast<std::byte*>(to) + done, size - done);
      if (got == 0) throw Failure(LINEUP_E_INVALID_INPUT, "the state is cut short");
      done += got;
    }
  }
  template <typename T>
  requires std::is_trivially_copyable_v<T> && std::is_default_constructible_v<T>
  [[nodiscard]] T value() {
    T one{};
    bytes(&one, sizeof one);
    return one;
  }
  // What must stand here: a mark, a version.
  template <typename T>
  void expect(const T& wanted) {
    if (value<T>() != wanted) {
      throw Failure(LINEUP_E_INVALID_INPUT, "the state is none of this version");
    }
  }
  // Nothing may be left.
  void end() {
    std::byte more{};
    if (some(&more, 1) != 0) {
      throw Failure(LINEUP_E_INVALID_INPUT, "the state goes on after its end");
    }
  }

 private:
  std::uint64_t some(std::byte* to, std::uint64_t size) {
    std::uint64_t got = 0;
    const lineup_status status = source_->read(source_, to, size, &got);
    if (status != LINEUP_OK) throw Failure(status, "the state cannot be read");
    return got;
  }
  const lineup_state_source* source_;
};

}  // namespace lineup::plugin

#endif
