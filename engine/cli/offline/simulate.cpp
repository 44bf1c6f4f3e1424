// SPDX-License-Identifier: Apache-2.0
//
// `lineup simulate A B`: the same users in two worlds that differ by the bundle which serves them.
// The loop is closed: pages lead to clicks, clicks reach the ranker and the engine as feedback,
// late or never, and the ranker's scores of the next sessions follow from what arrived.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/engine_handle.hpp"
#include "cli/interrupt.hpp"
#include "cli/offline/options.hpp"
#include "cli/offline/paired.hpp"
#include "cli/offline/world.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/print/text_view.hpp"
#include "facade/facade.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint32_t kPagesMax = 3;  // of one session
constexpr std::int64_t kSessionMinutes = 60;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kBeginMs = 1'767'225'600'000;  // 2026-01-01
constexpr double kPriorShown = 20.0;
constexpr double kPriorRate = 0.1;

enum Count : std::size_t { Clicks, Expected, Seen, Pages, Revenue, Ads, New, Left, kCounts };
constexpr std::array<std::pair<const char*, const char*>, kCounts> kWords = {{
    {"clicks", "clicks"},
    {"expected_clicks", "true expected clicks"},
    {"slots_seen", "slots seen"},
    {"pages", "pages"},
    {"revenue", "revenue"},
    {"ads_seen", "ads seen"},
    {"new_items_seen", "new items seen"},
    {"sessions_left_early", "sessions left early"},
}};
using Counts = std::array<double, kCounts>;

struct Late {
  std::int64_t due_ms = 0;
  std::string request, events;
  std::vector<std::uint32_t> seen, clicked;  // items
};

// Of what users saw in one session.
struct Shares {
  double seen = 0.0, fresh = 0.0, ads = 0.0;
  double offered = 0.0, fresh_offered = 0.0;  // candidates: the supply
};

struct Outcome {
  std::vector<Counts> users;
  std::vector<Shares> sessions;
  Json controllers = Json::array();  // as the engine's status has them at the end
  std::uint64_t requests = 0, fallbacks = 0, relaxed = 0;
  std::uint64_t delivered = 0, lost = 0;
  std::string error;
};

// One bundle and its world.
class Service {
 public:
  Service(const SimulateOptions& options, const World& world, EngineHandle engine,
          std::string scene)
      : options_(options),
        world_(world),
        engine_(std::move(engine)),
        asker_(engine_.get()),
        scene_(std::move(scene)),
        shown_(world.item_count()),
        clicked_(world.item_count()) {
    asker_.lift_deadline();
    outcome_.users.resize(options.users);
    outcome_.sessions.resize(options.sessions);
  }

  void run() {
    for (std::uint32_t session = 0; session < options_.sessions; ++session) {
      for (std::uint32_t user = 0; user < options_.users; ++user) {
        if (interrupted() != 0 || !outcome_.error.empty()) return;
        now_ms_ = kBeginMs + kMinuteMs * kSessionMinutes * session +
                  kMinuteMs * kSessionMinutes * user / options_.users;
        deliver(now_ms_);
        time_ = world_.time_of(user, session);
        visit(user, session);
      }
    }
    deliver(INT64_MAX);
    outcome_.controllers = controllers();
  }
  [[nodiscard]] const Outcome& outcome() const { return outcome_; }

 private:
  [[nodiscard]] Json controllers() {
    std::string text;
    const lineup_text_sink sink = {sizeof(lineup_text_sink), 0, &text,
                                   [](void* context, lineup_text piece) {
                                     static_cast<std::string*>(context)->append(view(piece));
                                   }};
    if (lineup_status_json(engine_.get(), &sink) != LINEUP_OK) return Json::array();
    const Json status = Json::parse(text, nullptr, false);
    return status.is_object() ? status.value("controllers", Json::array()) : Json::array();
  }

  // What the ranker thinks of the item by what it heard so far.
  [[nodiscard]] double score(std::uint32_t user, std::uint32_t item) const {
    const double rate = (clicked_[item] + kPriorShown * kPriorRate) / (shown_[item] + kPriorShown);
    const double odds = std::log(rate / (1.0 - rate)) + world_.taste_guess(user, item);
    return 1.0 / (1.0 + std::exp(-odds));
  }

  Result<void> add_row(OwnedRows& rows, std::uint32_t row, std::uint32_t user, std::uint32_t id) {
    const WorldItem& item = world_.item(id);
    const double guess = score(user, id);
    rows.ids().add_text(fmt::format("i{}", id));
    auto added = rows.column("score").add_number(row, guess);
    if (added) added = rows.column("pctr").add_number(row, guess);
    if (added) added = rows.column("pnext").add_number(row, item.is_ad ? 0.91 : 0.95);
    if (added) added = rows.column("category").add_text(row, fmt::format("c{}", item.category));
    if (added) added = rows.column("author").add_text(row, fmt::format("a{}", item.author));
    if (added) added = rows.column("type").add_text(row, item.is_ad ? "ad" : "video");
    if (added) added = rows.column("is_new").add_bool(row, is_new(item));
    if (added) added = rows.column("bid").add_number(row, item.bid + 0.0);
    return added;
  }

  [[nodiscard]] bool is_new(const WorldItem& item) const {
    return item.born > 0.0 && time_ < item.born + kNewSessions;
  }

  Result<std::vector<std::uint32_t>> ask(std::uint32_t user, std::uint32_t session,
                                         std::uint32_t number,
                                         const std::vector<std::uint32_t>& seen) {
    request_.reset();
    request_.id = fmt::format("u{}-{}-{}", user, session, number);
    request_.scene = scene_;
    request_.user = fmt::format("u{}", user);
    request_.page = options_.page;
    request_.seed = options_.seed ^ (std::uint64_t{user} << 20) ^ (session << 4) ^ number;
    request_.now_ms = now_ms_;
    std::vector<std::uint32_t> ids;
    for (const std::uint32_t id : world_.candidates(user, session, options_.candidates)) {
      if (std::find(seen.begin(), seen.end(), id) == seen.end()) ids.push_back(id);
    }
    for (std::uint32_t row = 0; row < ids.size(); ++row) {
      auto added = add_row(request_.candidates, row, user, ids[row]);
      if (!added) return tl::unexpected(added.error());
    }
    Shares& shares = outcome_.sessions[session];
    shares.offered += static_cast<double>(ids.size());
    for (const std::uint32_t id : ids) {
      shares.fresh_offered += is_new(world_.item(id)) ? 1.0 : 0.0;
    }
    request_.candidates.finish(static_cast<std::uint32_t>(ids.size()));
    for (std::uint32_t row = 0; row < seen.size(); ++row) {
      auto added = add_row(request_.history, row, user, seen[row]);
      if (!added) return tl::unexpected(added.error());
    }
    request_.history.finish(static_cast<std::uint32_t>(seen.size()));
    const auto answer = asker_.rerank(request_);
    if (!answer) return tl::unexpected(answer.error());
    if ((*answer)->answer == LINEUP_ANSWER_ERROR) {
      return failure("simulate/error", std::string(view((*answer)->error)));
    }
    ++outcome_.requests;
    outcome_.relaxed += (*answer)->answer == LINEUP_ANSWER_RELAXED ? 1 : 0;
    outcome_.fallbacks += (*answer)->answer == LINEUP_ANSWER_FALLBACK ? 1 : 0;
    std::vector<std::uint32_t> page;
    for (std::uint32_t slot = 0; slot < (*answer)->slate_count; ++slot) {
      const std::uint32_t row = (*answer)->slate[slot];
      // Rows of pools are nobody's items here: users scroll past them.
      if (row < ids.size()) page.push_back(ids[row]);
    }
    return page;
  }

  void visit(std::uint32_t user, std::uint32_t session) {
    Counts& counts = outcome_.users[user];
    std::vector<std::uint32_t> seen;
    bool has_left = false;
    for (std::uint32_t number = 0; number < kPagesMax && !has_left; ++number) {
      const auto page = ask(user, session, number, seen);
      if (!page) {
        outcome_.error = page.error().message;
        return;
      }
      if (page->empty()) break;
      counts[Expected] += world_.expected_clicks(user, *page, seen);
      const Visit done = world_.visit(user, session, number, *page, seen);
      has_left = done.has_left;
      counts[Clicks] += static_cast<double>(done.clicked.size());
      counts[Seen] += done.seen;
      counts[Pages] += 1.0;
      for (const std::uint32_t slot : done.clicked) {
        counts[Revenue] += world_.item((*page)[slot]).bid;
      }
      for (std::uint32_t slot = 0; slot < done.seen; ++slot) {
        const WorldItem& item = world_.item((*page)[slot]);
        counts[Ads] += item.is_ad ? 1.0 : 0.0;
        counts[New] += is_new(item) ? 1.0 : 0.0;
        Shares& shares = outcome_.sessions[session];
        shares.seen += 1.0;
        shares.fresh += is_new(item) ? 1.0 : 0.0;
        shares.ads += item.is_ad ? 1.0 : 0.0;
      }
      tell(*page, done);
    }
    counts[Left] += has_left ? 1.0 : 0.0;
  }

  // Feedback sets out; some of it is lost, by a luck that does not depend on the page.
  void tell(const std::vector<std::uint32_t>& page, const Visit& done) {
    if (Random(options_.seed, mix64(request_.seed) ^ 5).chance(options_.loss)) {
      ++outcome_.lost;
      return;
    }
    Late late;
    late.due_ms = now_ms_ + options_.delay_minutes * kMinuteMs;
    late.request = request_.id;
    Json exposed = Json::array();
    Json events = Json::array();
    for (std::uint32_t slot = 0; slot < done.seen; ++slot) {
      late.seen.push_back(page[slot]);
      exposed.push_back(fmt::format("i{}", page[slot]));
    }
    for (const std::uint32_t slot : done.clicked) {
      late.clicked.push_back(page[slot]);
      events.push_back({{"id", fmt::format("i{}", page[slot])}, {"type", "click"}});
    }
    late.events = Json{{"exposed", std::move(exposed)}, {"events", std::move(events)}}.dump();
    late_.push_back(std::move(late));
  }

  // Delays are all the same, so what set out first arrives first.
  void deliver(std::int64_t until_ms) {
    while (!late_.empty() && late_.front().due_ms <= until_ms) {
      const Late& late = late_.front();
      const lineup_status status =
          lineup_feedback(engine_.get(), borrow(late.request), borrow(late.events), nullptr);
      // The engine may have forgotten the request by now; its counters still count.
      if (status != LINEUP_OK && status != LINEUP_E_NOT_FOUND) {
        outcome_.error = fmt::format("feedback of `{}` was refused", late.request);
      }
      for (const std::uint32_t item : late.seen) shown_[item] += 1.0;
      for (const std::uint32_t item : late.clicked) clicked_[item] += 1.0;
      ++outcome_.delivered;
      late_.pop_front();
    }
  }

  const SimulateOptions& options_;
  const World& world_;
  EngineHandle engine_;
  Asker asker_;
  std::string scene_;
  RequestLine request_;
  std::vector<double> shown_, clicked_;  // by item: what the ranker heard
  std::deque<Late> late_;
  std::int64_t now_ms_ = 0;
  double time_ = 0.0;  // the same in sessions
  Outcome outcome_;
};

// Shares of each session, in order: what a controller held, and against which supply.
Json sessions_json(const Outcome& outcome) {
  Json out = Json::array();
  for (const Shares& each : outcome.sessions) {
    out.push_back({{"new_share", each.seen > 0.0 ? each.fresh / each.seen : 0.0},
                   {"ad_share", each.seen > 0.0 ? each.ads / each.seen : 0.0},
                   {"new_supply", each.offered > 0.0 ? each.fresh_offered / each.offered : 0.0}});
  }
  return out;
}

Json side_json(const std::string& bundle, const Outcome& outcome) {
  return {{"bundle", bundle},
          {"requests", outcome.requests},
          {"relaxed", outcome.relaxed},
          {"fallbacks", outcome.fallbacks},
          {"feedback_delivered", outcome.delivered},
          {"feedback_lost", outcome.lost},
          {"sessions", sessions_json(outcome)},
          {"controllers", outcome.controllers}};
}

void show_json(const SimulateOptions& options, const std::array<Paired, kCounts>& paired,
               const Outcome& a, const Outcome& b) {
  Json metrics = Json::object();
  for (std::size_t i = 0; i < kCounts; ++i) {
    metrics[kWords[i].first] = {{"a", paired[i].mean_a()},
                                {"b", paired[i].mean_b()},
                                {"difference", paired[i].difference()},
                                {"interval", {paired[i].low(), paired[i].high()}}};
  }
  const Json out = {{"a", side_json(options.a, a)},
                    {"b", side_json(options.b, b)},
                    {"users", options.users},
                    {"sessions", options.sessions},
                    {"seed", options.seed},
                    {"tire", options.tire},
                    {"loss", options.loss},
                    {"delay_minutes", options.delay_minutes},
                    {"interval", "95 %, paired by user, normal"},
                    {"per_user", std::move(metrics)}};
  print_line(out.dump());
}

void show_text(const SimulateOptions& options, const std::array<Paired, kCounts>& paired,
               const Outcome& a, const Outcome& b) {
  print_line(
      fmt::format("{} users, {} sessions each, seed {}, tire {:g}; feedback {} min late, "
                  "{:g} % lost",
                  options.users, options.sessions, options.seed, options.tire,
                  options.delay_minutes, 100.0 * options.loss));
  TextTable table;
  table.add_column("per user");
  for (const char* heading : {"A", "B", "B - A", "95 % interval", "change"}) {
    table.add_column(heading, TextTable::Align::Right);
  }
  for (std::size_t i = 0; i < kCounts; ++i) {
    const Paired& one = paired[i];
    table.add_row({kWords[i].second, fmt::format("{:.4f}", one.mean_a()),
                   fmt::format("{:.4f}", one.mean_b()), fmt::format("{:+.4f}", one.difference()),
                   fmt::format("{:+.4f} .. {:+.4f}", one.low(), one.high()),
                   one.mean_a() == 0.0
                       ? ""
                       : fmt::format("{:+.2f} %", 100.0 * one.difference() / one.mean_a())});
  }
  for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
  for (const auto* side : {&a, &b}) {
    print_line(
        fmt::format("{}: {} requests, {} relaxed, {} fallbacks; feedback: {} delivered, {} "
                    "lost",
                    side == &a ? "A" : "B", side->requests, side->relaxed, side->fallbacks,
                    side->delivered, side->lost));
  }
  for (const auto* side : {&a, &b}) {
    for (const Json& each : side->controllers) {
      print_line(fmt::format("{}: controller `{}` is {}: {} of {}, `{}` at {}",
                             side == &a ? "A" : "B", each.value("name", ""),
                             each.value("state", ""), each["measured"].dump(),
                             each["target"].dump(), each.value("moves", ""), each["value"].dump()));
    }
  }
  print_line(
      "intervals: 95 %, paired by user, normal; a world's users share one ranker, which the "
      "intervals do not know");
}

Result<std::string> scene_of(const SimulateOptions& options, lineup_engine& engine,
                             const std::string& bundle) {
  const auto scenes = describe_scenes(engine);
  std::string known;
  for (const SceneDescription& scene : scenes) {
    if (options.scene.empty() ? scenes.size() == 1 : scene.scene == options.scene) {
      return scene.scene;
    }
    known += fmt::format("{}`{}`", known.empty() ? "" : ", ", scene.scene);
  }
  return failure(
      "simulate/scene",
      options.scene.empty()
          ? fmt::format("`{}` has several scenes ({}); name one with --scene", bundle, known)
          : fmt::format("`{}` has no scene `{}`; it has {}", bundle, options.scene,
                        known.empty() ? "none" : known));
}

}  // namespace

int simulate_verb(const SimulateOptions& options) {
  if (options.a.empty() || options.b.empty()) {
    return could_not_run("two bundles are needed: lineup simulate A B");
  }
  const World world({options.seed, options.users, options.items, options.sessions, options.tire});
  std::array<std::unique_ptr<Service>, 2> services;
  for (std::size_t side = 0; side < 2; ++side) {
    BundleOptions bundle = options.bundle;
    bundle.bundle = side == 0 ? options.a : options.b;
    auto engine = open_engine(bundle);
    if (!engine) {
      return could_not_run(fmt::format("bundle `{}`: {}", bundle.bundle, engine.error().message));
    }
    auto scene = scene_of(options, **engine, bundle.bundle);
    if (!scene) return could_not_run(scene.error().message);
    services[side] = std::make_unique<Service>(options, world, *engine, *scene);
  }
  {
    const std::jthread first([&services] { services[0]->run(); });
    const std::jthread second([&services] { services[1]->run(); });
  }
  if (interrupted() != 0) return interrupted_exit_code();
  const Outcome& a = services[0]->outcome();
  const Outcome& b = services[1]->outcome();
  for (const Outcome* outcome : {&a, &b}) {
    if (!outcome->error.empty()) {
      return could_not_run(fmt::format("bundle {}: {}", outcome == &a ? "A" : "B", outcome->error));
    }
  }
  std::array<Paired, kCounts> paired;
  for (std::uint32_t user = 0; user < options.users; ++user) {
    for (std::size_t i = 0; i < kCounts; ++i) paired[i].add(a.users[user][i], b.users[user][i]);
  }
  if (options.json) {
    show_json(options, paired, a, b);
  } else {
    show_text(options, paired, a, b);
  }
  return print_done() ? kYes : kCouldNotRun;
}

}  // namespace lineup::cli
