// SPDX-License-Identifier: Apache-2.0
//
// Random conditions over random tables with many missing values: select(), holds() and a third
// evaluation, that of claims.hpp, must agree on every row. Values come from small ranges so that
// comparisons hit.
#include <catch2/catch.hpp>
#include <cmath>

#include "condition/claims.hpp"
#include "condition/condition.hpp"
#include "condition/rows.hpp"
#include "condition/scene.hpp"

namespace lineup {

namespace {

// Context values of every kind, in both forms.
void fill_context(Writer& writer, World& world, std::vector<Scalar>& scalars) {
  for (int slot = 0; slot < 4; ++slot) {
    switch (writer.below(6)) {
      case 0:
        world.context.push_back(text("<missing>"));
        break;
      case 1:
        world.context.push_back(number(writer.below(5)));
        break;
      case 2:
        world.context.push_back(number(0.5 + writer.below(5)));
        break;
      case 3:
        world.context.push_back(text(writer.word()));
        break;
      case 4:
        world.context.push_back(text(writer.date()));
        break;
      default:
        world.context.push_back({Plain::Kind::Truth, static_cast<double>(writer.below(2)), {}});
        break;
    }
  }
  for (const Plain& value : world.context) {
    if (value.text == "<missing>") {
      scalars.push_back({});
    } else if (value.kind == Plain::Kind::Text) {
      scalars.push_back(Scalar::of(std::string_view(value.text)));
    } else if (value.kind == Plain::Kind::Truth) {
      scalars.push_back(Scalar::of(value.number == 1.0));
    } else if (value.number == std::floor(value.number) && writer.below(2) == 0) {
      scalars.push_back(Scalar::of(static_cast<std::int64_t>(value.number)));
    } else {
      scalars.push_back(Scalar::of(value.number));
    }
  }
}

Rows random_rows(Writer& writer, const Schema& schema) {
  Rows rows(schema);
  const bool has_numbers = writer.below(2) == 0;
  for (std::uint32_t row = 0, count = writer.below(140); row < count; ++row) {
    std::vector<Cell> cells;
    for (std::uint32_t c = 0; c < schema.size(); ++c) cells.push_back(writer.cell(schema[c].type));
    if (has_numbers) {
      rows.add(std::int64_t{writer.below(5)}, std::move(cells));
    } else {
      rows.add(writer.word(), std::move(cells));
    }
  }
  if (writer.below(3) == 0) rows.leave_out(writer.below(schema.size()));
  return rows;
}

}  // namespace

TEST_CASE("select, holds and a naive evaluation agree on every row", "[condition][property]") {
  std::size_t true_count = 0;
  std::size_t row_count = 0;
  for (std::uint32_t seed = 1; seed <= 4000; ++seed) {
    Writer writer(seed);
    ColumnScene scene;
    for (int slot = 0; slot < 4; ++slot) scene.context.slot("c" + std::to_string(slot));
    Rows rows = random_rows(writer, scene.schema);
    const Table& table = rows.finish();
    World world{&rows, &scene.schema, 0, {}, writer.below(2) == 0, writer.below(2) == 0};
    std::vector<Scalar> scalars;
    fill_context(writer, world, scalars);
    world.now_ms = *parse_time_ms(writer.date()) + writer.below(2);
    const Word segments = (world.newcomers ? 1U : 0U) | (world.night ? 2U : 0U);
    RequestContext request;
    request.context = scalars;
    request.now_ms = world.now_ms;
    request.segments = &segments;

    const Claim claim = writer.claim(static_cast<int>(writer.below(4)));
    Diagnostics diagnostics;
    Condition condition;
    if (!condition.compile(claim.text, scene.scope(), {}, 0, diagnostics)) {
      FAIL("seed " << seed << ": " << claim.text << ": " << diagnostics.all()[0].message);
    }
    Arena arena(1024);
    std::vector<Word> bits(word_count(table.row_count), 0x5555555555555555ULL);
    condition.select(table, rows.vocabularies(), request, arena, bits);
    for (std::uint32_t row = 0; row < table.row_count; ++row) {
      world.row = row;
      const bool expected = claim.holds(world);
      const bool selected = test_bit(bits.data(), row);
      const bool held = condition.holds(table, rows.vocabularies(), request, row);
      if (selected != expected || held != expected) {
        FAIL("seed " << seed << ", row " << row << ": " << claim.text << ": expected " << expected
                     << ", select " << selected << ", holds " << held);
      }
      true_count += expected ? 1 : 0;
    }
    if (table.row_count % 64 != 0) CHECK(bits.back() >> (table.row_count % 64) == 0);
    row_count += table.row_count;
  }
  // The generator is of use only while both answers are common.
  CHECK(true_count > row_count / 5);
  CHECK(true_count < row_count * 4 / 5);
}

}  // namespace lineup
