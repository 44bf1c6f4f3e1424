// SPDX-License-Identifier: Apache-2.0
//
// The loader of the C library would die of most of these files; read_elf() must not.
#include "native/elf.hpp"

#include <elf.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "files.hpp"
#include "native/inspect.hpp"

namespace lineup {
namespace {

using testing::hostile;
using testing::read_all;

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST_CASE("a plugin is known before any of its code runs", "[elf]") {
  const auto facts = inspect(hostile("well_behaved"));
  REQUIRE(facts);
  CHECK(facts->metadata.name == "well_behaved");
  REQUIRE(facts->metadata.types.size() == 1);
  CHECK(facts->metadata.types[0].kind == LINEUP_KIND_GENERATOR);
  CHECK(facts->abi_major == LINEUP_ABI_MAJOR);
  CHECK(facts->exports == std::vector<std::string>{"lineup_entry"});
  CHECK(facts->findings.empty());
}

TEST_CASE("a truncated plugin is refused at every size", "[elf]") {
  const std::string whole = read_all(hostile("well_behaved"));
  for (std::size_t tenth = 0; tenth < 10; ++tenth) {
    const std::string part = whole.substr(0, whole.size() * tenth / 10);
    CAPTURE(tenth, part.size());
    const auto facts = inspect(bytes_of(part));
    REQUIRE_FALSE(facts);
    CHECK(facts.error().code == "native/truncated");
  }
  // The last byte of the section table counts too.
  const auto facts = inspect(bytes_of(whole.substr(0, whole.size() - 1)));
  REQUIRE_FALSE(facts);
  CHECK(facts.error().code == "native/truncated");
}

TEST_CASE("a damaged plugin gives facts or an error, never a crash", "[elf]") {
  const std::string whole = read_all(hostile("well_behaved"));
  std::uint64_t state = 7;
  const auto next = [&state] {
    return state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  };
  for (int round = 0; round < 3000; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 4; ++i) {
      // Half of the damage goes into the header, where the offsets are.
      const std::size_t range = i % 2 == 0 ? sizeof(Elf64_Ehdr) : damaged.size();
      damaged[(next() >> 16) % range] = static_cast<char>(next() >> 40);
    }
    static_cast<void>(inspect(bytes_of(damaged)));
  }
}

TEST_CASE("what is no plugin says what it is instead", "[elf]") {
  std::string foreign = read_all(hostile("well_behaved"));
  const std::uint16_t machine = EM_RISCV;
  std::memcpy(foreign.data() + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof machine);
  std::string narrow = read_all(hostile("well_behaved"));
  narrow[EI_CLASS] = ELFCLASS32;
  struct Case {
    const char* name;
    std::string bytes;
    const char* code;
  };
  const Case cases[] = {
      {"empty", "", "native/truncated"},
      {"text", "#!/bin/sh\necho no plugin, but long enough to hold a header of sixty-four bytes\n",
       "native/not-a-library"},
      {"begin of an ELF file",
       "\x7f"
       "EL",
       "native/truncated"},
      {"other machine", foreign, "native/foreign"},
      {"32 bits", narrow, "native/foreign"},
      {"program", read_all(LINEUP_PROBE), "native/not-a-plugin"},
      {"no metadata", read_all(hostile("no_metadata")), "native/not-a-plugin"},
      {"no entry", read_all(hostile("no_entry")), "native/not-a-plugin"},
      {"wrong magic", read_all(hostile("wrong_magic")), "native/not-a-plugin"},
      {"other ABI", read_all(hostile("other_abi")), "native/abi"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const auto facts = inspect(bytes_of(c.bytes));
    REQUIRE_FALSE(facts);
    CHECK(facts.error().code == c.code);
  }
}

TEST_CASE("why a plugin might stay in memory is found in the file", "[elf]") {
  const auto facts = inspect(hostile("stays_loaded"));
  REQUIRE(facts);
  REQUIRE(facts->findings.size() == 1);
  CHECK_THAT(facts->findings[0], Catch::Contains("thread-local"));
}

TEST_CASE("a host runs plugins of its major that ask for no later minor", "[elf]") {
  CHECK(check_abi(LINEUP_ABI_MAJOR, 0));
  CHECK(check_abi(LINEUP_ABI_MAJOR, LINEUP_ABI_MINOR));
  CHECK_FALSE(check_abi(LINEUP_ABI_MAJOR, LINEUP_ABI_MINOR + 1));
  CHECK_FALSE(check_abi(LINEUP_ABI_MAJOR + 1, 0));
}

}  // namespace
}  // namespace lineup
