// SPDX-License-Identifier: Apache-2.0
//
// The one place where the revision that serves is exchanged. Sessions pin it with a hazard slot of
// their own, so a request takes no lock that publishing takes; what was replaced is destroyed on
// the thread that publishes, once no session names it any more. An idle thread keeps nothing alive.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lineup {

// Without the type: see Published<T> below.
class PublishedBase {
 public:
  struct Counts {
    std::uint64_t published = 0;  // since the beginning
    std::uint64_t destroyed = 0;
    std::size_t retained = 0;  // superseded, still to be had by id
    std::size_t retired = 0;   // neither current nor retained, but a session still uses it
    std::size_t pinned = 0;    // sessions inside a request
  };

  // Keeps the last `retained_count` superseded revisions, so that page 2 meets the rules of page 1.
  // REQUIRES: session_count > 0.
  explicit PublishedBase(std::uint32_t session_count, std::uint32_t retained_count = 4);
  // REQUIRES: no session is pinned.
  ~PublishedBase();
  PublishedBase(const PublishedBase&) = delete;
  PublishedBase& operator=(const PublishedBase&) = delete;

  // Ends the pin of this session. [request]
  void unpin(std::uint32_t session) noexcept;

  // Destroys what no session and nobody else uses any more, and says how many revisions are still
  // waiting for that. Called by publish; a reload thread calls it again from time to time.
  // [control]
  std::size_t collect();

  // collect() until nothing is waiting any more; false when that took longer. [control]
  [[nodiscard]] bool drain(std::int64_t timeout_ns);

  // The id of the revision that serves; empty before the first. [any]
  [[nodiscard]] std::string current_id() const;
  // The ids of the retained revisions, newest first. [any]
  [[nodiscard]] std::vector<std::string> retained_ids() const;
  [[nodiscard]] Counts counts() const;

  // See Published<T>; public for the reload thread, which does not know the type.
  void publish(std::string id, std::shared_ptr<const void> revision);
  // The same without destroying anything: for callers that hold a lock, who collect() after it.
  void place(std::string id, std::shared_ptr<const void> revision);
  // A revision on trial, which some requests are given beside the one that serves; null: none.
  // Publishing it ends its trial. [control]
  void set_candidate(std::string id, std::shared_ptr<const void> revision);

 protected:
  [[nodiscard]] const void* pin_current(std::uint32_t session) noexcept;
  [[nodiscard]] const void* pin_id(std::uint32_t session, std::string_view id) noexcept;
  [[nodiscard]] const void* pin_on_trial(std::uint32_t session) noexcept;
  [[nodiscard]] std::shared_ptr<const void> shared_current() const;
  [[nodiscard]] std::shared_ptr<const void> shared_by_id(std::string_view id) const;

 private:
  struct Entry {
    std::string id;
    std::shared_ptr<const void> revision;
    mutable std::uint64_t number = 0;  // counts publications; publishers' own
  };
  // One cache line per session: pinning is a write that no other session shares.
  struct alignas(64) Hazard {
    std::atomic<const Entry*> entry{nullptr};
  };
  using Shelf = std::atomic<const Entry*>;

  const void* pin_from(const Shelf& place, std::uint32_t session, std::string_view id,
                       bool any_id) noexcept;
  bool is_pinned(const Entry* entry) const;
  std::size_t collect_locked(std::vector<std::unique_ptr<const Entry>>& dead);

  const std::uint32_t session_count_;
  const std::uint32_t shelf_count_;
  std::unique_ptr<Hazard[]> hazards_;
  Shelf current_{nullptr};
  Shelf candidate_{nullptr};  // owned, and nowhere else
  // The current revision and the retained ones, in no order. Owns them.
  std::unique_ptr<Shelf[]> shelves_;

  mutable std::mutex mutex_;  // publishers and readers of status; never the request path
  std::vector<std::unique_ptr<const Entry>> retired_;
  std::uint64_t published_ = 0;
  std::uint64_t destroyed_ = 0;
};

template <typename T>
class Published : public PublishedBase {
 public:
  using PublishedBase::PublishedBase;

  // The revision that serves, for this session until unpin(); null before the first was published.
  // Lock-free. REQUIRES: the session is the caller's and is not pinned. [request]
  [[nodiscard]] const T* pin(std::uint32_t session) noexcept {
    return static_cast<const T*>(pin_current(session));
  }
  // The same for a current or retained revision of that id; null, and not pinned, when there is
  // none (any more). [request]
  [[nodiscard]] const T* pin(std::uint32_t session, std::string_view id) noexcept {
    return static_cast<const T*>(pin_id(session, id));
  }

  // The revision on trial, for this session until unpin(); null, and not pinned, when there is
  // none. [request]
  [[nodiscard]] const T* pin_candidate(std::uint32_t session) noexcept {
    return static_cast<const T*>(pin_on_trial(session));
  }

  // Serves `revision` from the next request on and retires what was replaced. [control]
  void publish(std::string id, std::shared_ptr<const T> revision) {
    PublishedBase::publish(std::move(id), std::move(revision));
  }

  // For those who are not serving: status, take-over, replay. Null when there is none. [any]
  [[nodiscard]] std::shared_ptr<const T> current() const {
    return std::static_pointer_cast<const T>(shared_current());
  }
  [[nodiscard]] std::shared_ptr<const T> find(std::string_view id) const {
    return std::static_pointer_cast<const T>(shared_by_id(id));
  }
};

}  // namespace lineup
