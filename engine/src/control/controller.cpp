// SPDX-License-Identifier: Apache-2.0
//
// A step takes everything that was heard since the one before. Hysteresis: a controller that holds
// begins to move when the error leaves the tolerance, and one that moves rests when the error is
// within half of it.
#include "control/controller.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace lineup {

namespace {

// A dial this near to its bound, as a share of its range, stands at it.
constexpr double kAtBound = 1e-3;
// A trend is learned this near to the target, as a share of it, and leads the aim no further away.
constexpr double kLeadMost = 0.1;

std::string text_of(double number) {
  std::string text = std::to_string(number);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::string_view name_of(ControllerState state) {
  switch (state) {
    case ControllerState::WarmingUp:
      return "warming up";
    case ControllerState::Holding:
      return "holding";
    case ControllerState::Moving:
      return "moving";
    case ControllerState::Unheard:
      return "no feedback";
    case ControllerState::GivenUp:
      return "given up";
    case ControllerState::Overruled:
      return "overruled";
    case ControllerState::Off:
      return "off";
  }
  return "off";
}

void Controller::enter(ControllerState state, std::int64_t now_ms) {
  if (status_.state == state) return;
  status_.state = state;
  status_.since_ms = now_ms;
}

void Controller::give_out(double value, std::int64_t now_ms) {
  given_ = std::clamp(value, spec_.min, spec_.max);
  output_.store(given_, std::memory_order_relaxed);
  // A value that is not renewed runs out by itself, also where no feedback comes to say so.
  expires_ms_.store(spec_.releases_unheard ? now_ms + spec_.patience_ms
                                           : std::numeric_limits<std::int64_t>::max(),
                    std::memory_order_relaxed);
}

void Controller::release() {
  given_ = std::numeric_limits<double>::quiet_NaN();
  output_.store(given_, std::memory_order_relaxed);
  errors_ = 0;
  lead_ = 0.0;
  stuck_since_ms_ = 0;
  window_ = {};
}

void Controller::configure(const ControllerSpec& spec) {
  const std::lock_guard lock(mutex_);
  const bool is_other = spec.target != spec_.target || spec.scale != spec_.scale;
  spec_ = spec;
  status_.target = spec.target;
  status_.min = spec.min;
  status_.max = spec.max;
  if (!spec.is_on) {
    release();
    enter(ControllerState::Off, status_.heard_ms);
    return;
  }
  if (status_.state == ControllerState::Off) enter(ControllerState::WarmingUp, status_.heard_ms);
  if (is_other) {
    // What was heard speaks of another measure or aim; a target that was out of reach may be near.
    errors_ = 0;
    lead_ = 0.0;
    stuck_since_ms_ = 0;
    window_ = {};
    if (status_.state == ControllerState::GivenUp) {
      enter(ControllerState::WarmingUp, status_.heard_ms);
    }
  }
  if (!std::isnan(given_)) {
    given_ = std::clamp(given_, spec.min, spec.max);
    output_.store(given_, std::memory_order_relaxed);
  }
}

void Controller::hear(const ControlSample& sample, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (!spec_.is_on || (sample.exposed <= 0.0 && sample.value == 0.0)) return;
  status_.exposures += static_cast<std::uint64_t>(sample.exposed);
  status_.heard_ms = std::max(status_.heard_ms, now_ms);
  if (status_.state == ControllerState::GivenUp) {
    if (now_ms - status_.since_ms < spec_.retry_ms) return;
    enter(ControllerState::WarmingUp, now_ms);
    release();
    news_ = "tries again";
  }
  if (status_.state == ControllerState::Unheard) {
    // What comes now may be old: begin with a fresh window.
    enter(ControllerState::WarmingUp, now_ms);
    window_ = {};
    errors_ = 0;
  }
  window_.exposed += sample.exposed;
  window_.value += sample.value;
  window_.base += sample.exposed * sample.output;
  if (sample.is_followed) window_.followed += sample.exposed;
  if (due_ms_ == 0) due_ms_ = now_ms + spec_.every_ms;
  if (now_ms >= due_ms_) step(now_ms);
}

void Controller::look(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (!spec_.is_on || status_.heard_ms == 0) return;
  if (status_.state == ControllerState::Unheard || status_.state == ControllerState::GivenUp)
    return;
  if (now_ms - status_.heard_ms < spec_.patience_ms) return;
  if (spec_.releases_unheard) release();
  enter(ControllerState::Unheard, now_ms);
  news_ = "hears no feedback";
}

void Controller::step(std::int64_t now_ms) {
  const double needed = static_cast<double>(status_.state == ControllerState::WarmingUp
                                                ? std::max(spec_.exposures, spec_.warm_up)
                                                : spec_.exposures);
  if (window_.exposed < needed) return;
  due_ms_ = now_ms + spec_.every_ms;
  const Window heard = window_;
  window_ = {};
  ++status_.steps;
  status_.measured = spec_.scale * heard.value / heard.exposed;
  const double error = spec_.target - status_.measured;
  if (2.0 * heard.followed < heard.exposed) {
    // The pages were not made under its values: nothing can be learned from them.
    errors_ = 0;
    stuck_since_ms_ = 0;
    return enter(ControllerState::Overruled, now_ms);
  }
  const double base = heard.base / heard.exposed;
  if (is_stuck(error, base)) {
    if (stuck_since_ms_ == 0) stuck_since_ms_ = now_ms;
    if (now_ms - stuck_since_ms_ >= spec_.give_up_ms) {
      news_ = "gives up: the dial stood at " + text_of(base) + " and " + text_of(status_.measured) +
              " was reached of " + text_of(spec_.target);
      ++status_.given_up;
      if (spec_.releases_unreachable) {
        release();
      } else {
        stuck_since_ms_ = 0;
      }
      return enter(ControllerState::GivenUp, now_ms);
    }
  } else {
    stuck_since_ms_ = 0;
  }
  move(error, base, now_ms);
}

// The samples were made with the dial at the bound in whose direction the target lies.
bool Controller::is_stuck(double error, double base) const {
  if (std::abs(error) <= spec_.tolerance) return false;
  const double sign = spec_.i + spec_.p;  // below 0: more of the dial gives less of the measure
  const bool wants_up = error * sign > 0.0;
  const double near = kAtBound * (spec_.max - spec_.min);
  return wants_up ? base >= spec_.max - near : base <= spec_.min + near;
}

void Controller::move(double error, double base, std::int64_t now_ms) {
  const double present = std::isnan(given_) ? spec_.start : given_;
  const bool rests = status_.state == ControllerState::Holding;
  const double band = rests ? spec_.tolerance : 0.5 * spec_.tolerance;
  double wanted = present;
  // A supply that keeps falling is else followed from behind, by the same error for ever. Learned
  // near the target only: on the way there, and at a bound, errors say nothing of a trend.
  const double most = kLeadMost * std::abs(spec_.target);
  if (std::abs(error) <= most && base > spec_.min && base < spec_.max) {
    lead_ = std::clamp(lead_ + spec_.trend * error, -most, most);
  }
  if (std::abs(error) > band) {
    wanted = base + spec_.i * (error + lead_);
    if (errors_ >= 1) wanted += spec_.p * (error - error_);
    if (errors_ >= 2) wanted += spec_.d * (error - 2.0 * error_ + error_before_);
    wanted = std::clamp(wanted, present - spec_.max_step, present + spec_.max_step);
    enter(ControllerState::Moving, now_ms);
  } else {
    enter(ControllerState::Holding, now_ms);
  }
  error_before_ = error_;
  error_ = error;
  errors_ = std::min<std::uint64_t>(errors_ + 1, 2);
  give_out(wanted, now_ms);
}

Controller::Status Controller::status() const {
  const std::lock_guard lock(mutex_);
  Status out = status_;
  out.output = given_;
  return out;
}

std::string Controller::news() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

}  // namespace lineup
