#include "tests/simulation/checker.hpp"

#include "engine/delivery.hpp"
#include "tests/simulation/definitions.hpp"
#include "tests/support/replay.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::simulation {

namespace {

using engine::contact_id;
using persistence::delivery_status;

constexpr engine::timestamp far
  = engine::timestamp{test::noon + std::chrono::hours{24 * 365}};
constexpr std::size_t many = 100'000;

template <class T>
T got(engine::result<T> from) {
  if (!from)
    throw std::runtime_error{from.failure().message};
  return std::move(*from);
}

std::string op_of(const engine::turn& what) {
  const auto properties = test::json(what.event->properties_text());
  const auto* op = properties.as_object().if_contains("op");
  return op != nullptr && op->is_string() ? std::string{op->get_string()}
                                          : std::string{};
}

std::string shown(const operation& one) {
  return one.type + " " + std::to_string(one.number);
}

} // namespace

bool is_quiet(persistence::store_reader& reader) {
  // A session may last; all runs come to an end.
  const auto timers = got(reader.timers(far, {}, many));
  if (std::any_of(timers.begin(), timers.end(),
                  [](const auto& each) {
                    return each.what.run != 0;
                  })
      || !got(reader.inbox(far, {}, 1)).empty())
    return false;
  const auto all = got(reader.destinations());
  return std::all_of(all.begin(), all.end(), [&reader](const auto& to) {
    persistence::delivery_query pending;
    pending.destination = to.id;
    pending.statuses = {delivery_status::pending};
    pending.limit = 1;
    return got(reader.deliveries(pending)).deliveries.empty();
  });
}

std::vector<engine::position> places(persistence::store_reader& reader,
                                     engine::workspace_id workspace) {
  persistence::event_query all;
  all.workspace = workspace;
  all.limit = many;
  std::vector<engine::position> out;
  for (const auto& each : got(reader.events(all)).turns)
    out.push_back(each.stamp.turn);
  std::reverse(out.begin(), out.end());
  return out;
}

checker::checker(persistence::store_reader& reader,
                 engine::workspace_id workspace, std::uint64_t seed)
  : reader_(reader), workspace_(workspace), ids_(seed) {
  read();
}

void checker::fail(const std::string& rule, const std::string& what) {
  violations_.push_back(rule + ": " + what);
}

void checker::read() {
  for (const auto id : got(reader_.newest_contacts(workspace_, {}, many))) {
    read_contact(id);
    for (const auto absorbed : *contacts_.at(id).absorbed) {
      merged_into_[absorbed] = id;
      read_contact(absorbed);
    }
  }
  for (const auto& to : got(reader_.destinations())) {
    persistence::delivery_query all;
    all.destination = to.id;
    all.limit = many;
    auto page = got(reader_.deliveries(all));
    deliveries_.insert(deliveries_.end(), page.deliveries.begin(),
                       page.deliveries.end());
  }
}

void checker::read_contact(contact_id id) {
  contacts_[id] = got(reader_.load(id)).state;
  const auto turns = test::all_turns(reader_, id);
  check_contact(id, turns);
  for (const auto& each : turns) {
    const auto& kept = turns_[each.stamp.turn] = each;
    if (kept.event)
      note_event(kept);
  }
}

void checker::check_contact(contact_id id,
                            const std::vector<engine::turn>& turns) {
  const auto name = "contact " + std::to_string(engine::number(id));
  for (std::size_t i = 0; i < turns.size(); ++i)
    if (turns[i].stamp.seq != i + 1)
      fail("order", name + " has a gap before its turn "
                      + std::to_string(turns[i].stamp.seq));
  if (persistence::state_hash(test::replay(turns))
      != persistence::state_hash(contacts_.at(id)))
    fail("half", name + " is not what its turns make of it");
}

void checker::note_event(const engine::turn& what) {
  const auto op = op_of(what);
  if (what.event->from == engine::door::native)
    sent_[op].push_back(&what);
  else
    emitted_[{op, what.event->type}].push_back(&what);
}

void checker::check_whole() {
  check_identities();
  check_timers();
  check_outbox();
  check_inbox();
}

void checker::check_identities() {
  for (const auto& [id, state] : contacts_) {
    if (merged_into_.contains(id))
      continue;
    for (const auto& owner :
         got(reader_.resolve(workspace_, *state.identities)))
      if (owner.contact != id)
        fail("half", owner.who.value + " is another contact's");
  }
}

void checker::check_timers() {
  std::set<std::pair<contact_id, engine::timer>> expected;
  for (const auto& [id, state] : contacts_) {
    if (merged_into_.contains(id))
      continue;
    for (const auto& live : *state.runs)
      if (live->wake_at)
        expected.emplace(
          id, engine::timer{*live->wake_at, live->number, live->visit});
    if (const auto& open = *state.session; !open.id.empty())
      expected.emplace(id, engine::timer{open.due, 0, engine::session_timer});
  }
  std::set<std::pair<contact_id, engine::timer>> held;
  for (const auto& each : got(reader_.timers(far, {}, many)))
    held.emplace(each.contact, each.what);
  if (held != expected)
    fail("half", std::to_string(held.size()) + " timers for "
                   + std::to_string(expected.size()) + " waits");
}

void checker::check_outbox() {
  std::set<persistence::delivery_key> expected;
  for (const auto& [at, turn] : turns_) {
    for (const auto to : turn.matched)
      expected.insert({to, at, 0});
    for (std::size_t i = 0; i < turn.sends.size(); ++i)
      expected.insert(
        {turn.sends[i].destination, at, static_cast<std::uint32_t>(i + 1)});
  }
  std::set<persistence::delivery_key> held;
  for (const auto& each : deliveries_)
    held.insert(each.key);
  if (held != expected)
    fail("half", std::to_string(held.size()) + " deliveries for "
                   + std::to_string(expected.size()) + " effects");
}

void checker::check_inbox() {
  std::set<engine::inbox_id> held;
  for (const auto& each : got(reader_.inbox(far, {}, many)))
    held.insert(each.id);
  std::map<engine::inbox_id, engine::position> consumed;
  for (const auto& [at, turn] : turns_) {
    if (!turn.consumed)
      continue;
    const auto [first, is_new] = consumed.emplace(*turn.consumed, at);
    if (!is_new)
      fail("effects", "a message was delivered twice, by turns "
                        + std::to_string(engine::number(first->second))
                        + " and " + std::to_string(engine::number(at)));
  }
  for (const auto& [at, turn] : turns_)
    for (std::size_t i = 0; i < turn.messages.size(); ++i) {
      const auto id = engine::message_id(turn, i);
      if (held.contains(id) == consumed.contains(id))
        fail("half", "a message is "
                       + std::string{held.contains(id) ? "delivered and there"
                                                       : "gone"});
    }
}

void checker::check_end(const crowd& clients, const receiver& called,
                        const std::vector<engine::position>& told) {
  if (told != places(reader_, workspace_))
    fail("order", "the event stream told " + std::to_string(told.size())
                    + " events, not all or in another order");
  if (!is_quiet(reader_))
    fail("effects", "not all came to an end");
  for (const auto& each : called.arrivals())
    if (each.url == hook_url)
      reminded_[each.op].insert(each.delivery_id);
  std::set<std::string> known;
  for (const auto& each : clients.operations()) {
    known.insert(std::to_string(each.number));
    check_operation(each);
  }
  for (const auto& [op, turns] : sent_)
    if (!known.contains(op))
      fail("invented", "nobody sent " + op);
  check_order(clients.operations());
  check_people(clients);
  check_deliveries(called);
}

void checker::check_operation(const operation& one) {
  for (const auto& each : one.refusals)
    fail("status", shown(one) + " was refused: " + each);
  const auto found = sent_.find(std::to_string(one.number));
  const auto times = found == sent_.end() ? 0 : found->second.size();
  if (!one.receipts.empty() && times != 1)
    fail("acknowledged",
         shown(one) + " is there " + std::to_string(times) + " times");
  if (one.receipts.empty() && times > 1)
    fail("unanswered",
         shown(one) + " is there " + std::to_string(times) + " times");
  if (one.has_key && one.receipts.empty())
    fail("unanswered", shown(one) + " was never answered");
  std::size_t firsts = 0;
  for (const auto& each : one.receipts) {
    firsts += each.replayed ? 0 : 1;
    if (times == 1 && each.turn != found->second.front()->stamp.turn)
      fail("unanswered", shown(one) + " was answered with another turn");
  }
  if (firsts > 1)
    fail("unanswered", shown(one) + " was made more than once");
  if (times == 0)
    return;
  const auto& there = *found->second.front();
  if (there.event->type != one.type)
    fail("invented", shown(one) + " is there as " + there.event->type);
  check_effects(one, there);
}

std::size_t checker::emitted(const operation& one,
                             const std::string& type) const {
  const auto found = emitted_.find({std::to_string(one.number), type});
  return found == emitted_.end() ? 0 : found->second.size();
}

void checker::check_effects(const operation& one, const engine::turn& there) {
  const auto once = [&](std::size_t times) {
    if (times != 1)
      fail("effects",
           shown(one) + " had its effect " + std::to_string(times) + " times");
  };
  if (one.type == "timer.short" || one.type == "timer.long") {
    const auto found
      = emitted_.find({std::to_string(one.number), "timer.ended"});
    once(emitted(one, "timer.ended"));
    const auto wait = one.type == "timer.short" ? short_wait : long_wait;
    if (found != emitted_.end()
        && found->second.front()->stamp.at < there.stamp.at + wait)
      fail("effects", shown(one) + " ended early");
  }
  if (one.type == "cart.started") {
    const auto reminded = reminded_.find(std::to_string(one.number));
    once(emitted(one, "cart.thanked")
         + (reminded == reminded_.end() ? 0 : reminded->second.size()));
  }
  if (one.type == "call.wanted")
    once(emitted(one, "call.answered") + emitted(one, "call.missed"));
  if (one.type == "hello")
    once(emitted(one, "greeted"));
}

// In the order of the commits nothing ends before what it follows began.
void checker::check_order(const std::deque<operation>& all) {
  std::map<std::string, const operation*> by_number;
  for (const auto& each : all)
    by_number[std::to_string(each.number)] = &each;
  std::uint64_t begun = 0;
  for (const auto& [at, turn] : turns_) {
    if (!turn.event || turn.event->from != engine::door::native)
      continue;
    const auto found = by_number.find(op_of(turn));
    if (found == by_number.end() || found->second->ended == 0)
      continue;
    if (found->second->ended < begun)
      fail("order", shown(*found->second)
                      + " follows one that was sent after its answer");
    begun = std::max(begun, found->second->begun);
  }
}

void checker::check_people(const crowd& clients) {
  const auto survivor = [this](contact_id id) {
    const auto found = merged_into_.find(id);
    return found == merged_into_.end() ? id : found->second;
  };
  for (std::size_t i = 0; i < clients.people().size(); ++i) {
    const auto& who = clients.people()[i];
    const auto external = *engine::make_identity(
      engine::identity_kind::external_id, who.external_id);
    const auto owner = got(reader_.resolve(workspace_, std::span{&external, 1}))
                         .front()
                         .contact;
    std::int64_t orders = 0;
    for (const auto& one : clients.operations()) {
      const auto found = sent_.find(std::to_string(one.number));
      if (one.person != i || found == sent_.end())
        continue;
      orders += one.type == "order.completed" ? 1 : 0;
      if (survivor(found->second.front()->contact) != owner)
        fail("identity", shown(one) + " is not " + who.external_id + "'s");
    }
    const auto state = contacts_.find(owner);
    if (state == contacts_.end())
      fail("identity", who.external_id + " is nobody");
    else if (state->second.score != orders)
      fail("effects", who.external_id + " has score "
                        + std::to_string(state->second.score) + " after "
                        + std::to_string(orders) + " orders");
  }
}

void checker::check_deliveries(const receiver& called) {
  std::set<std::string> arrived;
  std::set<std::string> taken;
  for (const auto& each : called.arrivals()) {
    arrived.insert(each.delivery_id);
    if (each.was_taken)
      taken.insert(each.delivery_id);
  }
  for (const auto& each : deliveries_) {
    const auto turn = turns_.find(each.key.turn);
    if (turn == turns_.end())
      continue; // said by check_outbox
    const auto id = engine::delivery_id(turn->second, each.key.destination,
                                        each.key.ordinal, ids_);
    arrived.erase(id);
    if (each.status != delivery_status::delivered)
      fail("effects",
           id + " of contact "
             + std::to_string(engine::number(turn->second.contact))
             + " to destination "
             + std::to_string(engine::number(each.key.destination))
             + " was not delivered after " + std::to_string(each.attempts)
             + " attempts, and arrived "
             + std::to_string(std::count_if(called.arrivals().begin(),
                                            called.arrivals().end(),
                                            [&id](const arrival& call) {
                                              return call.delivery_id == id;
                                            }))
             + " times");
    else if (!taken.contains(id))
      fail("effects", id + " never arrived");
  }
  for (const auto& id : arrived)
    fail("invented", id + " is no delivery");
}

} // namespace troupe::simulation
