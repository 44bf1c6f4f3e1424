// SPDX-License-Identifier: Apache-2.0
//
// What is found again, what is kept, and that no reader ever gets half a request.
#include "record/recorder.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "requests.hpp"

namespace lineup {
namespace {

void record(Recorder& recorder, std::uint64_t number, std::uint8_t answer = LINEUP_ANSWER_OK) {
  Sample sample(number);
  sample.record.answer = answer;
  recorder.record(sample.record, sample.input());
}

TEST_CASE("a whole request is given back as it was") {
  Recorder recorder;
  record(recorder, 42);
  const std::optional<WholeRecord> whole = recorder.whole("r42");
  REQUIRE(whole);
  const Sample sample(42);
  CHECK(whole->request_id == "r42");
  CHECK(whole->user == "u0");
  CHECK(whole->scene == "home");
  CHECK(whole->revision == "0123456789ab");
  CHECK(whole->request == sample.request);
  CHECK(whole->response == sample.response);
  CHECK(whole->slate == sample.slate);
  CHECK(whole->record.seed == 42);
  CHECK(whole->record.whole);
  CHECK(whole->record.revision.view() == "0123456789ab");
  CHECK(whole->record.request_id.view() == "r42");
  CHECK_FALSE(recorder.whole("r43"));
}

TEST_CASE("a buffer that is handed over is kept, and another comes back for it") {
  Recorder recorder;
  const Sample sample(42);
  std::vector<std::byte> buffer = sample.request;
  const std::byte* const bytes = buffer.data();
  RecordInput input = sample.input();
  input.request = buffer;
  input.request_buffer = &buffer;
  recorder.record(sample.record, input);
  CHECK(buffer.data() != bytes);
  CHECK(buffer.capacity() >= sample.request.size());
  CHECK(recorder.whole("r42")->request == sample.request);
}

TEST_CASE("records are found by request, user, scene and item, newest first") {
  Recorder recorder;
  for (std::uint64_t number = 1; number <= 12; ++number) record(recorder, number);
  const auto seeds = [](const std::vector<Record>& records) {
    std::vector<std::uint64_t> found;
    for (const Record& found_record : records) found.push_back(found_record.seed);
    return found;
  };
  RecordQuery query;
  CHECK(recorder.find(query).size() == 12);
  query.most = 2;
  CHECK(seeds(recorder.find(query)) == std::vector<std::uint64_t>{12, 11});
  CHECK(recorder.find_whole(query).size() == 2);
  query = {};
  query.user = "u1";
  CHECK(seeds(recorder.find(query)) == std::vector<std::uint64_t>{10, 7, 4, 1});
  query.scene = "detail";
  CHECK(seeds(recorder.find(query)) == std::vector<std::uint64_t>{7, 1});
  query = {};
  query.request_id = "r5";
  CHECK(seeds(recorder.find(query)) == std::vector<std::uint64_t>{5});
  query = {};
  query.item = "v9";
  CHECK(seeds(recorder.find(query)) == std::vector<std::uint64_t>{9});
  query.item = "8";  // a numeric id
  CHECK(seeds(recorder.find(query)) == std::vector<std::uint64_t>{8});
  query.item = "08";  // is another text
  query.user = "u2";
  CHECK(recorder.find(query).empty());
}

TEST_CASE("the same request id twice: the newest is the answer") {
  Recorder recorder;
  record(recorder, 1);
  Sample again(1);
  again.record.seed = 99;
  recorder.record(again.record, again.input());
  CHECK(recorder.whole("r1")->record.seed == 99);
}

TEST_CASE("a ring forgets the oldest, but never what must be kept for what need not") {
  RecorderOptions options;
  options.compact_count = 32;
  options.whole_count = 8;
  options.kept_count = 4;
  Recorder recorder(options);
  record(recorder, 1, LINEUP_ANSWER_RELAXED);
  record(recorder, 2, LINEUP_ANSWER_FALLBACK);
  for (std::uint64_t number = 3; number <= 100; ++number) record(recorder, number);
  CHECK(recorder.whole("r1"));
  CHECK(recorder.whole("r2"));
  CHECK_FALSE(recorder.whole("r92"));
  CHECK(recorder.whole("r93"));
  CHECK(recorder.find({}).size() == 32);
  CHECK(recorder.find_whole({}).size() == 10);
  for (std::uint64_t number = 101; number <= 104; ++number) {
    record(recorder, number, LINEUP_ANSWER_RELAXED);
  }
  CHECK_FALSE(recorder.whole("r1"));
  const Recorder::Counts counts = recorder.counts();
  CHECK(counts.recorded == 104);
  CHECK(counts.whole == 104);
  CHECK(counts.kept == 6);
  CHECK(counts.dropped == 0);
}

TEST_CASE("what was relaxed, fell back, met the deadline or was asked for is kept") {
  Record plain;
  CHECK_FALSE(Recorder::must_keep(plain));
  plain.search = LINEUP_SEARCH_LIMIT;
  CHECK_FALSE(Recorder::must_keep(plain));
  plain.search = LINEUP_SEARCH_DEADLINE;
  CHECK(Recorder::must_keep(plain));
  for (const int answer : {LINEUP_ANSWER_RELAXED, LINEUP_ANSWER_FALLBACK}) {
    Record given;
    given.answer = static_cast<std::uint8_t>(answer);
    CHECK(Recorder::must_keep(given));
  }
  Record asked;
  asked.keep = true;
  CHECK(Recorder::must_keep(asked));
}

TEST_CASE("sampling takes every n-th request whole, and all that must be kept") {
  RecorderOptions options;
  options.sample_every = 4;
  Recorder recorder(options);
  int wanted = 0;
  for (int i = 0; i < 40; ++i) wanted += recorder.wants_whole(Record{}) ? 1 : 0;
  CHECK(wanted == 10);
  Record relaxed;
  relaxed.answer = LINEUP_ANSWER_RELAXED;
  CHECK(recorder.wants_whole(relaxed));
  options.sample_every = 0;
  Recorder none(options);
  CHECK_FALSE(none.wants_whole(Record{}));
  CHECK(none.wants_whole(relaxed));
  Sample sample(1);
  RecordInput input = sample.input();
  input.request = {};
  none.record(sample.record, input);
  CHECK(none.find({}).size() == 1);
  CHECK_FALSE(none.find({})[0].whole);
  CHECK_FALSE(none.whole("r1"));
}

TEST_CASE("masked users are written as hashes and still found by who knows them") {
  RecorderOptions options;
  options.mask_user = true;
  Recorder recorder(options);
  record(recorder, 1);
  const std::optional<WholeRecord> whole = recorder.whole("r1");
  REQUIRE(whole);
  CHECK(whole->user.size() == 16);
  CHECK(whole->user == recorder.masked("u1").view());
  CHECK(whole->user != Recorder(options).masked("u1").view());
  RecordQuery query;
  query.user = "u1";
  CHECK(recorder.find_whole(query).size() == 1);
  query.user = "u2";
  CHECK(recorder.find_whole(query).empty());
  CHECK(recorder.masked("").view().empty());
}

TEST_CASE("texts longer than a compact record are cut there and whole elsewhere") {
  Recorder recorder;
  Sample sample(1);
  sample.request_id = std::string(100, 'x') + "1";
  recorder.record(sample.record, sample.input());
  CHECK(recorder.find({})[0].request_id.view() == std::string(48, 'x'));
  CHECK(recorder.whole(sample.request_id)->request_id == sample.request_id);
  CHECK_FALSE(recorder.whole(std::string(100, 'x') + "2"));
}

TEST_CASE("readers among writers get whole requests only, and writers lose none") {
  RecorderOptions options;
  options.compact_count = 64;
  options.whole_count = 16;
  Recorder recorder(options);
  constexpr std::uint64_t kEach = 3'000;
  std::atomic<bool> stop{false};
  std::atomic<int> broken{0};
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        for (const WholeRecord& whole : recorder.find_whole({})) {
          const auto number = static_cast<std::byte>(whole.record.seed);
          const auto is_foreign = [number](std::byte b) { return b != number; };
          if (std::any_of(whole.request.begin(), whole.request.end(), is_foreign)) ++broken;
          if (std::any_of(whole.response.begin(), whole.response.end(), is_foreign)) ++broken;
          if (whole.request_id != "r" + std::to_string(whole.record.seed)) ++broken;
        }
        for (const Record& found : recorder.find({})) {
          if (found.request_id.view() != "r" + std::to_string(found.seed)) ++broken;
        }
      }
    });
  }
  std::vector<std::thread> writers;
  for (std::uint64_t writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&recorder, writer] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const Sample sample(writer * kEach + i, 256 + i % 512);
        recorder.record(sample.record, sample.input());
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(broken == 0);
  const Recorder::Counts counts = recorder.counts();
  CHECK(counts.recorded + counts.dropped >= 3 * kEach);
  CHECK(counts.dropped == 0);
  // A reader that the system puts aside while it holds a slot keeps it from being written, maybe
  // for all of a short run: each reader may have cost one.
  CHECK(recorder.find({}).size() >= 64 - readers.size());
}

TEST_CASE("a reader that follows gets every request once, in order, and hears what it missed") {
  RecorderOptions options;
  options.compact_count = 8;
  Recorder recorder(options);
  std::uint64_t cursor = 0;
  std::vector<Record> read;
  CHECK(recorder.read_since(cursor, read) == 0);
  const auto record = [&recorder](std::uint64_t from, std::uint64_t until) {
    for (std::uint64_t i = from; i < until; ++i) {
      const Sample sample(i);
      recorder.record(sample.record, sample.input());
    }
  };
  record(0, 5);
  CHECK(recorder.read_since(cursor, read) == 0);
  record(5, 10);
  CHECK(recorder.read_since(cursor, read) == 0);
  CHECK(recorder.read_since(cursor, read) == 0);
  REQUIRE(read.size() == 10);
  for (std::size_t i = 0; i < read.size(); ++i) CHECK(read[i].seed == i);
  read.clear();
  record(10, 30);
  CHECK(recorder.read_since(cursor, read) == 12);
  REQUIRE(read.size() == 8);
  CHECK(read.front().seed == 22);
}

TEST_CASE("a follower beside writers gets or misses every request, none twice") {
  RecorderOptions options;
  options.compact_count = 64;
  Recorder recorder(options);
  constexpr std::uint64_t kEach = 20'000;
  std::vector<std::thread> writers;
  for (std::uint64_t writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&recorder, writer] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        Record record;
        record.seed = writer * kEach + i;
        recorder.record(record, {});
      }
    });
  }
  std::uint64_t cursor = 0;
  std::uint64_t lost = 0;
  std::vector<Record> read;
  for (std::uint64_t before = 1; before != 0;) {
    const std::size_t had = read.size();
    lost += recorder.read_since(cursor, read);
    before = writers.empty() ? read.size() - had : 1;
    if (!writers.empty() && recorder.counts().recorded >= 3 * kEach) {
      for (std::thread& writer : writers) writer.join();
      writers.clear();
    }
  }
  std::vector<bool> seen(3 * kEach, false);
  std::uint64_t twice = 0;
  for (const Record& record : read) {
    if (seen[record.seed]) ++twice;
    seen[record.seed] = true;
  }
  CHECK(twice == 0);
  // A slot that is stepped over while it is read is a number that nobody has; a writer that is held
  // up between its number and its slot for longer than the follower waits is missed without notice.
  CHECK(read.size() + lost >= 3 * kEach - 3 * kEach / 100);
}

}  // namespace
}  // namespace lineup
