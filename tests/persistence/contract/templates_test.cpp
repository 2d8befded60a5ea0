// Templates: every put is another version, unless it says which it is.
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using persistence::template_row;

namespace {

constexpr engine::workspace_id here{1};

template_row saved(opened_store& at, template_row row) {
  auto rows = at.store().put_all({std::move(row)}, std::nullopt);
  REQUIRE(rows);
  return std::get<template_row>(rows->front());
}

template_row welcome(std::string parts, engine::timestamp when) {
  template_row row;
  row.text_id = "tpl_" + parts;
  row.workspace = here;
  row.key = "welcome";
  row.channel = "email";
  row.parts = std::move(parts);
  row.created_at = when;
  row.updated_at = when;
  return row;
}

} // namespace

TEST_CASE("a template put again is its next version; the newest is read",
          "[contract]") {
  opened_store at;
  const auto first = saved(at, welcome("{1}", noon));
  CHECK(first.version == 1);
  const auto second = saved(at, welcome("{2}", noon + 1h));
  CHECK(second.version == 2);
  CHECK(second.id == first.id);
  CHECK(second.text_id == "tpl_{1}");
  auto elsewhere = welcome("{3}", noon);
  elsewhere.workspace = engine::workspace_id{2};
  CHECK(saved(at, elsewhere).id != first.id);
  at.reopen();
  const auto all = at.reader().templates();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  const auto& read = all->front();
  CHECK(read.text_id == "tpl_{1}");
  CHECK(read.key == "welcome");
  CHECK(read.parts == "{2}");
  CHECK(read.version == 2);
  CHECK(read.created_at == noon);
  CHECK(read.updated_at == noon + 1h);
  REQUIRE(read.versions.size() == 2);
  CHECK(read.versions[1].created_at == noon + 1h);
  CHECK_FALSE(read.archived);
}

TEST_CASE("an archived template keeps its versions", "[contract]") {
  opened_store at;
  auto row = saved(at, welcome("{1}", noon));
  row.archived = true;
  CHECK(saved(at, row).version == 1);
  const auto all = at.reader().templates();
  REQUIRE(all->size() == 1);
  CHECK(all->front().archived);
  CHECK(all->front().parts == "{1}");
  CHECK(all->front().versions.size() == 1);
}
