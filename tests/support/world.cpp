#include "tests/support/world.hpp"

#include "engine/json_text.hpp"

namespace troupe::test {

using namespace std::chrono_literals;
using engine::contact_id;
using engine::workspace_id;

namespace {

constexpr workspace_id workspace{7};
constexpr std::uint64_t people = 300;
// Sequences that begin again with each event double a contact's runs with each
// step: a few worlds in a hundred would end at the engine's bounds, not in
// time.
constexpr std::size_t crowd = 10;

template <class T>
T got(engine::result<T> from) {
  if (!from)
    throw std::runtime_error{from.failure().message};
  return std::move(*from);
}

} // namespace

world::world(std::uint64_t seed,
             std::function<std::unique_ptr<persistence::store>()> open)
  : from_(seed), open_(std::move(open)) {
  auto segment = [this, id = 0U](const std::string& key,
                                 std::string_view condition) mutable {
    with_.add(engine::published_segment{
      engine::segment_id{++id}, 1, key, key,
      got(engine::compile_segment(json(condition), ""))});
  };
  segment("busy", R"({">=":[{"event_count":{"event":"*","within":"90s"}},3]})");
  segment("tagged", R"({"has_tag":"t1"})");
  segment("odd", R"({"and":[{"in_segment":"busy"},{"!":[{"event_last":
    {"event":"b","where":{">":[{"var":"event.properties.n"},90]}}}]}]})");
  random_sequence sequences{from_};
  for (std::uint32_t id = 1; id <= 12; ++id)
    with_.add(engine::published_sequence{engine::sequence_id{id}, 1, true,
                                         sequences.make()});
  with_.set_sessions({engine::session_rule::browser, 15min});
  with_.add_checklist("setup", {"1", "2"});
  with_.add_checklist("tiny", {"1"});
  with_.add_channel("email", engine::destination_id{70});
  with_.set_steps(engine::destination_id{71});
  engine::webhook_subscription all;
  all.endpoint = engine::destination_id{72};
  all.events.emplace_back("order.*");
  with_.add(std::move(all));
  restart();
}

void world::restart() {
  reader_.reset();
  store_.reset();
  store_ = open_();
  reader_ = got(store_->open_reader());
}

driven_contact& world::contact_of(const engine::identity& who) {
  const auto [known, fresh] = by_identity_.try_emplace(who.key, contact_id{});
  if (fresh) {
    const auto shard = from_.below(engine::shard_count);
    known->second = contact_id{(shard << 56) | next_contact_++};
    contacts_.emplace(known->second, driven_contact{workspace, known->second});
  }
  return contacts_.at(known->second);
}

void world::decide(driven_contact& one, const engine::turn_input& input,
                   engine::timestamp consumed_due) {
  if (from_.chance(1) && !std::holds_alternative<engine::merge_input>(input)) {
    ++counts_.parked;
    one.add(engine::park(one.ahead(), input, clock_, "unlucky"), consumed_due);
    return;
  }
  auto made = engine::decide(one.ahead(), input, with_, clock_, nullptr);
  if (const auto* asked = std::get_if<engine::history_request>(&made)) {
    ++counts_.histories;
    if (one.has_turns()) // what is decided must be in the store first
      commit();
    persistence::event_query query;
    query.workspace = workspace;
    query.contact = one.id();
    query.since = asked->since;
    query.limit = 1000;
    for (const auto& each : asked->events)
      if (each.text() != "*")
        query.types.push_back(each.text());
    const auto page = got(reader_->events(query));
    std::vector<engine::past_event> history;
    for (auto turn = page.turns.rbegin(); turn != page.turns.rend(); ++turn)
      history.push_back({turn->event->type, turn->stamp.at,
                         json(turn->event->properties_text()).as_object(),
                         turn->event->occurred_at});
    made = engine::decide(one.ahead(), input, with_, clock_, &history);
  }
  one.add(std::get<engine::turn>(std::move(made)), consumed_due);
}

void world::arrive(driven_contact& one, engine::event_input input) {
  for (int rounds = 0; rounds < 50; ++rounds) {
    const auto late = engine::overdue(one.ahead(), with_, clock_);
    if (late.empty())
      break;
    ++counts_.timers;
    decide(one, engine::timer_input{late.front()});
  }
  std::vector<engine::identity> unknown;
  for (const auto& who : input.event.identities)
    if (!one.ahead().holds(who.kind, who.key))
      unknown.push_back(who);
  input.owners = got(reader_->resolve(workspace, unknown));
  thin_out(one);
  decide(one, input);
}

// Somebody ends the oldest runs of a contact that has too many of them.
void world::thin_out(driven_contact& one) {
  if (one.ahead().runs->size() <= crowd)
    return;
  commit();
  const auto runs = *one.state().runs;
  for (std::size_t i = 0; i + crowd / 2 < runs.size(); ++i) {
    engine::intervention wish;
    wish.what = engine::intervention_kind::exit;
    wish.started = runs[i]->started_turn;
    wish.ordinal = runs[i]->ordinal;
    decide(one, engine::intervention_input{wish, {}, {}});
  }
  commit();
}

void world::fire_due() {
  for (const auto& due : got(reader_->timers(clock_, {}, 1000))) {
    auto& one = contacts_.at(due.contact);
    if (!engine::is_current(one.ahead(), due.what))
      continue; // another that was due ended the wait
    ++counts_.timers;
    decide(one, engine::timer_input{due.what});
  }
  commit();
}

void world::deliver_due() {
  for (const auto& row : got(reader_->inbox(clock_, {}, 400))) {
    auto sender = row.sender;
    while (gone_.contains(sender))
      sender = gone_.at(sender);
    auto& one = row.target ? contact_of(*row.target) : contacts_.at(sender);
    thin_out(one);
    engine::inbox_input input{row.id, row.hops, row.target,
                              record(row.type, row.properties),
                              json(row.properties).as_object()};
    ++counts_.messages;
    counts_.sessions += row.type == "$session_end" ? 1U : 0U;
    counts_.checklists += row.type == "$checklist_completed" ? 1U : 0U;
    decide(one, input, row.due);
  }
  commit();
}

void world::send_event() {
  const auto number = std::to_string(from_.below(people));
  std::vector<engine::identity> identities{external("usr_" + number)};
  // Addresses are shared by a few: some are taken, some move.
  if (from_.chance(20))
    identities.push_back(
      email("m" + std::to_string(from_.below(people / 3)) + "@example.com"));
  if (from_.chance(10))
    identities.push_back(who(engine::identity_kind::anonymous_id,
                             "anon-" + std::to_string(from_.below(5000))));
  boost::json::object properties{
    {"id", std::to_string(from_.below(people))},
    {"n", static_cast<double>(from_.below(1000)) / 10}};
  random_values values{from_};
  if (from_.chance(30))
    properties["more"] = values.json(2);
  auto type = from_.of(world_events());
  if (from_.chance(20)) {
    type = from_.of(std::vector<std::string>{"$page_view", "$session_start",
                                             "$session_end",
                                             "$checklist_step_completed"});
    properties["session_id"] = "s" + std::to_string(from_.below(3));
    properties["checklist_id"] = from_.chance(50) ? "setup" : "tiny";
    properties["step_id"] = std::to_string(1 + from_.below(2));
  }
  auto input
    = event(type, engine::to_json(boost::json::value(properties)), identities);
  if (from_.chance(30))
    input.event.key = key(next_key_++);
  if (from_.chance(20))
    input.event.record.occurred_at
      = clock_ - from_.of(std::vector<engine::duration>{1s, 1h, 48h});
  ++counts_.events;
  arrive(contact_of(identities.front()), std::move(input));
}

// Groups of several contacts; a refused unit's inputs are dropped, as if their
// clients had given up.
void world::commit() {
  std::vector<persistence::commit_unit> units;
  std::vector<driven_contact*> of;
  for (auto& [id, one] : contacts_)
    if (one.has_turns()) {
      units.push_back(one.unit(one.state().seq > 0 && from_.chance(20)));
      of.push_back(&one);
    }
  const auto outcomes = got(store_->commit(units, {}));
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (const auto* done = std::get_if<persistence::committed>(&outcomes[i])) {
      of[i]->committed(done->first);
      continue;
    }
    if (!std::holds_alternative<persistence::refused>(outcomes[i]))
      throw std::runtime_error{"a unit failed"};
    ++counts_.refused;
    of[i]->forget_waiting();
  }
}

// Two that have turns become one, in a commit of its own.
void world::merge_some() {
  std::vector<contact_id> there;
  for (const auto& [id, one] : contacts_)
    if (one.state().seq > 0 && !gone_.contains(id))
      there.push_back(id);
  if (there.size() < 2)
    return;
  const auto into = from_.of(there);
  const auto from = from_.of(there);
  if (into == from)
    return;
  auto& survivor = contacts_.at(into);
  decide(survivor, engine::merge_input{contacts_.at(from).state()});
  commit();
  if (survivor.state().absorbed->empty()
      || survivor.state().absorbed->back() != from)
    throw std::runtime_error{"a merge was refused"};
  gone_.emplace(from, into);
  for (auto& [key, id] : by_identity_)
    if (id == from)
      id = into;
  ++counts_.merges;
}

void world::step(std::size_t events) {
  clock_ += from_.of(
    std::vector<engine::duration>{0us, 1us, 1s, 45s, 90s, 15min, 2h});
  fire_due();
  deliver_due();
  for (std::size_t i = 0; i < events; ++i) {
    send_event();
    if (from_.chance(15))
      commit();
  }
  commit();
  if (from_.chance(20))
    merge_some();
  store_->maintain(clock_);
  counts_.runs = 0;
  for (const auto& [id, one] : contacts_)
    counts_.runs += one.state().runs_started;
}

} // namespace troupe::test
