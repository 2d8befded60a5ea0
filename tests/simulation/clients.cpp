#include "tests/simulation/clients.hpp"

#include "engine/identity.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace troupe::simulation {

namespace {

using engine::identity_kind;
using messages::ingest_answer;

// What an answer may say when something is wrong with the server for now.
constexpr std::array<std::string_view, 8> passing{"storage_unavailable",
                                                  "outcome_unknown",
                                                  "internal",
                                                  "deadline_exceeded",
                                                  "overloaded",
                                                  "contact_contended",
                                                  "idempotency_key_in_progress",
                                                  "concurrent_writes_exceeded"};

} // namespace

crowd::crowd(timeline& time, dice& from, const fault_plan& plan,
             engine::workspace_id workspace, door to)
  : time_(time),
    from_(from),
    plan_(plan),
    workspace_(workspace),
    door_(std::move(to)) {
  const auto count = 2 + from_.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = std::to_string(i + 1);
    person one{"usr_" + name, {}, "p" + name + "@example.com", true};
    for (auto n = i == 0 ? std::uint64_t{0} : from_.below(3); n > 0; --n)
      one.devices.push_back("device-" + name + "-" + std::to_string(n));
    one.is_known = one.devices.empty();
    people_.push_back(std::move(one));
  }
  const auto all = count + from_.below(3);
  for (std::size_t i = 0; i < all; ++i)
    clients_.push_back({i % count, 3 + from_.below(6), {}, 0});
}

void crowd::begin() {
  for (auto& each : clients_)
    next(each);
}

bool crowd::is_done() const {
  return std::all_of(clients_.begin(), clients_.end(), [](const auto& each) {
    return each.left == 0 && each.asking.empty();
  });
}

void crowd::next(client& who) {
  who.asking.clear();
  if (who.left == 0)
    return;
  time_.after(from_.chance(30) ? 0us : some_time(from_, 1s), [this, &who] {
    --who.left;
    const auto events = from_.chance(20) ? 2 + from_.below(2) : 1;
    for (std::size_t i = 0; i < events; ++i)
      who.asking.push_back(&plan_operation(who));
    ask(who);
  });
}

void crowd::say_goodbye() {
  for (std::size_t i = 0; i < people_.size(); ++i) {
    auto& who = clients_[i]; // the first client of the person
    auto& one = operations_.emplace_back();
    one.number = operations_.size();
    one.person = i;
    one.type = "user.seen";
    one.has_key = true;
    one.identities.push_back(*engine::make_identity(identity_kind::external_id,
                                                    people_[i].external_id));
    for (const auto& device : people_[i].devices)
      one.identities.push_back(
        *engine::make_identity(identity_kind::anonymous_id, device));
    write_body(one);
    who.asking.push_back(&one);
    ask(who);
  }
}

operation& crowd::plan_operation(client& who) {
  auto& one = operations_.emplace_back();
  one.number = operations_.size();
  one.person = who.person;
  one.type = from_.of(std::vector<std::string>{
    "order.completed", "order.completed", "timer.short", "timer.long",
    "cart.started", "cart.paid", "call.wanted", "hello", "user.seen"});
  one.has_key = from_.chance(70);
  choose_identities(one);
  write_body(one);
  return one;
}

void crowd::write_body(operation& one) {
  one.body = R"({"op":")" + std::to_string(one.number) + '"';
  if (one.type == "hello")
    one.body += R"(,"to":")" + people_.front().external_id + '"';
  if (one.type == "cart.paid") {
    std::string cart = "none";
    for (const auto& each : operations_)
      if (each.person == one.person && each.type == "cart.started")
        cart = std::to_string(each.number);
    one.body += R"(,"cart":")" + cart + '"';
  }
  one.body += '}';
}

// A person is known by its devices until it says who it is. What makes
// contacts one starts no sequences, so it says so with nothing else.
void crowd::choose_identities(operation& one) {
  auto& who = people_[one.person];
  const auto add = [&one](identity_kind kind, const std::string& value) {
    one.identities.push_back(*engine::make_identity(kind, value));
  };
  if (!who.devices.empty() && from_.chance(who.is_known ? 15 : 25)) {
    one.type = "user.seen";
    who.is_known = true;
    add(identity_kind::external_id, who.external_id);
    add(identity_kind::anonymous_id, from_.of(who.devices));
  } else if (!who.is_known || (!who.devices.empty() && from_.chance(30))) {
    add(identity_kind::anonymous_id, from_.of(who.devices));
  } else {
    add(identity_kind::external_id, who.external_id);
    if (one.type == "user.seen" && from_.chance(50))
      add(identity_kind::email, who.email);
  }
}

messages::ingest crowd::command_of(const operation& one) const {
  messages::ingest command;
  command.workspace = workspace_;
  command.event.record = test::record(one.type, one.body);
  command.event.properties = test::json(one.body).as_object();
  command.event.identities = one.identities;
  if (one.has_key)
    command.event.key = test::key(one.number);
  return command;
}

void crowd::ask(client& who) {
  const auto tried = ++who.tries;
  const auto patience
    = from_.of(std::vector<engine::duration>{500ms, 2s, 8s, 12s, 12s, 12s});
  time_.after(patience, [this, &who, tried] {
    go_on(who, tried);
  });
  ++moment_;
  std::vector<messages::ingest> request;
  for (auto* one : who.asking) {
    one->begun = one->begun == 0 ? moment_ : one->begun;
    request.push_back(command_of(*one));
  }
  if (from_.chance(plan_.requests_lost))
    return;
  time_.after(some_time(from_, 20ms), [this, &who, tried, sent = who.asking,
                                       request = std::move(request)]() mutable {
    const auto is_there = door_(
      std::move(request),
      [this, &who, tried, sent](const std::vector<ingest_answer>& answers) {
        ++moment_;
        for (std::size_t i = 0; i < sent.size(); ++i) {
          record(*sent[i], answers.at(i));
          if (!answers[i].failure && sent[i]->ended == 0)
            sent[i]->ended = moment_;
        }
        if (from_.chance(plan_.answers_lost))
          return;
        time_.after(some_time(from_, 20ms), [this, &who, tried, answers] {
          hear(who, tried, answers);
        });
      });
    if (!is_there)
      time_.after(some_time(from_, 20ms), [this, &who, tried] {
        go_on(who, tried);
      });
  });
}

void crowd::record(operation& one, const ingest_answer& answer) {
  if (!answer.failure) {
    one.receipts.push_back(answer.done);
    return;
  }
  ++one.failures;
  one.last_failure = answer.failure->name;
  if (std::find(passing.begin(), passing.end(), one.last_failure)
      == passing.end())
    one.refusals.push_back(one.last_failure);
}

// An answer to a try that was given up is not listened to.
void crowd::hear(client& who, std::uint64_t tried,
                 const std::vector<ingest_answer>& answers) {
  if (tried != who.tries)
    return;
  for (std::size_t i = 0; i < answers.size(); ++i)
    who.asking[i]->is_heard = !answers[i].failure;
  go_on(who, tried);
}

// What is not known to have happened is asked for again, where a key makes that
// safe.
void crowd::go_on(client& who, std::uint64_t tried) {
  if (tried != who.tries)
    return;
  ++who.tries;
  std::erase_if(who.asking, [](const operation* one) {
    return one->is_heard || !one->has_key;
  });
  if (who.asking.empty()) {
    next(who);
    return;
  }
  time_.after(100ms + some_time(from_, 1s), [this, &who] {
    ask(who);
  });
}

} // namespace troupe::simulation
