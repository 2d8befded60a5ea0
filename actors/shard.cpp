#include "actors/shard.hpp"

#include "engine/merge.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <cassert>
#include <iterator>

namespace troupe::actors {

namespace {

constexpr auto tick_interval = std::chrono::seconds{30};
// Who was used last is known to this; nearer costs three cache lines an event.
constexpr auto use_interval = std::chrono::seconds{1};

} // namespace

shard_actor_state::~shard_actor_state() {
  for (const auto& [id, entry] : contacts_)
    caf::anon_send_exit(entry.actor, caf::exit_reason::user_shutdown);
}

shard_actor_state::ingest_promise
shard_actor_state::ingest(messages::ingest_parcel command) {
  auto promise = self->make_response_promise<messages::ingest_answer>();
  take({std::move(command), promise});
  return promise;
}

void shard_actor_state::ingest(messages::ingest_group& group) {
  for (auto& command : group.events)
    take({std::move(command), {}});
}

void shard_actor_state::take(waiting_ingest event) {
  auto& command = *event.command;
  const auto workspace = command.workspace;
  if (command.bounced_by != engine::contact_id{}
      && !take_back(workspace, command.event.identities.front(),
                    command.bounced_by, command.bounced_for_good)) {
    const auto& primary = command.event.identities.front();
    hand_on(self,
            (*options.shards)(engine::shard_of(options.seed, workspace,
                                               primary.kind, primary.key)),
            std::move(event.command), event.promise);
    return;
  }
  const auto contact = command.contact;
  if (contact != engine::contact_id{}) {
    hand(std::move(event), workspace, contact, false);
    return;
  }
  const auto& primary = command.event.identities.front();
  route(std::move(event), workspace, primary);
}

// A contact could not take an input that came by this identity: the entry is
// wrong. @returns false when the entry is another shard's
bool shard_actor_state::take_back(engine::workspace_id workspace,
                                  const engine::identity& primary,
                                  engine::contact_id& from, bool for_good) {
  if (for_good)
    let_go(from);
  if (!owns(
        engine::shard_of(options.seed, workspace, primary.kind, primary.key)))
    return false;
  directory_->remove(directory::key_of(workspace, primary), from);
  from = {};
  return true;
}

shard_actor_state::status_promise
shard_actor_state::fire(persistence::due_timer& due) {
  auto promise = self->make_response_promise<messages::status_answer>();
  const auto workspace = due.workspace;
  const auto contact = due.contact;
  hand(waiting_timer{std::move(due), promise}, workspace, contact, false);
  return promise;
}

shard_actor_state::status_promise
shard_actor_state::deliver(persistence::inbox_row& row) {
  auto promise = self->make_response_promise<messages::status_answer>();
  const auto workspace = row.workspace;
  if (!row.target || row.found != engine::contact_id{}) {
    const auto contact
      = row.found != engine::contact_id{} ? row.found : row.sender;
    hand(waiting_message{std::move(row), promise}, workspace, contact, false);
    return promise;
  }
  const auto primary = *row.target;
  if (row.bounced_by != engine::contact_id{}
      && !take_back(workspace, primary, row.bounced_by, row.bounced_for_good)) {
    promise.delegate((*options.shards)(engine::shard_of(
                       options.seed, workspace, primary.kind, primary.key)),
                     atom::deliver_atom::value, std::move(row));
    return promise;
  }
  route(waiting_message{std::move(row), promise}, workspace, primary);
  return promise;
}

shard_actor_state::status_promise
shard_actor_state::intervene(messages::run_intervention& command) {
  auto promise = self->make_response_promise<messages::status_answer>();
  const auto workspace = command.contact.workspace;
  const auto contact = command.contact.id;
  hand(waiting_intervention{std::move(command), promise}, workspace, contact,
       false);
  return promise;
}

// By the directory, else by the store; inputs of one identity wait together.
void shard_actor_state::route(waiting input, engine::workspace_id workspace,
                              const engine::identity& primary) {
  auto key = directory::key_of(workspace, primary);
  if (const auto contact = directory_->find(key)) {
    hand(std::move(input), workspace, *contact, false);
    return;
  }
  auto& queue = resolving_[key];
  queue.push_back(std::move(input));
  if (queue.size() == 1)
    resolve(std::move(key), workspace);
}

std::vector<engine::identity>
shard_actor_state::identities_of(const waiting& input) {
  if (const auto* event = std::get_if<waiting_ingest>(&input))
    return event->command->event.identities;
  return {*std::get<waiting_message>(input).row.target};
}

// Looks up the identities of the first input that waits under the key: with
// those of the other keys that came while a question was under way.
void shard_actor_state::resolve(std::string key,
                                engine::workspace_id workspace) {
  to_resolve_[workspace].push_back(std::move(key));
  if (!is_resolving_)
    resolve_next();
}

void shard_actor_state::resolve_next() {
  is_resolving_ = !to_resolve_.empty();
  if (!is_resolving_)
    return;
  // Workspaces take turns.
  auto turn = to_resolve_.upper_bound(resolved_last_);
  if (turn == to_resolve_.end())
    turn = to_resolve_.begin();
  auto next = to_resolve_.extract(turn);
  resolved_last_ = next.key();
  identity_query query{next.key(), {}};
  for (const auto& key : next.mapped())
    for (auto& who : identities_of(resolving_[key].front()))
      query.asked.push_back(std::move(who));
  const auto done = [this, keys = std::move(next.mapped()),
                     workspace = next.key()](identities_resolved answer) {
    auto owners = std::make_move_iterator(answer.owners.begin());
    for (const auto& key : keys) {
      const auto size = std::ssize(identities_of(resolving_[key].front()));
      const auto end = answer.failure ? owners : owners + size;
      resolved(key, workspace, {answer.failure, {owners, end}});
      owners = end;
    }
    resolve_next();
  };
  self
    ->request(options.reader, caf::infinite, atom::resolve_atom::value,
              std::move(query))
    .then(
      [done](identities_resolved& answer) {
        done(std::move(answer));
      },
      [done](const caf::error&) {
        done(identities_resolved{engine::interrupted(), {}});
      });
}

void shard_actor_state::resolved(const std::string& key,
                                 engine::workspace_id workspace,
                                 identities_resolved answer) {
  auto queue = std::move(resolving_[key]);
  resolving_.erase(key);
  if (answer.failure) {
    for (auto& input : queue)
      fail(input, *answer.failure);
    return;
  }
  place(std::move(queue.front()), workspace, key, std::move(answer.owners));
  // The rest finds the entry that the first one made, if it made one.
  for (std::size_t i = 1; i < queue.size(); ++i) {
    const auto primary = identities_of(queue[i]).front();
    route(std::move(queue[i]), workspace, primary);
  }
}

void shard_actor_state::place(waiting input, engine::workspace_id workspace,
                              const std::string& key,
                              std::vector<engine::identity_owner> owners) {
  const auto& primary = owners.front();
  const auto shard = engine::shard_of(options.seed, workspace, primary.who.kind,
                                      primary.who.key);
  assert(owns(shard));
  if (primary.contact != engine::contact_id{}) {
    directory_->add(key, primary.contact);
    hand(std::move(input), workspace, primary.contact, false);
    return;
  }
  if (refuses(input, workspace, owners))
    return;
  auto* event = std::get_if<waiting_ingest>(&input);
  if (event != nullptr) {
    auto& command = *event->command;
    keep_apart(owners, command.apart);
    // A write that is to make a contact meets nobody: it refuses itself.
    const auto makes_one = command.event.write && command.event.write->is_new;
    auto met = makes_one ? engine::meeting{} : engine::meet(owners);
    if (!met.absorbed.empty()) {
      command.owners = std::move(owners);
      merge_wish wish{std::move(command), std::move(met.absorbed)};
      wish.contacts.push_back(met.goes_to);
      if (wish.command.reply)
        self->anon_send(spawn_merge(), atom::merge_atom::value,
                        std::move(wish));
      else
        event->promise.delegate(spawn_merge(), atom::merge_atom::value,
                                std::move(wish));
      return;
    }
    if (met.goes_to != engine::contact_id{}) {
      command.adopt = true;
      hand(std::move(input), workspace, met.goes_to, false);
      return;
    }
    command.resolved = true;
    command.owners = std::move(owners);
  }
  const auto fresh = ids_[shard - options.first].next(options.clock());
  directory_->add(key, fresh);
  hand(std::move(input), workspace, fresh, true);
}

// To the contact's actor, awake or woken now, here or on its own shard.
void shard_actor_state::hand(waiting input, engine::workspace_id workspace,
                             engine::contact_id contact, bool fresh) {
  if (const auto owner = engine::shard_of(contact); !owns(owner)) {
    pass_on((*options.shards)(owner), std::move(input), workspace, contact);
    return;
  }
  auto& entry = wake(workspace, contact, fresh);
  if (entry.leaving) {
    entry.queue.push_back(std::move(input));
    return;
  }
  give(entry.actor, std::move(input));
}

shard_actor_state::awake&
shard_actor_state::wake(engine::workspace_id workspace,
                        engine::contact_id contact, bool fresh) {
  const auto now = options.clock();
  const auto [found, is_new] = contacts_.try_emplace(contact);
  auto& entry = found->second;
  if (is_new) {
    entry.workspace = workspace;
    entry.fresh = fresh;
    contact_options made{workspace,
                         contact,
                         fresh,
                         self,
                         options.commits,
                         options.collector,
                         options.reader,
                         options.catalog,
                         clock_of(workspace),
                         options.guard,
                         options.persistence};
    entry.actor = self->spawn(actors::contact, std::move(made));
    self->monitor(entry.actor);
    addresses_.emplace(entry.actor.address(), contact);
    entry.place = by_use_.insert(by_use_.end(), contact);
    raise(options.counters->contacts_awake);
    if (contacts_.size() > options.contacts_max && by_use_.front() != contact)
      let_go(by_use_.front());
    entry.used = now;
  } else if (!entry.leaving && now - entry.used > use_interval) {
    by_use_.splice(by_use_.end(), by_use_, entry.place);
    entry.used = now;
  }
  return entry;
}

// Ids of contacts and how long they sleep go by the system's clock in any case.
clock_source shard_actor_state::clock_of(engine::workspace_id workspace) const {
  auto own = messages::clock_of(*options.catalog->get(), workspace);
  if (!own)
    return options.clock;
  return [own = std::move(own)] {
    return own->now();
  };
}

// Inputs that are in its mailbox are served before it goes.
void shard_actor_state::let_go(engine::contact_id contact) {
  const auto found = contacts_.find(contact);
  if (found == contacts_.end() || found->second.leaving)
    return;
  found->second.leaving = true;
  by_use_.erase(found->second.place);
  self->send(found->second.actor, atom::retire_atom::value);
}

void shard_actor_state::gone(const caf::actor_addr& who) {
  const auto address = addresses_.find(who);
  if (address == addresses_.end())
    return;
  const auto contact = address->second;
  addresses_.erase(address);
  const auto found = contacts_.find(contact);
  auto queue = std::move(found->second.queue);
  const auto workspace = found->second.workspace;
  if (!found->second.leaving)
    by_use_.erase(found->second.place);
  contacts_.erase(found);
  options.counters->contacts_awake.fetch_sub(1, std::memory_order_relaxed);
  for (auto& input : queue)
    hand(std::move(input), workspace, contact, false);
}

void shard_actor_state::tick() {
  const auto oldest = options.clock() - options.idle_max;
  while (!by_use_.empty() && contacts_.at(by_use_.front()).used < oldest)
    let_go(by_use_.front());
  self->delayed_send(self, tick_interval, atom::tick_atom::value);
}

void shard_actor_state::start() {
  directory_ = std::make_unique<directory>(options.directory_max);
  for (unsigned i = 0; i < options.count; ++i)
    ids_.emplace_back(options.first + i);
  self->set_down_handler([this](caf::down_msg& down) {
    gone(down.source);
  });
  self->delayed_send(self, tick_interval, atom::tick_atom::value);
}

messages::shard_actor::behavior_type
shard(messages::shard_actor::stateful_pointer<shard_actor_state> self,
      shard_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  state.start();
  return {
    [&state](atom::ingest_atom, messages::ingest_parcel& command) {
      return state.ingest(std::move(command));
    },
    [&state](atom::ingest_atom, messages::ingest_group& group) {
      state.ingest(group);
    },
    [&state](atom::fire_atom, persistence::due_timer& due) {
      return state.fire(due);
    },
    [&state](atom::deliver_atom, persistence::inbox_row& row) {
      return state.deliver(row);
    },
    [&state](atom::intervene_atom, messages::run_intervention& command) {
      return state.intervene(command);
    },
    [&state](atom::erase_atom, messages::erasure_wish& wish) {
      return state.erase(wish);
    },
    [&state](atom::yield_atom, const yield_wish& wish) {
      return state.yield(wish);
    },
    [&state](atom::merge_atom, merge_wish& wish) {
      return state.merge(wish);
    },
    [&state](atom::leave_atom, std::uint64_t contact) {
      state.let_go(engine::contact_id{contact});
    },
    [&state](atom::tick_atom) {
      state.tick();
    },
  };
}

} // namespace troupe::actors
