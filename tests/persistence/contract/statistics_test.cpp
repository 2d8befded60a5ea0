// Statistics of events: counted in batches, each with the place it ends at.
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::number;
using engine::position;

namespace {

void see(opened_store& at, driven_contact& one, const std::string& type,
         std::string_view properties = "{}", engine::timestamp when = noon) {
  one.see(event(type, properties), when);
  at.save(one);
}

engine::statistics_batch batch_after(opened_store& at, position after,
                                     std::size_t turns = 100,
                                     std::size_t rows = 100) {
  auto batch = at.reader().count_after(after, turns, rows);
  REQUIRE(batch);
  return std::move(*batch);
}

engine::event_statistics counted(opened_store& at, const std::string& type,
                                 engine::workspace_id of = here) {
  auto found = at.reader().statistics(of, type);
  REQUIRE(found);
  return std::move(*found);
}

} // namespace

TEST_CASE("R6 a batch is added once, whoever adds it again", "[contract]") {
  opened_store at;
  auto one = contact(1);
  see(at, one, "a", R"({"n":1})");
  see(at, one, "a", R"({"n":"x","more":true})", noon + 1h);
  see(at, one, "b");
  auto other = contact(2, elsewhere);
  see(at, other, "a");
  REQUIRE(*at.reader().counted_until() == position{});
  const auto batch = batch_after(at, {});
  CHECK_FALSE(batch.has_more);
  REQUIRE(at.store().add_statistics(batch));
  REQUIRE(at.store().add_statistics(batch));
  at.reopen();
  CHECK(*at.reader().counted_until() == batch.until);
  const auto a = counted(at, "a");
  CHECK(a.count == 2);
  CHECK(a.first_at == noon);
  CHECK(a.last_at == noon + 1h);
  CHECK(a.properties.at("n").count == 2);
  CHECK(a.properties.at("n").types == 3);
  CHECK(a.properties.at("more").types == 4);
  CHECK(counted(at, "b").count == 1);
  CHECK(counted(at, "a", elsewhere).count == 1);
  CHECK(counted(at, "c").count == 0);
  CHECK(batch_after(at, batch.until).until == batch.until);
}

TEST_CASE("R6 batches that follow on one another count every turn once",
          "[contract]") {
  opened_store at;
  auto one = contact(1);
  for (int i = 0; i < 10; ++i)
    see(at, one, i % 3 == 0 ? "a" : "b", R"({"x":1})");
  position place{};
  for (auto has_more = true; has_more;) {
    const auto batch = batch_after(at, place, 4);
    REQUIRE(at.store().add_statistics(batch));
    place = batch.until;
    has_more = batch.has_more;
  }
  CHECK(counted(at, "a").count == 4);
  CHECK(counted(at, "b").count == 6);
  CHECK(counted(at, "b").properties.at("x").count == 6);
  // A batch ends soon when it has many rows.
  const auto small = batch_after(at, {}, 100, 1);
  CHECK(number(small.until) < number(place));
  CHECK(small.has_more);
}

TEST_CASE("R13 values are added by currency, and bounded in number",
          "[contract]") {
  opened_store at;
  auto one = contact(1);
  for (std::size_t i = 0; i < engine::counted_currencies_max + 5; ++i) {
    auto worth = event("a");
    const auto letter = static_cast<char>('A' + i % 26);
    worth.event.record.value.emplace(engine::event_value{
      2.5, std::string{"X"} + static_cast<char>('A' + i / 26) + letter});
    one.see(worth);
    at.save(one);
    // In batches of their own: what is stored bounds it too.
    REQUIRE(
      at.store().add_statistics(batch_after(at, *at.reader().counted_until())));
  }
  const auto found = counted(at, "a");
  CHECK(found.count == engine::counted_currencies_max + 5);
  CHECK(found.values.size() == engine::counted_currencies_max);
  CHECK(found.values.at("XAA").sum == 2.5);
}
