#include "tests/simulation/world.hpp"

#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/simulation/checker.hpp"

#include <set>
#include <stdexcept>
#include <utility>

namespace troupe::simulation {

namespace {

constexpr engine::workspace_id workspace{1};
// Virtual, and far longer than anything takes.
constexpr engine::duration patience{std::chrono::minutes{12}};
constexpr engine::duration durable_late{300ms};
constexpr std::size_t steps_max = 200'000; // some 2,000 are usual

} // namespace

run_counts& run_counts::operator+=(const run_counts& other) {
  acknowledged += other.acknowledged;
  unanswered += other.unanswered;
  replayed += other.replayed;
  crashes += other.crashes;
  commits_failed += other.commits_failed;
  commits_unknown += other.commits_unknown;
  calls += other.calls;
  calls_again += other.calls_again;
  merges += other.merges;
  steps += other.steps;
  return *this;
}

world::world(std::uint64_t seed, planted defect, const store_files& files)
  : files_(files),
    from_(seed),
    plan_(from_),
    receiver_(time_, from_, plan_),
    crowd_(time_, from_, plan_, workspace,
           [this](std::vector<messages::ingest> request, auto done) {
             if (server_)
               server_->ingest(std::move(request), std::move(done));
             return server_ != nullptr;
           }) {
  plan_.defect = defect;
}

run_result world::run() {
  files_.begin_anew();
  start();
  time_.after(plan_.lasts, [this] {
    plan_.end();
  });
  for (auto n = plan_.crashes; n > 0; --n)
    time_.after(some_time(from_, plan_.lasts), [this] {
      is_dying_ = server_ != nullptr;
    });
  crowd_.begin();
  finish();
  count();
  receiver_.forget_callers();
  link_->is_dead = true;
  server_.reset();
  result_.trace = time_.trace();
  return std::move(result_);
}

void world::finish() {
  const auto end = time_.now() + plan_.lasts;
  const auto are_done = [this] {
    return crowd_.is_done();
  };
  if (!run_until(
        [&] {
          return time_.now() >= end && server_ && crowd_.is_done();
        },
        patience)) {
    give_up();
    return;
  }
  crowd_.say_goodbye();
  if (!run_until(are_done, patience)) {
    give_up();
    return;
  }
  const auto reader = store_->open_reader();
  const auto is_over = [&] {
    return is_quiet(**reader) && places(**reader, workspace) == told_;
  };
  for (auto waited = 0s; waited < patience && !is_over(); ++waited) {
    const auto next = time_.now() + 1s;
    run_until(
      [&] {
        return time_.now() >= next;
      },
      2s);
  }
  checker last{**reader, workspace, store_->seed()};
  last.check_whole();
  last.check_end(crowd_, receiver_, told_);
  result_.violations.insert(result_.violations.end(), last.violations().begin(),
                            last.violations().end());
  result_.counts.merges = last.merges();
}

// Whoever still waits does so for ever.
void world::give_up() {
  for (const auto& each : crowd_.operations())
    if (each.has_key && !each.is_heard)
      result_.violations.push_back(
        "status: " + each.type + " " + std::to_string(each.number)
        + " never gets an answer, after " + std::to_string(each.failures)
        + " failures, the last: " + each.last_failure);
}

void world::start() {
  is_dying_ = false;
  link_ = std::make_shared<store_link>(
    store_link{time_, from_, plan_,
               [this] {
                 is_dying_ = true;
                 link_->is_dead = true;
               },
               [this] {
                 if (plan_.defect != planted::acknowledged_early
                     || time_.now() < kept_at_ + durable_late)
                   return;
                 files_.keep();
                 kept_at_ = time_.now();
               }});
  auto real = persistence::sqlite::open_store(files_.directory(), time_.now());
  if (!real)
    throw std::runtime_error{real.failure().message};
  store_
    = std::make_shared<simulated_store>(std::move(*real), link_, files_.file());
  // Starting is not what is simulated: it reads without faults.
  const auto reads_fail = std::exchange(plan_.reads_fail, 0U);
  server_ = std::make_unique<server>(
    time_, from_, plan_,
    server_options{store_,
                   [this](const messages::outgoing_call& call, auto done) {
                     receiver_.call(call, std::move(done));
                   },
                   from_.of(std::vector<std::size_t>{1, 2, 400})});
  plan_.reads_fail = reads_fail;
  server_->follow(workspace, told_.empty() ? engine::position{} : told_.back(),
                  [this](const engine::turn& what) {
                    told_.push_back(what.stamp.turn);
                  });
}

void world::crash() {
  ++result_.counts.crashes;
  link_->is_dead = true;
  receiver_.forget_callers();
  server_.reset();
  if (from_.chance(50))
    store_->land();
  result_.counts.commits_failed += std::exchange(link_->commits_failed, 0U);
  result_.counts.commits_unknown += std::exchange(link_->commits_unknown, 0U);
  store_.reset();
  if (plan_.defect == planted::acknowledged_early)
    files_.put_back();
  is_dying_ = false;
  look_at_store();
  time_.after(from_.of(std::vector<engine::duration>{0us, 200ms, 3s}), [this] {
    start();
  });
}

void world::look_at_store() {
  auto db = persistence::sqlite::connection::open(
    files_.file(), persistence::sqlite::access::write);
  if (!db)
    throw std::runtime_error{db.failure().message};
  persistence::sqlite::reader reader{std::move(*db)};
  checker now{reader, workspace, 0};
  now.check_whole();
  result_.violations.insert(result_.violations.end(), now.violations().begin(),
                            now.violations().end());
}

void world::step() {
  if (++result_.counts.steps > steps_max)
    throw std::runtime_error{"it goes on without end"};
  if (is_dying_) {
    crash();
    return;
  }
  if (time_.run_one())
    return;
  if (server_ && server_->serve_one()) {
    time_.advance(time_.now() + (1 + from_.below(20)) * 1us);
    return;
  }
  auto next = time_.next();
  if (const auto other
      = server_ ? server_->next() : std::optional<engine::timestamp>{})
    next = next ? std::min(*next, *other) : *other;
  if (!next)
    throw std::runtime_error{"nothing will ever happen"};
  time_.advance(std::max(*next, time_.now() + 1us));
}

template <class Done>
bool world::run_until(Done done, engine::duration at_most) {
  const auto end = time_.now() + at_most;
  while (!done() && time_.now() < end)
    step();
  return done();
}

void world::count() {
  auto& counts = result_.counts;
  for (const auto& each : crowd_.operations()) {
    counts.acknowledged += each.receipts.empty() ? 0U : 1U;
    counts.unanswered += each.receipts.empty() ? 1U : 0U;
    for (const auto& receipt : each.receipts)
      counts.replayed += receipt.replayed ? 1U : 0U;
  }
  std::set<std::string> arrived;
  for (const auto& each : receiver_.arrivals())
    counts.calls_again += arrived.insert(each.delivery_id).second ? 0U : 1U;
  counts.calls = receiver_.arrivals().size();
  counts.commits_failed += link_->commits_failed;
  counts.commits_unknown += link_->commits_unknown;
}

} // namespace troupe::simulation
