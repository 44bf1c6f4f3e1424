// SPDX-License-Identifier: Apache-2.0
#include "node/carry.hpp"

#include <algorithm>
#include <cstring>

#include "node/plugin_text.hpp"

namespace lineup {

namespace {

struct Sink : lineup_state_sink {
  explicit Sink(std::size_t most)
      : lineup_state_sink{sizeof(lineup_state_sink), 0, this, take}, bytes_max(most) {}

  static lineup_status take(const lineup_state_sink* sink, const void* from, std::uint64_t size) {
    Sink& self = *static_cast<Sink*>(sink->context);
    if (size > 0 && from == nullptr) return LINEUP_E_INVALID_INPUT;
    // A state with a hole in it is worse than none: once refused, it stays refused.
    self.is_full = self.is_full || size > self.bytes_max - self.bytes.size();
    if (self.is_full) return LINEUP_E_BUDGET;
    self.bytes.append(static_cast<const char*>(from), static_cast<std::size_t>(size));
    return LINEUP_OK;
  }
  std::string bytes;
  std::size_t bytes_max;
  bool is_full = false;
};

struct Source : lineup_state_source {
  Source(std::string_view all, std::size_t most)
      : lineup_state_source{sizeof(lineup_state_source), 0, this, give}, rest(all), step(most) {}

  static lineup_status give(const lineup_state_source* source, void* to, std::uint64_t size,
                            std::uint64_t* got) {
    Source& self = *static_cast<Source*>(source->context);
    if (got == nullptr || (size > 0 && to == nullptr)) return LINEUP_E_INVALID_INPUT;
    const std::size_t count = static_cast<std::size_t>(
        std::min<std::uint64_t>(size, std::min(self.step, self.rest.size())));
    if (count > 0) std::memcpy(to, self.rest.data(), count);
    self.rest.remove_prefix(count);
    *got = count;
    return LINEUP_OK;
  }
  std::string_view rest;
  std::size_t step;
};

tl::unexpected<Error> refused(const NodeType& type, const char* what, const std::string& reason) {
  return failure("node/state", "`" + type.name + "`: " + what + ": " + reason);
}

}  // namespace

const lineup_state* state_table(const NodeType& type) {
  const lineup_state* table = nullptr;
  ErrorSink unheard;
  const lineup_status status = call_plugin(&unheard, [&] {
    table = static_cast<const lineup_state*>(type.table->extension(LINEUP_EXT_STATE));
    return LINEUP_OK;
  });
  const bool is_whole = status == LINEUP_OK && table != nullptr &&
                        LINEUP_HAS(lineup_state, table, load) && table->save != nullptr &&
                        table->load != nullptr;
  return is_whole ? table : nullptr;
}

Result<std::string> save_state(const NodeType& type, lineup_instance* instance,
                               std::size_t bytes_max) {
  const lineup_state* table = state_table(type);
  if (table == nullptr)
    return refused(type, "save()", "the plugin offers no `" LINEUP_EXT_STATE "`");
  Sink sink(bytes_max);
  ErrorSink errors;
  const lineup_status status =
      call_plugin(&errors, [&] { return table->save(instance, &sink, &errors); });
  if (sink.is_full) {
    return refused(type, "save()", "more than " + std::to_string(bytes_max) + " bytes of state");
  }
  if (status != LINEUP_OK) return refused(type, "save()", errors.text(status));
  return std::move(sink.bytes);
}

Result<void> load_state(const NodeType& type, lineup_instance* instance, std::string_view bytes,
                        std::size_t step) {
  const lineup_state* table = state_table(type);
  if (table == nullptr)
    return refused(type, "load()", "the plugin offers no `" LINEUP_EXT_STATE "`");
  Source source(bytes, std::max<std::size_t>(step, 1));
  ErrorSink errors;
  const lineup_status status =
      call_plugin(&errors, [&] { return table->load(instance, &source, &errors); });
  if (status != LINEUP_OK) return refused(type, "load()", errors.text(status));
  return {};
}

}  // namespace lineup
