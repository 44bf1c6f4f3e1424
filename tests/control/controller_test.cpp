// SPDX-License-Identifier: Apache-2.0
//
// A controller on a plant whose truth is known: what the dial does is seen half an hour later, some
// of it never, and the plant drifts.
#include "control/controller.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <functional>
#include <random>
#include <vector>

namespace lineup {
namespace {

constexpr std::int64_t kMinute = 60'000;

ControllerSpec spec_of_share() {
  ControllerSpec spec;
  spec.target = 0.15;
  spec.tolerance = 0.004;
  spec.min = 0.0;
  spec.max = 1.0;
  spec.max_step = 0.2;
  spec.i = 1.0;
  spec.every_ms = 10 * kMinute;
  spec.exposures = 2000;
  spec.warm_up = 2000;
  spec.give_up_ms = 120 * kMinute;
  spec.retry_ms = 600 * kMinute;
  return spec;
}

// A minute is one sample of 300 rows; feedback of it arrives `delay` minutes later, or never.
struct Plant {
  Controller controller;
  ControllerSpec spec;
  std::function<double(double dial, double minute)> share;  // what the dial gives
  int delay = 30;
  double loss = 0.2;
  bool is_followed = true;
  std::mt19937_64 random{7};
  std::deque<std::pair<int, ControlSample>> late;
  std::vector<double> shares;  // by minute, the truth
  std::vector<double> dials;

  explicit Plant(ControllerSpec with, std::function<double(double, double)> what)
      : spec(with), share(std::move(what)) {
    controller.configure(spec);
  }
  void run(int from, int to, bool is_heard = true) {
    for (int minute = from; minute < to; ++minute) {
      const std::int64_t now = 1 + minute * kMinute;
      while (!late.empty() && late.front().first <= minute) {
        controller.hear(late.front().second, now);
        late.pop_front();
      }
      controller.look(now);
      const double given = controller.output(now);
      const double dial = std::isnan(given) ? spec.start : given;
      const double truth = std::clamp(share(dial, minute), 0.0, 1.0);
      shares.push_back(truth);
      dials.push_back(dial);
      if (!is_heard || std::bernoulli_distribution(loss)(random)) continue;
      std::binomial_distribution<int> seen(300, truth);
      late.emplace_back(minute + delay,
                        ControlSample{300.0, static_cast<double>(seen(random)), dial, is_followed});
    }
  }
  [[nodiscard]] double mean(std::size_t from, std::size_t to) const {
    double sum = 0.0;
    for (std::size_t i = from; i < to; ++i) sum += shares[i];
    return sum / static_cast<double>(to - from);
  }
  [[nodiscard]] double worst(std::size_t from) const {
    double most = 0.0;
    for (std::size_t i = from; i < shares.size(); ++i) {
      most = std::max(most, std::abs(shares[i] - spec.target));
    }
    return most;
  }
};

// Supply falls from 10 % to 5 % in a day; the dial gives up to 30 points more.
double drifting(double dial, double minute) { return 0.10 - 0.05 * minute / 1440.0 + 0.3 * dial; }

}  // namespace

TEST_CASE("a share is held within a point although feedback is half an hour late and lossy") {
  Plant plant(spec_of_share(), drifting);
  plant.run(0, 1440);
  // Six hours to find the value; from then on always near, by the hour and by the minute.
  CHECK(plant.worst(360) < 0.025);
  for (std::size_t hour = 6; hour < 24; ++hour) {
    CAPTURE(hour);
    CHECK(std::abs(plant.mean(hour * 60, hour * 60 + 60) - 0.15) < 0.01);
  }
  CHECK(plant.controller.status().given_up == 0);
}

TEST_CASE("late feedback makes no oscillation, whatever the delay") {
  const int delay = GENERATE(0, 30, 120);
  CAPTURE(delay);
  Plant plant(spec_of_share(), [](double dial, double) { return 0.05 + 0.3 * dial; });
  plant.delay = delay;
  plant.run(0, 2400);
  // The truth is 1/3; once there, the dial does not swing by more than noise moves it.
  const auto [least, most] = std::minmax_element(plant.dials.begin() + 1200, plant.dials.end());
  CHECK(*most - *least < 0.1);
  CHECK(*least > 0.27);
  CHECK(*most < 0.40);
}

TEST_CASE("a target out of reach is given up visibly, the dial goes back, and it tries again") {
  Plant plant(spec_of_share(), [](double dial, double) { return 0.02 + 0.05 * dial; });
  plant.run(0, 900);
  const Controller::Status status = plant.controller.status();
  CHECK(status.state == ControllerState::GivenUp);
  CHECK(status.given_up == 1);
  CHECK(std::isnan(status.output));
  CHECK(plant.dials.back() == plant.spec.start);
  CHECK_THAT(plant.controller.news(), Catch::StartsWith("gives up: the dial stood at 1"));
  CHECK(plant.controller.news().empty());
  // The supply came back: the next try finds it.
  plant.share = [](double dial, double) { return 0.05 + 0.3 * dial; };
  plant.run(900, 2400);
  CHECK(plant.controller.status().state != ControllerState::GivenUp);
  CHECK(plant.mean(2200, 2400) == Approx(0.15).margin(0.01));
}

TEST_CASE("a target out of reach may also be approached as far as it goes") {
  ControllerSpec spec = spec_of_share();
  spec.releases_unreachable = false;
  Plant plant(spec, [](double dial, double) { return 0.02 + 0.05 * dial; });
  plant.run(0, 900);
  CHECK(plant.controller.status().state == ControllerState::GivenUp);
  CHECK(plant.dials.back() == 1.0);
}

TEST_CASE("time at the bound winds nothing up") {
  ControllerSpec spec = spec_of_share();
  spec.give_up_ms = 1'000'000 * kMinute;
  Plant plant(spec, [](double dial, double minute) {
    return minute < 1000 ? 0.02 + 0.05 * dial : 0.05 + 0.3 * dial;
  });
  plant.run(0, 1000);
  CHECK(plant.dials.back() == 1.0);
  plant.run(1000, 1400);
  // Back from the bound within steps of the largest size, not after as long as it stood there.
  CHECK(plant.shares.back() == Approx(0.15).margin(0.02));
}

TEST_CASE("without feedback the dial stays where it is, or goes back where the policy says so") {
  const bool releases = GENERATE(false, true);
  ControllerSpec spec = spec_of_share();
  spec.patience_ms = 120 * kMinute;
  spec.releases_unheard = releases;
  Plant plant(spec, [](double dial, double) { return 0.05 + 0.3 * dial; });
  plant.run(0, 600);
  plant.run(600, 640, false);  // what was on its way arrives
  const double held = plant.dials.back();
  CHECK(held > 0.2);
  plant.run(640, 900, false);
  CHECK(plant.controller.status().state == ControllerState::Unheard);
  CHECK(plant.dials.back() == (releases ? spec.start : held));
  plant.run(900, 1500);
  CHECK(plant.mean(1400, 1500) == Approx(0.15).margin(0.01));
}

TEST_CASE("nothing moves before enough was heard") {
  ControllerSpec spec = spec_of_share();
  spec.warm_up = 30'000;
  Plant plant(spec, drifting);
  plant.loss = 0.0;
  plant.run(0, 120);  // 90 minutes were heard of: 27 000 rows
  CHECK(plant.controller.status().state == ControllerState::WarmingUp);
  CHECK(std::isnan(plant.controller.output(0)));
}

TEST_CASE("pages that were made under another value teach nothing") {
  Plant plant(spec_of_share(), drifting);
  plant.is_followed = false;
  plant.run(0, 600);
  CHECK(plant.controller.status().state == ControllerState::Overruled);
  CHECK(std::isnan(plant.controller.output(0)));
}

TEST_CASE("a controller that is switched off lets go at once, and begins anew when it is on") {
  Plant plant(spec_of_share(), drifting);
  plant.run(0, 600);
  CHECK(plant.dials.back() > 0.1);
  ControllerSpec off = plant.spec;
  off.is_on = false;
  plant.controller.configure(off);
  CHECK(std::isnan(plant.controller.output(0)));
  CHECK(plant.controller.status().state == ControllerState::Off);
  plant.controller.configure(plant.spec);
  plant.run(600, 1200);
  CHECK(plant.mean(1100, 1200) == Approx(0.15).margin(0.01));
}

TEST_CASE("where more of the dial gives less, the gain is below 0") {
  ControllerSpec spec = spec_of_share();
  spec.i = -1.0;
  spec.start = 1.0;
  Plant plant(spec, [](double dial, double) { return 0.4 - 0.3 * dial; });
  plant.run(0, 900);
  CHECK(plant.mean(800, 900) == Approx(0.15).margin(0.01));
}

}  // namespace lineup
