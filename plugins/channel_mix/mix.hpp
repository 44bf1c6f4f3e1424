// SPDX-License-Identifier: Apache-2.0
//
// The mixing problem of two channels, and its answers. `inserted` rows (ads) and `own` rows
// (organic) keep their order; a page is then a template that says slot by slot whose turn it is.
// The value of a template is a sum over slots of terms that depend on the slot, the number of
// inserted rows so far and the distance to the last one alone: everything here is dynamic
// programming over that state.
//
//   inserted row j at slot k, d slots behind the last:
//       revenue  theta_d r_j w_k     user  theta_d a_j w_k      theta_d = exp(effect[d])
//   own row i at slot k:             user  u_i w_k
#ifndef LINEUP_CHANNEL_MIX_MIX_HPP
#define LINEUP_CHANNEL_MIX_MIX_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "lineup/cpp/call.hpp"

namespace channel_mix {

namespace sdk = lineup::plugin;

inline constexpr double kNever = -std::numeric_limits<double>::infinity();

// The value of a page for both sides.
struct Worth {
  double revenue = 0.0;
  double user = 0.0;
};

// One request's lists, in the order in which each channel is shown.
struct Mix {
  std::span<const double> revenue;   // [inserted]
  std::span<const double> burden;    // [inserted] their user value
  std::span<const double> own;       // [own] user value
  std::span<const double> discount;  // [slots]
  std::span<const double> effect;    // theta by distance - 1; beyond its end 1
  std::uint32_t slots = 0;
  std::uint32_t first = 0;  // first slot of an inserted row, 0-based
  std::uint32_t gap = 0;    // own rows at least between two inserted ones
  std::uint32_t most = 0;   // inserted rows at most, no more than there are

  // Distances that matter: beyond, all are alike. 0 stands for "none so far".
  [[nodiscard]] std::uint32_t distances() const {
    return std::max<std::uint32_t>(gap + 1, static_cast<std::uint32_t>(effect.size()) + 1) + 1;
  }
  [[nodiscard]] std::uint32_t next_distance(std::uint32_t distance) const {
    return distance == 0 ? 0 : std::min(distance + 1, distances() - 1);
  }
  // Whether inserted row `count` may stand at `slot`, `distance` behind the last one.
  [[nodiscard]] bool may_insert(std::uint32_t slot, std::uint32_t count,
                                std::uint32_t distance) const {
    return count < most && slot >= first && (distance == 0 || distance > gap);
  }
  [[nodiscard]] bool may_own(std::uint32_t slot, std::uint32_t count) const {
    return slot - count < own.size();
  }
  [[nodiscard]] double theta(std::uint32_t distance) const {
    return distance == 0 || distance > effect.size() ? 1.0 : effect[distance - 1];
  }
  [[nodiscard]] Worth insert_worth(std::uint32_t slot, std::uint32_t count,
                                   std::uint32_t distance) const {
    const double scale = theta(distance) * discount[slot];
    return {scale * revenue[count], scale * burden[count]};
  }
  [[nodiscard]] double own_worth(std::uint32_t slot, std::uint32_t count) const {
    return own[slot - count] * discount[slot];
  }
  [[nodiscard]] std::size_t states() const {
    return std::size_t{slots + 1} * (most + 1) * distances();
  }
  [[nodiscard]] std::size_t state(std::uint32_t slot, std::uint32_t count,
                                  std::uint32_t distance) const {
    return (std::size_t{slot} * (most + 1) + count) * distances() + distance;
  }
};

// A page: 1 where a row is inserted. `length`: slots that can be filled.
using Template = std::span<std::uint8_t>;

// What a template is worth. REQUIRES: it keeps first slot, gap and the number of rows.
[[nodiscard]] inline Worth worth_of(const Mix& mix, std::span<const std::uint8_t> page) {
  Worth total;
  std::uint32_t count = 0;
  std::uint32_t distance = 0;
  for (std::uint32_t slot = 0; slot < page.size(); ++slot) {
    if (page[slot] != 0) {
      const Worth each = mix.insert_worth(slot, count, distance);
      total.revenue += each.revenue;
      total.user += each.user;
      ++count;
      distance = 1;
    } else {
      if (mix.may_own(slot, count)) total.user += mix.own_worth(slot, count);
      distance = mix.next_distance(distance);
    }
  }
  return total;
}

// For every state the most that the rest of the page can add to money * revenue + alpha * user;
// what the engine completes (no own row is left, none may be inserted) adds nothing.
class Rest {
 public:
  Rest(const sdk::Call& call, const Mix& mix)
      : mix_(mix), value_(call.allocate<double>(mix.states())) {}

  // States looked at: what to charge.
  std::uint64_t fill(double money, double alpha) {
    money_ = money;
    alpha_ = alpha;
    const std::uint32_t distances = mix_.distances();
    for (std::uint32_t slot = mix_.slots + 1; slot-- > 0;) {
      for (std::uint32_t count = 0; count <= mix_.most; ++count) {
        for (std::uint32_t distance = 0; distance < distances; ++distance) {
          double& best = value_[mix_.state(slot, count, distance)];
          best = 0.0;
          if (slot == mix_.slots || count > slot) continue;
          const double own = after_own(slot, count, distance);
          const double inserted = after_insert(slot, count, distance);
          best = std::max(own, inserted);
          if (best == kNever)
            best = value_[mix_.state(slot + 1, count, mix_.next_distance(distance))];
        }
      }
    }
    return value_.size();
  }
  [[nodiscard]] double operator()(std::uint32_t slot, std::uint32_t count,
                                  std::uint32_t distance) const {
    return value_[mix_.state(slot, count, distance)];
  }
  // The template that reaches it; own rows first among equals.
  void trace(Template page) const {
    std::uint32_t count = 0;
    std::uint32_t distance = 0;
    for (std::uint32_t slot = 0; slot < mix_.slots; ++slot) {
      const double own = after_own(slot, count, distance);
      const double inserted = after_insert(slot, count, distance);
      page[slot] = inserted > own ? 1 : 0;
      distance = page[slot] != 0 ? 1 : mix_.next_distance(distance);
      count += page[slot];
    }
  }

 private:
  [[nodiscard]] double after_own(std::uint32_t slot, std::uint32_t count,
                                 std::uint32_t distance) const {
    if (!mix_.may_own(slot, count)) return kNever;
    return alpha_ * mix_.own_worth(slot, count) +
           value_[mix_.state(slot + 1, count, mix_.next_distance(distance))];
  }
  [[nodiscard]] double after_insert(std::uint32_t slot, std::uint32_t count,
                                    std::uint32_t distance) const {
    if (!mix_.may_insert(slot, count, distance)) return kNever;
    const Worth each = mix_.insert_worth(slot, count, distance);
    return money_ * each.revenue + alpha_ * each.user + value_[mix_.state(slot + 1, count + 1, 1)];
  }

  const Mix& mix_;
  std::span<double> value_;
  double money_ = 1.0;
  double alpha_ = 0.0;
};

// The page of one shadow bid: down the page, an inserted row stands where its own claim,
// theta (r + alpha a), is larger than alpha times that of the row it would push down.
inline void shadow_page(const Mix& mix, double alpha, Template page) {
  std::uint32_t count = 0;
  std::uint32_t distance = 0;
  for (std::uint32_t slot = 0; slot < mix.slots; ++slot) {
    bool inserts = false;
    if (mix.may_insert(slot, count, distance)) {
      const double claim = mix.theta(distance) * (mix.revenue[count] + alpha * mix.burden[count]);
      inserts = !mix.may_own(slot, count) || claim > alpha * mix.own[slot - count];
    }
    page[slot] = inserts ? 1 : 0;
    distance = inserts ? 1 : mix.next_distance(distance);
    count += inserts ? 1 : 0;
  }
}

}  // namespace channel_mix

#endif
