// SPDX-License-Identifier: Apache-2.0
//
// What a C++ plugin holds in its hands: its configuration while it is created, the binder while it
// is activated, and per request the call, the slate builder and the page. Thin wrappers; none owns
// anything but Config, and all but Host end with the call they were given to.
#ifndef LINEUP_CPP_CALL_HPP
#define LINEUP_CPP_CALL_HPP

#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lineup/cpp/columns.hpp"
#include "lineup/cpp/status.hpp"
#include "lineup/ext/builder.h"
#include "lineup/ext/config.h"
#include "lineup/ext/constraint.h"
#include "lineup/plugin.h"

namespace lineup::plugin {

enum class Level : std::int32_t { Debug = 0, Info = 1, Warning = 2, Error = 3 };

// The host. Lives as long as the process: keep it by value.
class Host {
 public:
  explicit Host(const lineup_host* host) noexcept : host_(host) {}

  // A table of the host by its id, or null.
  template <typename Table>
  [[nodiscard]] const Table* extension(const char* id) const noexcept {
    return static_cast<const Table*>(host_->extension(host_, id));
  }
  void log(Level level, std::string_view message) const noexcept {
    host_->log(host_, static_cast<std::int32_t>(level), text(message));
  }

 private:
  const lineup_host* host_;
};

// The parameters of one instance, by JSON pointer ("/theta", "/channels/0/column"). Reading throws
// Failure when something of another type is there.
class Config {
 public:
  Config(Host host, lineup_text json, lineup_error_sink* errors)
      : host_(host), service_(host.extension<lineup_host_config>(LINEUP_HOST_CONFIG)) {
    if (service_ == nullptr) {
      throw Failure(LINEUP_E_UNSUPPORTED, "the host has no `" LINEUP_HOST_CONFIG "`");
    }
    const lineup_status status = service_->open(json, errors, &config_);
    if (status != LINEUP_OK) throw Failure(status, "the configuration is not JSON");
  }
  Config(const Config&) = delete;
  Config& operator=(const Config&) = delete;
  ~Config() { service_->close(config_); }

  [[nodiscard]] Host host() const noexcept { return host_; }

  [[nodiscard]] bool has(const std::string& pointer) const {
    // Asks for any one type: only NOT_FOUND says that nothing is there.
    std::uint64_t count = 0;
    return service_->count(config_, pointer.c_str(), &count) != LINEUP_E_NOT_FOUND;
  }
  // Each with the value that stands for "not given".
  [[nodiscard]] double number(const std::string& pointer, double fallback) const {
    return read(service_->number, pointer, "a number", fallback);
  }
  [[nodiscard]] std::int64_t integer(const std::string& pointer, std::int64_t fallback) const {
    return read(service_->integer, pointer, "an integer", fallback);
  }
  [[nodiscard]] bool boolean(const std::string& pointer, bool fallback) const {
    return read(service_->boolean, pointer, "true or false", std::int32_t{fallback}) != 0;
  }
  [[nodiscard]] std::string text(const std::string& pointer, std::string_view fallback) const {
    return std::string(view(read(service_->text, pointer, "a text", plugin::text(fallback))));
  }
  // Elements of an array or members of an object; 0 when nothing is there.
  [[nodiscard]] std::uint64_t count(const std::string& pointer) const {
    return read(service_->count, pointer, "a list", std::uint64_t{0});
  }

 private:
  template <typename T>
  T read(lineup_status (*reader)(const lineup_config*, const char*, T*), const std::string& pointer,
         const char* expected, T value) const {
    const lineup_status status = reader(config_, pointer.c_str(), &value);
    if (status == LINEUP_OK || status == LINEUP_E_NOT_FOUND) return value;
    throw Failure(status, "`" + pointer + "` must be " + expected);
  }

  Host host_;
  const lineup_host_config* service_;
  lineup_config* config_ = nullptr;
};

// A column, resolved: what Binder gives and Call takes.
template <typename View>
class Bound {
 public:
  Bound() = default;
  explicit Bound(std::uint32_t index) noexcept : index_(index) {}
  [[nodiscard]] std::uint32_t index() const noexcept { return index_; }

 private:
  std::uint32_t index_ = 0;
};

// A value of the context, resolved.
struct BoundValue {
  std::uint32_t index = 0;
};

// A number of the configuration that may be steered while requests run, resolved.
class Live {
 public:
  Live() = default;
  Live(std::uint32_t index, double value) noexcept : index_(index), value_(value) {}

 private:
  friend class Call;
  std::uint32_t index_ = UINT32_MAX;  // not bound: the host cannot steer
  double value_ = 0.0;
};

// A column that a scorer writes, resolved.
struct BoundOutput {
  std::uint32_t index = 0;
};

// Resolves names while an instance is activated. Failing throws; the host has then told the
// operator what is wrong.
class Binder {
 public:
  explicit Binder(const lineup_binder* binder) noexcept : binder_(binder) {}

  // A column that must be declared. `View` is Floats, Codes, ...
  template <typename View>
  [[nodiscard]] Bound<View> required(std::string_view name) const {
    return column<View>(name, LINEUP_COLUMN_REQUIRED);
  }
  // A column that may be undeclared: its view is then empty in every call.
  template <typename View>
  [[nodiscard]] Bound<View> optional(std::string_view name) const {
    return column<View>(name, LINEUP_COLUMN_OPTIONAL);
  }
  [[nodiscard]] BoundValue context(std::string_view path) const {
    BoundValue value;
    check(binder_->context_value(binder_, text(path), &value.index), "context value", path);
    return value;
  }
  // Scorers: a column to write. It is created when the policy does not declare it.
  [[nodiscard]] BoundOutput output(std::string_view name) const {
    BoundOutput bound;
    check(binder_->output(binder_, text(name), &bound.index), "output", name);
    return bound;
  }
  // The index of an objective, or nothing when the policy has none of that name.
  [[nodiscard]] std::optional<std::uint32_t> objective(std::string_view name) const {
    std::uint32_t index = 0;
    const lineup_status status = binder_->objective(binder_, text(name), &index);
    if (status == LINEUP_E_NOT_FOUND) return std::nullopt;
    check(status, "objective", name);
    return index;
  }

  struct Objective {
    std::string_view name;
    std::string_view column;  // empty: it has none
  };
  [[nodiscard]] Objective objective_at(std::uint32_t index) const {
    lineup_text name{};
    lineup_text column{};
    check(binder_->objective_at(binder_, index, &name, &column), "objective",
          std::to_string(index));
    return {view(name), view(column)};
  }

  // The number at `path` of the configuration ("theta"), which a policy may then declare live.
  // `value` is what the configuration says, or its default: it holds where nothing steers.
  [[nodiscard]] Live live(std::string_view path, double value) const {
    if (!LINEUP_HAS(lineup_binder, binder_, live) || binder_->live == nullptr) {
      return {UINT32_MAX, value};
    }
    std::uint32_t index = 0;
    const lineup_status status = binder_->live(binder_, text(path), &index);
    if (status == LINEUP_E_NOT_FOUND) return {UINT32_MAX, value};
    check(status, "live number", path);
    return {index, value};
  }

  [[nodiscard]] std::uint32_t objective_count() const noexcept { return binder_->objective_count; }
  [[nodiscard]] std::uint32_t rows_max() const noexcept { return binder_->rows_max; }
  [[nodiscard]] std::uint32_t slots_max() const noexcept { return binder_->slots_max; }
  [[nodiscard]] std::uint32_t history_max() const noexcept { return binder_->history_max; }
  [[nodiscard]] std::uint32_t threads_max() const noexcept { return binder_->threads_max; }

 private:
  template <typename View>
  [[nodiscard]] Bound<View> column(std::string_view name, std::int32_t required) const {
    std::uint32_t index = 0;
    check(binder_->column(binder_, text(name), View::kType, required, &index), "column", name);
    return Bound<View>(index);
  }
  static void check(lineup_status status, const char* what, std::string_view name) {
    if (status == LINEUP_OK) return;
    throw Failure(status, std::string(what) + " `" + std::string(name) + "` cannot be bound");
  }

  const lineup_binder* binder_;
};

// Everything one call may look at.
class Call {
 public:
  explicit Call(const lineup_call* call) noexcept : call_(call) {}

  [[nodiscard]] std::uint32_t row_count() const noexcept { return call_->row_count; }
  [[nodiscard]] std::uint32_t history_count() const noexcept { return call_->history_count; }
  [[nodiscard]] std::uint32_t slot_count() const noexcept { return call_->slot_count; }
  [[nodiscard]] std::uint32_t objective_count() const noexcept { return call_->objective_count; }

  // A column of the candidates, and the same one of the history.
  template <typename View>
  [[nodiscard]] View rows(Bound<View> column) const noexcept {
    return View(call_->columns[column.index()], call_->row_count);
  }
  template <typename View>
  [[nodiscard]] View history(Bound<View> column) const noexcept {
    if (call_->history_count == 0) return View();
    return View(call_->history[column.index()], call_->history_count);
  }
  [[nodiscard]] Ids ids() const noexcept { return Ids(call_->ids); }
  [[nodiscard]] Ids history_ids() const noexcept {
    return Ids(call_->history_count == 0 ? nullptr : call_->history_ids);
  }
  // Null when the request does not have it.
  [[nodiscard]] const lineup_value* context(BoundValue value) const noexcept {
    return call_->context[value.index];
  }
  // Whether the row passed the filters.
  [[nodiscard]] bool is_candidate(Row row) const noexcept {
    return ((call_->candidates[row / 64] >> (row % 64)) & 1U) != 0;
  }

  // A live number as this request has it.
  [[nodiscard]] double live(const Live& number) const noexcept {
    return number.index_ == UINT32_MAX ? number.value_ : call_->live[number.index_];
  }
  // The same of a number that counts: rounded, and at least `least`.
  [[nodiscard]] std::uint32_t live_count(const Live& number, std::uint32_t least) const noexcept {
    const double value = live(number) + 0.5;
    return value <= least ? least : value < 4e9 ? static_cast<std::uint32_t>(value) : UINT32_MAX;
  }
  [[nodiscard]] std::span<const double> weights() const noexcept {
    return {call_->weights, call_->objective_count};
  }
  [[nodiscard]] std::span<const double> discounts() const noexcept {
    return {call_->discounts, call_->slot_count};
  }
  [[nodiscard]] std::uint64_t seed() const noexcept { return call_->seed; }
  [[nodiscard]] std::int64_t now_ms() const noexcept { return call_->now_ms; }
  [[nodiscard]] std::int64_t deadline_ns() const noexcept { return call_->deadline_ns; }
  [[nodiscard]] std::uint64_t work_limit() const noexcept { return call_->work_limit; }

  // `count` objects, not initialised, that live until the request ends. Throws std::bad_alloc when
  // the request's memory is used up: the wall makes it LINEUP_E_BUDGET.
  template <typename T>
  [[nodiscard]] std::span<T> allocate(std::size_t count) const {
    static_assert(alignof(T) <= 16, "request memory is aligned to 16 bytes");
    if (count == 0) return {};
    void* memory = call_->allocate(call_, count * sizeof(T));
    if (memory == nullptr) throw std::bad_alloc();
    return {static_cast<T*>(memory), count};
  }
  template <typename T>
  [[nodiscard]] std::span<T> filled(std::size_t count, const T& value) const {
    const std::span<T> memory = allocate<T>(count);
    for (T& item : memory) item = value;
    return memory;
  }

  // Counts work (a row looked at is one unit). False: stop and return LINEUP_E_BUDGET.
  [[nodiscard]] bool spend(std::uint64_t units) const noexcept {
    return call_->spend(call_, units) == 0;
  }
  // Says why this call fails: `return call.fail(LINEUP_E_INVALID_INPUT, "...")`.
  Status fail(lineup_status status, std::string_view message) const noexcept {
    report(call_->errors, status, message);
    return status;
  }
  [[nodiscard]] const lineup_call* raw() const noexcept { return call_; }

 private:
  const lineup_call* call_;
};

// The slate builder. Nothing to free: the page in it ends with the call.
class Builder {
 public:
  Builder(const lineup_host_builder* table, lineup_builder* builder,
          std::uint32_t row_count) noexcept
      : table_(table), builder_(builder), row_count_(row_count) {}

  [[nodiscard]] std::span<const Row> placed() const noexcept {
    const Row* rows = nullptr;
    std::uint32_t count = 0;
    if (table_->placed(builder_, &rows, &count) != LINEUP_OK) return {};
    return {rows, count};
  }
  // Bits of the rows that may stand next, opaque constraints not asked. Valid until the next
  // change.
  [[nodiscard]] std::span<const std::uint64_t> allowed() const noexcept {
    const std::uint64_t* bits = nullptr;
    if (table_->allowed(builder_, &bits) != LINEUP_OK) return {};
    return {bits, (row_count_ + std::size_t{63}) / 64};
  }
  [[nodiscard]] bool permits(Row row) const noexcept { return table_->permits(builder_, row) == 1; }
  // The row of the largest utility that may stand next, or nothing. REQUIRES: [row_count].
  [[nodiscard]] std::optional<Row> best_permitted(std::span<const double> utility) const noexcept {
    const Row row = table_->best_permitted(builder_, utility.data());
    if (row == LINEUP_NO_ROW) return std::nullopt;
    return row;
  }
  Status place(Row row) noexcept { return table_->place(builder_, row); }
  Status undo() noexcept { return table_->undo(builder_); }
  [[nodiscard]] std::uint32_t mark() const noexcept { return table_->mark(builder_); }
  Status rewind(std::uint32_t mark) noexcept { return table_->rewind(builder_, mark); }
  // A second builder in the same state, or nothing when there are too many.
  [[nodiscard]] std::optional<Builder> fork() const noexcept {
    lineup_builder* copy = nullptr;
    if (table_->fork(builder_, &copy) != LINEUP_OK) return std::nullopt;
    return Builder(table_, copy, row_count_);
  }
  // LINEUP_YES, LINEUP_NO or LINEUP_UNKNOWN.
  [[nodiscard]] std::int32_t completable() const noexcept { return table_->completable(builder_); }
  // What placing each row next would cost in soft rules. REQUIRES: [row_count].
  Status penalties(std::span<double> out) const noexcept {
    return table_->penalties(builder_, out.data());
  }
  // Completes the page by the engine's search. Utility: [row_count] finite, or empty for the
  // score column.
  Status solve(std::span<const double> utility = {}) noexcept {
    return table_->solve(builder_, utility.data());
  }
  // Proposes the page; one that is not full is completed first.
  Status emit(std::span<const double> utility = {}) noexcept {
    return table_->emit(builder_, utility.data());
  }
  // The handle, for services beside this one.
  [[nodiscard]] lineup_builder* raw() const noexcept { return builder_; }

 private:
  const lineup_host_builder* table_;
  lineup_builder* builder_;
  std::uint32_t row_count_;
};

// A page in the making, as a constraint sees it.
class Page {
 public:
  explicit Page(const lineup_page* page) noexcept : page_(page) {}

  [[nodiscard]] std::span<const Row> rows() const noexcept { return {page_->rows, page_->count}; }
  // The page's own memory, [count] objects of the state_size() that the constraint declares.
  template <typename T>
  [[nodiscard]] std::span<T> state(std::size_t count) const noexcept {
    return {static_cast<T*>(page_->state), count};
  }
  // What prepare() returned.
  template <typename T>
  [[nodiscard]] const T& prepared() const noexcept {
    return *static_cast<const T*>(page_->prepared);
  }

 private:
  const lineup_page* page_;
};

}  // namespace lineup::plugin

#endif
