#include "tests/support/sending_world.hpp"

#include "engine/delivery.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace troupe::tests {

using kind = messages::definition_change::kind;
using persistence::delivery_status;

sending_world::sending_world(const std::string& ordering,
                             std::size_t calls_at_once)
  : actor_world{400, engine::workspace_kind::live, calls_at_once},
    look_{std::move(*store->open_reader())},
    ids_{store->seed()} {
  const auto made
    = define(kind::webhook, R"({"url":"https://example.com/","events":["a"],)"
                            R"("ordering":")"
                              + ordering + "\"}");
  REQUIRE(!made.failure);
  endpoint_ = made.shown.at("id").as_string().c_str();
  const auto all = look_->destinations();
  REQUIRE(all);
  for (const auto& each : *all)
    if (each.text_id == endpoint_)
      destination_ = each.id;
  pages->whose = destination_;
  is_ordered_ = ordering == "contact";
  called = [this](const messages::outgoing_call& call) {
    look_at(call);
  };
}

void sending_world::set(const std::string& members) {
  REQUIRE(!define(kind::changed_webhook, members, endpoint_).failure);
}

void sending_world::order_by(const std::string& ordering) {
  is_ordered_ = false; // what begins before it is heard of is not bound
  set(R"({"ordering":")" + ordering + "\"}");
  is_ordered_ = ordering == "contact";
}

void sending_world::remove() {
  REQUIRE(!define(kind::removed_webhook, "{}", endpoint_).failure);
}

void sending_world::tell(const std::string& contact) {
  const auto answer = send(event("a", contact));
  time.run();
  REQUIRE(answer.has_value());
  REQUIRE(!answer->failure);
}

std::vector<sending_world::delivery> sending_world::deliveries() {
  persistence::delivery_query all;
  all.destination = destination_;
  all.limit = 10'000;
  const auto page = look_->deliveries(all);
  REQUIRE(page);
  std::vector<delivery> out;
  for (auto row = page->deliveries.rbegin(); row != page->deliveries.rend();
       ++row) {
    auto known = turns_.find(row->key.turn);
    if (known == turns_.end()) {
      const auto turn = look_->turn_at(row->key.turn);
      REQUIRE(turn);
      auto& name = names_[turn->contact];
      if (name.empty())
        name = look_->load(turn->contact)->state.identities->front().value;
      known = turns_
                .emplace(row->key.turn,
                         known_turn{
                           turn->contact,
                           name + " " + std::to_string(++told_[turn->contact]),
                           engine::delivery_id(*turn, destination_,
                                               row->key.ordinal, ids_)})
                .first;
    }
    out.push_back(
      {*row, known->second.name, known->second.whose, known->second.id});
  }
  return out;
}

// What is stored at that moment is what the dispatcher may rely on.
void sending_world::look_at(const messages::outgoing_call& call) {
  const auto all = deliveries();
  const auto one = std::find_if(all.begin(), all.end(), [&](const auto& each) {
    return each.id == call.delivery_id;
  });
  if (one == all.end()) {
    FAIL_CHECK("a call of no delivery: " + call.delivery_id);
    return;
  }
  begun_.push_back(one->name);
  INFO(one->name);
  CHECK(one->row.status == delivery_status::pending);
  CHECK(under_way_.emplace(one->id, begun_.size() - 1).second);
  CHECK(bodies_.emplace(one->id, call.body).first->second == call.body);
  // What began while the endpoint was not ordered goes on by its schedule.
  if (!is_ordered_)
    free_.insert(one->id);
  if (free_.contains(one->id))
    return;
  for (auto earlier = all.begin(); earlier != one; ++earlier)
    if (earlier->whose == one->whose
        && earlier->row.status == delivery_status::pending)
      FAIL_CHECK(one->name + " begins before " + earlier->name + " is over");
}

std::vector<std::size_t> sending_world::open() const {
  std::vector<std::size_t> out;
  for (const auto& [id, call] : under_way_)
    out.push_back(call);
  std::sort(out.begin(), out.end());
  return out;
}

void sending_world::answer(std::size_t call, long status) {
  REQUIRE(under_way_.erase(calls.at(call).call.delivery_id) == 1);
  messages::call_outcome outcome;
  outcome.status = status;
  if (status == 0)
    outcome.error = "connection_lost";
  calls[call].done(outcome);
  time.run();
}

void sending_world::answer(const std::string& name, long status) {
  for (const auto call : open())
    if (begun_[call] == name)
      return answer(call, status);
  FAIL("no call of " + name + " is under way");
}

void sending_world::wait(int seconds) {
  for (; seconds > 0; --seconds)
    time.advance(std::chrono::seconds{1});
}

std::size_t sending_world::unsettled() {
  const auto all = deliveries();
  return static_cast<std::size_t>(
    std::count_if(all.begin(), all.end(), [](const auto& each) {
      return each.row.status == delivery_status::pending;
    }));
}

void sending_world::finish() {
  constexpr int longest = 400; // the third step of the schedule
  for (int waited = 0; unsettled() != 0 && waited < longest; ++waited) {
    wait(1);
    for (const auto call : open())
      answer(call, 200);
  }
  CHECK(unsettled() == 0);
  CHECK(under_way_.empty());
}

} // namespace troupe::tests
