// What became of the runs that an event started.
#include "actors/reader.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

constexpr std::size_t turns_max = 20'000; // looked at behind the event
constexpr std::size_t chunk_turns = 500;

bool tells_of_runs(const engine::turn& what) {
  return !what.sends.empty()
         || std::any_of(what.trace.begin(), what.trace.end(),
                        [](const engine::check& each) {
                          return each.run != 0 && !each.passed;
                        })
         || std::any_of(
           what.changes.begin(), what.changes.end(), [](const auto& each) {
             return std::holds_alternative<engine::run_moved>(each)
                    || std::holds_alternative<engine::run_ended>(each)
                    || std::holds_alternative<engine::run_inherited>(each)
                    || std::holds_alternative<engine::run_paused>(each)
                    || std::holds_alternative<engine::run_resumed>(each);
           });
}

std::string error_of(const persistence::attempt_row& attempt) {
  boost::json::error_code failure;
  const auto detail = boost::json::parse(attempt.detail, failure);
  if (failure || !detail.is_object())
    return {};
  if (const auto* error = detail.get_object().if_contains("error");
      error != nullptr && error->is_string())
    return std::string{error->get_string()};
  const auto* status = detail.get_object().if_contains("status_code");
  return attempt.status != engine::delivery_status::delivered
             && status != nullptr && status->is_int64()
           ? "status_" + std::to_string(status->get_int64())
           : std::string{};
}

} // namespace

// How the step's delivery went so far.
engine::status reader_actor_state::complete(engine::execution_step& step) {
  if (step.left_out_by)
    return engine::success();
  const persistence::delivery_key key{
    step.delivery.destination, step.delivery.turn, step.delivery.ordinal};
  const auto row = store->delivery(key);
  if (!row)
    return row.failure().code == engine::errc::not_found ? engine::success()
                                                         : row.failure();
  step.status = row->status;
  step.attempts = row->attempts;
  step.next_attempt_at = row->next_attempt_at;
  if (row->attempts == 0)
    return engine::success();
  const auto attempts = store->attempts(key);
  if (!attempts)
    return attempts.failure();
  if (attempts->empty())
    return engine::success();
  step.error = error_of(attempts->back());
  step.ended_at = attempts->back().at;
  return engine::success();
}

engine::status
reader_actor_state::add_executions(messages::decision_found& found) {
  const auto& first = *found.turn;
  const auto survivor = survivor_of(first.contact);
  if (!survivor)
    return survivor.failure();
  std::vector<engine::turn> behind; // newest first
  found.cut = true;
  engine::position before{};
  for (std::size_t looked = 0; found.cut && looked < turns_max;
       looked += chunk_turns) {
    auto page = store->timeline(*survivor, before, chunk_turns);
    if (!page)
      return page.failure();
    for (auto& turn : page->turns) {
      before = turn.stamp.turn;
      if (before <= first.stamp.turn) {
        found.cut = false;
        break;
      }
      if (tells_of_runs(turn))
        behind.push_back(std::move(turn));
    }
    found.cut = found.cut && page->has_more;
  }
  engine::executions gathered{first};
  for (auto turn = behind.rbegin(); turn != behind.rend(); ++turn)
    gathered.add(*turn);
  found.executions = gathered.take();
  for (auto& each : found.executions)
    for (auto& step : each.steps)
      if (auto good = complete(step); !good)
        return good;
  return engine::success();
}

} // namespace troupe::actors
