// The list of nudges that a contact's state holds.
#include "engine/nudge.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;
using namespace std::chrono_literals;

namespace {

constexpr timestamp noon{std::chrono::hours{12}};

nudge made(int number, timestamp expires = noon + 24h) {
  nudge out;
  out.id = std::to_string(number);
  out.at = noon + std::chrono::seconds{number};
  out.expires_at = expires;
  return out;
}

} // namespace

TEST_CASE("B48 a nudge's status never goes back, and an unknown one is passed "
          "by") {
  nudge_list all;
  put_nudge(all, made(1), noon);
  move_nudge(all, "1", nudge_status::clicked, noon + 1s);
  move_nudge(all, "1", nudge_status::shown, noon + 2s);
  move_nudge(all, "2", nudge_status::dismissed, noon + 2s);
  REQUIRE(all.size() == 1);
  CHECK(all.front().status == nudge_status::clicked);
  CHECK(all.front().moved_at == noon + 1s);
}

TEST_CASE("an inbox drops what is over, then what was dismissed, then the "
          "oldest") {
  nudge_list all;
  put_nudge(all, made(0, noon + 10s), noon);
  for (int i = 1; i <= 100; ++i)
    put_nudge(all, made(i), noon + 20s);
  REQUIRE(all.size() == nudges_max);
  CHECK(find_nudge(all, "0") == nullptr);
  move_nudge(all, "50", nudge_status::dismissed, noon);
  put_nudge(all, made(101), noon + 20s);
  CHECK(find_nudge(all, "50") == nullptr);
  CHECK(find_nudge(all, "1") != nullptr);
  put_nudge(all, made(102), noon + 20s);
  CHECK(find_nudge(all, "1") == nullptr);
  CHECK(all.size() == nudges_max);
}

TEST_CASE("an inbox is in order of time, also with those of a merged contact") {
  nudge_list all;
  put_nudge(all, made(3), noon);
  put_nudge(all, made(1), noon);
  put_nudge(all, made(2), noon);
  REQUIRE(all.size() == 3);
  CHECK(all[0].id + all[1].id + all[2].id == "123");
}
