// How the attempts of endpoints went, and which event types are known.
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using persistence::attempt_row;
using persistence::definition_status;
using persistence::delivery_status;
using persistence::destination_row;
using persistence::event_type_query;
using persistence::event_type_row;

namespace {

constexpr std::uint64_t one_turn = 1;

destination_row add_endpoint(opened_store& at) {
  persistence::workspace_row ws;
  ws.text_id = "ws_1";
  const auto workspace = at.store().put(ws);
  REQUIRE(workspace);
  destination_row row;
  row.text_id = "whe_1";
  row.workspace = workspace->id;
  row.kind = persistence::destination_kind::webhook;
  row.status = definition_status::active;
  row.settings = "{}";
  row.secret = "whsec_1";
  row.created_at = noon;
  auto made = at.store().put(row);
  REQUIRE(made);
  return *made;
}

void attempt(opened_store& at, const destination_row& to, std::uint32_t number,
             engine::timestamp when, std::uint32_t answered) {
  attempt_row row;
  row.key = {to.id, engine::position{one_turn}, 0};
  row.number = number;
  row.at = when;
  row.status
    = answered == 200 ? delivery_status::delivered : delivery_status::pending;
  row.detail = "{}";
  row.answered = answered;
  at.commit({}, {row});
}

persistence::endpoint_health health(opened_store& at,
                                    const destination_row& of) {
  const auto found = at.reader().health(std::span{&of.id, 1});
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  return found->front();
}

std::optional<engine::timestamp> failing_since(opened_store& at) {
  const auto rows = at.reader().destinations();
  REQUIRE(rows);
  REQUIRE(rows->size() == 1);
  return rows->front().failing_since;
}

std::vector<event_type_row> types(opened_store& at,
                                  const event_type_query& query) {
  auto found = at.reader().event_types(query);
  REQUIRE(found);
  return std::move(*found);
}

} // namespace

TEST_CASE("the health of an endpoint counts failures since the last success",
          "[contract]") {
  opened_store at;
  auto to = add_endpoint(at);
  CHECK(at.reader().health(std::span{&to.id, 1})->empty());
  CHECK_FALSE(failing_since(at));
  attempt(at, to, 1, noon, 500);
  attempt(at, to, 2, noon + 1h, 0);
  at.reopen();
  CHECK(health(at, to).failures == 2);
  CHECK(health(at, to).last_status == 0);
  CHECK(health(at, to).last_at == noon + 1h);
  CHECK(failing_since(at) == noon);
  attempt(at, to, 3, noon + 2h, 200);
  CHECK(health(at, to).failures == 0);
  CHECK(health(at, to).last_status == 200);
  CHECK_FALSE(failing_since(at));
  attempt(at, to, 4, noon + 3h, 410);
  CHECK(failing_since(at) == noon + 3h);
  to.forgets_failures = true;
  REQUIRE(at.store().put(to));
  CHECK(health(at, to).failures == 0);
  CHECK_FALSE(failing_since(at));
}

TEST_CASE("the secret before the newest is kept with its time", "[contract]") {
  opened_store at;
  auto to = add_endpoint(at);
  to.previous_secret = "whsec_1";
  to.previous_until = noon + 24h;
  to.secret = "whsec_2";
  REQUIRE(at.store().put(to));
  at.reopen();
  const auto rows = at.reader().destinations();
  REQUIRE(rows);
  CHECK(rows->front().secret == "whsec_2");
  CHECK(rows->front().previous_secret == "whsec_1");
  CHECK(rows->front().previous_until == noon + 24h);
  CHECK(rows->front().created_at == noon);
}

TEST_CASE("an event type is discovered by the first event of its name, and "
          "stays what people made of it",
          "[contract]") {
  opened_store at;
  auto one = contact(1);
  one.see(event("b.seen"));
  one.see(event("a.seen"));
  one.see(event("b.seen"));
  at.save(one);
  event_type_query query;
  query.workspace = here;
  auto all = types(at, query);
  REQUIRE(all.size() == 2);
  CHECK(all[0].name == "b.seen");
  CHECK(all[0].status == definition_status::discovered);
  CHECK(all[0].created_at != engine::timestamp{});
  CHECK(all[0].updated_at == engine::timestamp{});
  CHECK(at.reader().described_event_types()->empty());
  event_type_row row;
  row.workspace = here;
  row.name = "b.seen";
  row.status = definition_status::archived;
  row.schema = R"({"type":"object"})";
  row.updated_at = noon + 1h;
  REQUIRE(at.store().put_all({row}, std::nullopt));
  at.reopen();
  one.see(event("b.seen"));
  at.save(one);
  all = types(at, query);
  REQUIRE(all.size() == 2);
  CHECK(all[0].status == definition_status::archived);
  CHECK(all[0].schema == R"({"type":"object"})");
  CHECK(at.reader().described_event_types()->size() == 1);
  query.status = definition_status::discovered;
  REQUIRE(types(at, query).size() == 1);
  CHECK(types(at, query)[0].name == "a.seen");
  query = {};
  query.workspace = here;
  query.limit = 1;
  query.after = types(at, query)[0].id;
  CHECK(types(at, query)[0].name == "a.seen");
  query = {};
  query.workspace = here;
  query.name = "a.seen";
  CHECK(types(at, query).size() == 1);
  query.workspace = elsewhere;
  CHECK(types(at, query).empty());
}

TEST_CASE("B62 a former name of an event type is listed only by name",
          "[contract]") {
  opened_store at;
  event_type_row row;
  row.workspace = here;
  row.status = definition_status::archived;
  row.name = "was";
  row.alias_of = "is";
  row.updated_at = noon;
  REQUIRE(at.store().put_all({row}, std::nullopt));
  event_type_query query;
  query.workspace = here;
  CHECK(types(at, query).empty());
  REQUIRE(at.reader().described_event_types()->size() == 1);
  CHECK(at.reader().described_event_types()->front().alias_of == "is");
  query.name = "was";
  CHECK(types(at, query).front().alias_of == "is");
  row.alias_of.clear();
  REQUIRE(at.store().put_all({row}, std::nullopt));
  query.name.clear();
  CHECK(types(at, query).size() == 1);
}
