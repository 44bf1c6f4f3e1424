// SPDX-License-Identifier: Apache-2.0
//
// Both sides of a desk: who asks, and who takes what lies there.
#include "desk/desk.hpp"

#include <stdlib.h>
#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

namespace lineup {

namespace {

namespace fs = std::filesystem;

struct Place {
  Place() {
    std::string name = (fs::temp_directory_path() / "lineup-desk-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    REQUIRE(CommandDesk(root).open());
  }
  ~Place() {
    std::error_code ignored;
    fs::remove_all(root, ignored);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  void leave(const std::string& name, const std::string& text) const {
    std::ofstream(root + "/commands/" + name, std::ios::binary) << text;
  }
  [[nodiscard]] std::size_t count(const char* folder) const {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(root + "/" + folder)) {
      count += entry.exists() ? 1U : 0U;
    }
    return count;
  }
  // The answer to the command of this name; not done when there is none.
  [[nodiscard]] DeskAnswer answer_to(const std::string& id) const {
    std::ifstream in(root + "/answers/" + id + ".json");
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    return parse_answer(text).value_or(DeskAnswer());
  }

  std::string root;
};

DeskAnswer echo(const DeskCommand& command) {
  return {true, command.verb, "{\"name\":\"" + command.name + "\"}"};
}

DeskCommand order(const std::string& verb) {
  DeskCommand command;
  command.verb = verb;
  return command;
}

}  // namespace

TEST_CASE("whoever asks gets the answer to his own command, and nothing stays behind") {
  const Place place;
  std::atomic<bool> stop{false};
  std::thread engine([&] {
    while (!stop) {
      CommandDesk(place.root).take(echo);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  std::atomic<int> right{0};
  std::vector<std::thread> people;
  for (int person = 0; person < 4; ++person) {
    people.emplace_back([&, person] {
      for (int i = 0; i < 10; ++i) {
        DeskCommand command = order("say" + std::to_string(person));
        command.name = std::to_string(i);
        const auto answer = ask_desk(place.root, command, 60'000);
        if (answer && answer->message == command.verb &&
            answer->body == "{\"name\":\"" + command.name + "\"}") {
          ++right;
        }
      }
    });
  }
  for (std::thread& person : people) person.join();
  stop = true;
  engine.join();
  CHECK(right == 40);
  CHECK(place.count("commands") == 0);
  CHECK(place.count("answers") == 0);
}

TEST_CASE("a command that nobody takes is taken back") {
  const Place place;
  const auto answer = ask_desk(place.root, order("promote"), 20);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().code == "desk/no-answer");
  CHECK(place.count("commands") == 0);
}

TEST_CASE("a command is obeyed once, even when obeying it ends everything") {
  const Place place;
  place.leave("a.json", R"({"id":"a","verb":"promote"})");
  CHECK_THROWS(CommandDesk(place.root).take([](const DeskCommand&) -> DeskAnswer {
    throw std::runtime_error("the end");
  }));
  int obeyed = 0;
  CommandDesk(place.root).take([&](const DeskCommand& command) {
    ++obeyed;
    return echo(command);
  });
  CHECK(obeyed == 0);
}

TEST_CASE("junk is answered or left alone, and what comes after it is obeyed") {
  const Place place;
  place.leave("a.json", "{");
  place.leave("b.json", R"({"id":"other","verb":"promote"})");
  place.leave("c.json", std::string(100'000, ' '));
  place.leave(".json", R"({"id":"x","verb":"promote"})");
  place.leave("d.json.new", R"({"id":"d","verb":"promote"})");  // still being written
  place.leave("notes.txt", "hello");
  fs::create_directories(place.root + "/commands/dir.json/sub");
  REQUIRE(::mkfifo((place.root + "/commands/pipe.json").c_str(), 0600) == 0);
  place.leave("z.json", R"({"id":"z","verb":"promote"})");
  std::vector<std::string> obeyed;
  CommandDesk(place.root).take([&](const DeskCommand& command) {
    obeyed.push_back(command.id);
    return echo(command);
  });
  CHECK(obeyed == std::vector<std::string>{"z"});
  CHECK_FALSE(place.answer_to("a").message.empty());
  CHECK(place.answer_to("b").message == "the command's `id` is not the name of its file");
  CHECK(place.answer_to("c").message == "the command is no file of at most 64 KiB");
  CHECK(place.answer_to("z").is_done);
  CHECK(fs::exists(place.root + "/commands/d.json.new"));
  CHECK(fs::exists(place.root + "/commands/notes.txt"));
}

TEST_CASE("answers that nobody fetches do not pile up") {
  const Place place;
  for (int i = 0; i < 100; ++i) {
    const std::string id = "n" + std::to_string(1000 + i);
    place.leave(id + ".json", R"({"id":")" + id + R"(","verb":"status"})");
  }
  CommandDesk(place.root).take(echo);
  CHECK(place.count("commands") == 0);
  CHECK(place.count("answers") == 64);
  CHECK(place.answer_to("n1099").is_done);
}

TEST_CASE("a desk that cannot be written says so") {
  const Place place;
  const std::string file = place.root + "/file";
  std::ofstream(file) << "x";
  CHECK(CommandDesk(file).open().error().code == "desk/write");
  CHECK(ask_desk(file, order("status"), 10).error().code == "desk/write");
}

}  // namespace lineup
