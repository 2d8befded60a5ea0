// Segments, who is in them, and jobs.
#include "tests/persistence/contract/contract.hpp"

using namespace troupe;
using namespace troupe::test;
using engine::contact_id;
using engine::segment_id;
using persistence::job_row;
using persistence::segment_row;

namespace {

segment_row buyers(std::uint32_t version) {
  segment_row row;
  row.text_id = "sgm_" + std::to_string(version);
  row.workspace = here;
  row.key = "buyers";
  row.name = "Buyers";
  row.condition = R"({"has_tag":")" + std::to_string(version) + R"("})";
  row.version = version;
  row.created_at = noon;
  row.updated_at = noon + std::chrono::hours{version};
  return row;
}

job_row job(const std::string& id) {
  job_row row;
  row.text_id = id;
  row.workspace = here;
  row.kind = "segment";
  row.subject = "sgm_1";
  row.created_at = noon;
  return row;
}

/// A contact that entered the segment with its first turn.
driven_contact member(opened_store& at, std::uint64_t number, segment_id of) {
  auto made = contact(number);
  engine::definitions with{1};
  auto rule = engine::compile_segment(json(R"({"==":[1,1]})"), "");
  REQUIRE(rule);
  with.add(engine::published_segment{of, 1, "all", "all", *rule});
  made.add(
    decided(made.ahead(),
            event("seen", "{}", {external("usr_" + std::to_string(number))}),
            with, noon));
  at.save(made);
  return made;
}

std::vector<contact_id> members(opened_store& at, segment_id of,
                                contact_id before = {},
                                std::size_t limit = 10) {
  auto found = at.reader().segment_contacts(of, before, limit);
  REQUIRE(found);
  return *found;
}

} // namespace

TEST_CASE("a segment put again keeps its id and says something else",
          "[contract][segments]") {
  opened_store at;
  REQUIRE(at.store().put(buyers(1)));
  const auto second = at.store().put(buyers(2));
  REQUIRE(second);
  CHECK(second->text_id == "sgm_1");
  at.reopen();
  const auto all = at.reader().segments();
  REQUIRE(all);
  REQUIRE(all->size() == 1);
  CHECK(all->front().id == second->id);
  CHECK(all->front().version == 2);
  CHECK(all->front().condition == R"({"has_tag":"2"})");
  CHECK(all->front().created_at == noon);
  CHECK(all->front().updated_at == noon + std::chrono::hours{2});
}

TEST_CASE("the turn that moves a contact moves it in the list",
          "[contract][segments]") {
  opened_store at;
  constexpr segment_id one{1};
  auto first = member(at, 1, one);
  auto second = member(at, 2, one);
  const auto all = std::vector{second.id(), first.id()};
  CHECK(members(at, one) == all);
  CHECK(members(at, one, {}, 1) == std::vector{second.id()});
  CHECK(members(at, one, second.id()) == std::vector{first.id()});
  CHECK(members(at, segment_id{2}).empty());
  CHECK(*at.reader().segment_size(one) == 2);
  CHECK(*at.reader().contact_count(here) == 2);
  at.reopen();
  CHECK(members(at, one) == all);
  // Without the segment it leaves.
  first.add(decided(first.ahead(), event("seen", "{}", {external("usr_1")}),
                    engine::definitions{2}, noon));
  at.save(first);
  CHECK(members(at, one) == std::vector{second.id()});
}

TEST_CASE("who is absorbed is in no segment", "[contract][segments]") {
  opened_store at;
  constexpr segment_id one{1};
  auto into = member(at, 1, one);
  const auto gone = member(at, 2, one);
  into.add(decided(into.ahead(), engine::merge_input{gone.state()},
                   engine::definitions{0}, noon));
  at.save(into);
  CHECK(members(at, one) == std::vector{into.id()});
}

TEST_CASE("the oldest job that goes on is found, with its place",
          "[contract][segments]") {
  opened_store at;
  CHECK_FALSE(*at.reader().unfinished_job());
  REQUIRE(at.store().put(job("job_1")));
  REQUIRE(at.store().put(job("job_2")));
  auto place = job("job_1");
  place.next = contact_id{0xFF00000000000007};
  place.done = 64;
  place.total = 100;
  REQUIRE(at.store().put(place));
  at.reopen();
  auto found = *at.reader().unfinished_job();
  REQUIRE(found);
  CHECK(found->text_id == "job_1");
  CHECK(found->next == place.next);
  CHECK(found->done == 64);
  CHECK(found->total == 100);
  found->finished_at = noon + 1h;
  REQUIRE(at.store().put(*found));
  CHECK((*at.reader().unfinished_job())->text_id == "job_2");
  CHECK(at.reader().job(here, "job_1")->finished_at == noon + 1h);
  const auto elsewhere = at.reader().job(engine::workspace_id{99}, "job_1");
  REQUIRE_FALSE(elsewhere);
  CHECK(elsewhere.failure().name == "job_not_found");
}
