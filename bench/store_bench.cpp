// The store alone: CPU-µs per event on one thread, for bare and full turns, by
// turns per transaction. Design.md 7's figures for this layout: 15-19 µs a full
// event at 64 per transaction, 11 at 256.
//
// Of PostgreSQL the CPU time is this thread's alone; the events/s are of both.
//
// usage: store_bench DIRECTORY [seconds per case] [contacts] [only this group]
//        store_bench postgresql://… [the same]   -- a database it may empty
#include "persistence/postgres/connection.hpp"
#include "persistence/postgres/postgres_store.hpp"
#include "persistence/sqlite/sqlite_store.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <random>

using namespace troupe;
using persistence::commit_unit;

namespace {

double seconds() {
  return std::chrono::duration<double>(
           std::chrono::steady_clock::now().time_since_epoch())
    .count();
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

struct contact {
  engine::contact_id id{};
  std::uint64_t seq = 0;
  engine::position last{};
  engine::position skip{};
  engine::timestamp wake{};
};

struct workload {
  std::vector<contact> contacts;
  std::mt19937_64 random{42};
  engine::timestamp now
    = std::chrono::floor<engine::duration>(std::chrono::system_clock::now());
  bool full = false;

  commit_unit next(std::size_t which) {
    auto& who = contacts[which];
    now += std::chrono::microseconds{30};
    commit_unit unit;
    unit.workspace = engine::workspace_id{1};
    unit.contact = who.id;
    unit.previous = who.last;
    unit.skip = who.skip;
    auto& turn = unit.turns.emplace_back();
    turn.seq = who.seq + 1;
    turn.at = now;
    turn.kind = engine::turn_kind::event;
    turn.event_type = "order.completed";
    turn.payload.assign(full ? 330 : 260, 'x');
    turn.key = engine::idempotency{random(), random(), random()};
    if (who.seq == 0)
      turn.claimed.push_back({engine::identity_kind::external_id,
                              fmt::format("usr_{}", which),
                              fmt::format("usr_{}", which)});
    if (full) {
      if (who.seq != 0)
        turn.timers_cleared.push_back(
          {who.wake, 1, static_cast<std::uint32_t>(who.seq)});
      who.wake = now + std::chrono::hours{72};
      turn.timers_set.push_back(
        {who.wake, 1, static_cast<std::uint32_t>(who.seq + 1)});
      turn.matched = {engine::destination_id{1}, engine::destination_id{2}};
    }
    return unit;
  }
};

engine::result<std::unique_ptr<persistence::store>>
open_empty(const std::string& where, engine::timestamp now) {
  namespace postgres = persistence::postgres;
  if (!where.starts_with("postgresql://")) {
    std::filesystem::remove_all(where);
    return persistence::sqlite::open_store(where, now);
  }
  auto db = postgres::connection::open(where, postgres::access::write);
  if (!db || !db->execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    return db ? db->failure("empty the database") : db.failure();
  return postgres::open_store(where, now);
}

void run(const std::string& where, bool full, std::size_t group,
         std::size_t contacts, double limit) {
  workload work;
  work.full = full;
  auto opened = open_empty(where, work.now);
  if (!opened) {
    fmt::print("{}\n", opened.failure().message);
    return;
  }
  auto& store = **opened;
  for (std::size_t i = 0; i < contacts; ++i)
    work.contacts.push_back(
      {engine::contact_id{(work.random() % 256) << 56 | (i + 1) << 4}});
  std::vector<double> latencies;
  std::uint64_t events = 0;
  double cpu = 0;
  double began = 0;
  for (std::uint64_t round = 0;; ++round) {
    std::vector<commit_unit> units;
    std::vector<std::size_t> members;
    while (members.size() < group) {
      const auto which = work.random() % contacts;
      if (std::find(members.begin(), members.end(), which) != members.end())
        continue;
      members.push_back(which);
      units.push_back(work.next(which));
    }
    const auto warm = round * group > 2 * contacts;
    if (warm && began == 0)
      began = seconds();
    const auto cpu_before = cpu_seconds();
    const auto before = seconds();
    const auto outcomes = store.commit(units, {});
    store.maintain(work.now);
    if (!outcomes) {
      fmt::print("{}\n", outcomes.failure().message);
      return;
    }
    if (warm) {
      cpu += cpu_seconds() - cpu_before;
      events += group;
      latencies.push_back(seconds() - before);
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
      auto& who = work.contacts[members[i]];
      who.last = std::get<persistence::committed>((*outcomes)[i]).first;
      who.seq += 1;
      if (who.seq % engine::skip_interval == 0)
        who.skip = who.last;
    }
    if (warm && seconds() - began > limit)
      break;
  }
  std::sort(latencies.begin(), latencies.end());
  const auto elapsed = seconds() - began;
  fmt::print(
    "{:5} group={:<4} {:9.0f} events/s {:6.1f} cpu-us/event  commit "
    "p50 {:6.2f} ms p99 {:6.2f} max {:6.1f}\n",
    full ? "full" : "bare", group, static_cast<double>(events) / elapsed,
    cpu / static_cast<double>(events) * 1e6,
    latencies[latencies.size() / 2] * 1e3,
    latencies[latencies.size() * 99 / 100] * 1e3, latencies.back() * 1e3);
}

} // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(
      "usage: store_bench DIRECTORY|URL [seconds] [contacts] [group]\n");
    return 2;
  }
  const auto limit = count > 2 ? std::stod(arguments[2]) : 3.0;
  const auto contacts
    = count > 3 ? static_cast<std::size_t>(std::stoul(arguments[3])) : 10'000;
  std::vector<std::size_t> groups{1, 16, 64, 256};
  if (count > 4)
    groups = {static_cast<std::size_t>(std::stoul(arguments[4]))};
  for (const auto full : {false, true})
    for (const auto group : groups)
      run(arguments[1], full, group, contacts, limit);
}
