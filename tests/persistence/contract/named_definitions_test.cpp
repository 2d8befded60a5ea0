// Small definitions: known by workspace, kind and key, without versions.
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using persistence::named_kind;
using persistence::named_row;

namespace {

named_row named(std::string key, named_kind kind = named_kind::checklist) {
  named_row row;
  row.text_id = "id_" + key + std::to_string(static_cast<int>(kind));
  row.workspace = here;
  row.kind = kind;
  row.key = std::move(key);
  row.body = "{}";
  row.created_at = noon;
  row.updated_at = noon;
  return row;
}

named_row saved(opened_store& at, named_row row) {
  auto rows = at.store().put_all({std::move(row)}, std::nullopt);
  REQUIRE(rows);
  return std::get<named_row>(rows->front());
}

} // namespace

TEST_CASE("a named definition put again is changed, and goes when it is "
          "removed",
          "[contract]") {
  opened_store at;
  const auto first = saved(at, named("a"));
  saved(at, named("a", named_kind::funnel));
  auto changed = named("a");
  changed.text_id = "another";
  changed.body = R"({"steps":[]})";
  changed.updated_at = noon + 1h;
  CHECK(saved(at, changed).text_id == first.text_id);
  at.reopen();
  auto all = at.reader().named_definitions();
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK(all->front().id == first.id);
  CHECK(all->front().body == R"({"steps":[]})");
  CHECK(all->front().created_at == noon);
  CHECK(all->front().updated_at == noon + 1h);
  CHECK((*all)[1].kind == named_kind::funnel);
  auto gone = named("a");
  gone.removed = true;
  saved(at, gone);
  all = at.reader().named_definitions();
  REQUIRE(all->size() == 1);
  CHECK(all->front().kind == named_kind::funnel);
}
