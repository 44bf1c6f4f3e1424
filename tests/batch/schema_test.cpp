// SPDX-License-Identifier: Apache-2.0
//
// The columns of a scene.
#include "batch/schema.hpp"

#include <catch2/catch.hpp>
#include <memory>

namespace lineup {

TEST_CASE("a text default of a copied schema points into the copy", "[schema]") {
  auto original = std::make_unique<Schema>();
  ColumnSpec column;
  column.name = "type";
  column.type = ColumnType::Category;
  column.default_text = "a default that is longer than a short string holds";
  column.default_value = Scalar::of(std::string_view(column.default_text));
  original->add(column);
  const Schema copy = *original;
  original.reset();
  CHECK(copy[0].default_value.text == "a default that is longer than a short string holds");
  CHECK(copy[0].default_value.text.data() == copy[0].default_text.data());
}

TEST_CASE("column types have the words of the policy file", "[schema]") {
  CHECK(column_type("categories") == ColumnType::Categories);
  CHECK(name_of(ColumnType::Embedding) == "embedding");
  CHECK_FALSE(column_type("Float"));
}

}  // namespace lineup
