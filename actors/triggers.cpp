#include "actors/triggers.hpp"

#include "actors/trigger_wish.hpp"

#include <algorithm>

namespace troupe::actors {

namespace {

using engine::trigger_kind;
using engine::trigger_status;

// What cannot be done at all must not be tried for ever.
constexpr std::size_t defects_max = 5;

bool may_pass(const engine::error& why) {
  return why.code == engine::errc::overloaded
         || why.code == engine::errc::storage_unavailable
         || why.code == engine::errc::deadline_exceeded
         || why.code == engine::errc::rate_limited;
}

// Under the name that its type has now. @returns whether that is active
bool name_type(const messages::catalog& known, engine::workspace_id workspace,
               std::string& type) {
  const auto of = known.workspaces.find(workspace);
  if (of == known.workspaces.end())
    return false;
  type = of->second.definitions->names().current(type);
  const auto* found = messages::find_event_type(of->second, type);
  return found != nullptr && found->state == messages::event_type_state::active;
}

bool has_all(const engine::contact_state& contact,
             const std::vector<std::string>& tags) {
  const auto& held = *contact.tags;
  return std::all_of(tags.begin(), tags.end(), [&](const auto& tag) {
    return std::find(held.begin(), held.end(), tag) != held.end();
  });
}

} // namespace

template <class Target, class Done, class... Question>
void triggers_actor_state::ask(const work_place& of, const Target& target,
                               Done done, Question... question) {
  self->request(target, caf::infinite, std::move(question)...)
    .then(std::move(done), [this, of](const caf::error&) {
      finish(of, {engine::interrupted(), {}, {}});
    });
}

triggers_actor_state::promise
triggers_actor_state::deliver(const persistence::inbox_row& row) {
  auto answer = self->make_response_promise<messages::status_answer>();
  auto& place = under_way_[row.id];
  if (place) {
    place->waiting.push_back(answer);
    return answer;
  }
  place = std::make_shared<work>();
  place->row.id = row.id;
  place->row.workspace = row.workspace;
  place->waiting.push_back(answer);
  load(place);
  return answer;
}

void triggers_actor_state::load(const work_place& of) {
  ask(
    of, options.reader,
    [this, of](trigger_loaded& found) {
      if (found.failure)
        return finish(of, {found.failure, {}, {}});
      of->row = std::move(found.row);
      if (engine::is_waiting(of->row.status))
        begin(of);
      else
        finish(of, {});
    },
    atom::load_atom::value, trigger_query{of->row.workspace, of->row.id});
}

void triggers_actor_state::begin(const work_place& of) {
  if (of->row.kind == trigger_kind::event)
    return begin_event(of);
  auto workflow = workflow_in(of->row.wish);
  if (!workflow)
    return end(of, trigger_status::failed, "internal");
  of->workflow = std::move(*workflow);
  begin_workflow(of);
}

void triggers_actor_state::begin_event(const work_place& of) {
  auto event = event_in(of->row.wish);
  if (!event)
    return end(of, trigger_status::failed, "internal");
  const auto workspace = of->row.workspace;
  if (!name_type(*options.catalog->get(), workspace, event->record.type))
    return end(of, trigger_status::completed, "event_type_not_active");
  if (event->identities.empty())
    return end(of, trigger_status::completed, "no_contact_identifier");
  messages::ingest command;
  command.workspace = workspace;
  command.event = std::move(*event);
  command.event.waited = engine::inbox_place{of->row.id, of->row.due};
  const auto& primary = command.event.identities.front();
  const auto shard = (*options.shards)(
    engine::shard_of(options.seed, workspace, primary.kind, primary.key));
  ask(
    of, shard,
    [this, of](const messages::ingest_answer& answer) {
      happened(of, answer);
    },
    atom::ingest_atom::value, messages::ingest_parcel{std::move(command)});
}

void triggers_actor_state::happened(const work_place& of,
                                    const messages::ingest_answer& answer) {
  if (!answer.failure)
    return finish(of, {std::nullopt, answer.done.turn, answer.done.contact});
  const auto& why = *answer.failure;
  if (why.name == has_happened().name)
    return finish(of, {});
  if (may_pass(why))
    return finish(of, {why, {}, {}});
  if (++defects_[of->row.id] < defects_max)
    return finish(of, {why, {}, {}});
  end(of, trigger_status::failed, why.name);
}

void triggers_actor_state::begin_workflow(const work_place& of) {
  const auto known = options.catalog->get();
  const auto workspace = known->workspaces.find(of->row.workspace);
  const auto* starting
    = workspace == known->workspaces.end()
        ? nullptr
        : workspace->second.definitions->starting(of->workflow.sequence);
  if (starting == nullptr || starting->paused)
    return end(of, trigger_status::failed, "workflow_not_active");
  if (!of->row.started_at)
    of->row.started_at = now_in(of->row.workspace);
  of->row.status = trigger_status::queued; // it cannot be called off any more
  store(of, {of->row}, [this, of] {
    next_page(of);
  });
}

void triggers_actor_state::next_page(const work_place& of) {
  of->could_not.clear();
  of->failure.reset();
  if (of->workflow.contact != engine::contact_id{}) {
    of->has_more = false;
    of->awaited = 1;
    return enrol(of, of->workflow.contact);
  }
  messages::contact_search search;
  search.workspace = of->row.workspace;
  search.before = of->row.next;
  search.limit = options.contacts_at_once;
  if (!of->workflow.tags.empty())
    search.tag = of->workflow.tags.front();
  ask(
    of, options.reader,
    [this, of](const messages::contacts_found& found) {
      if (found.failure)
        return finish(of, {found.failure, {}, {}});
      of->has_more = found.has_more;
      if (found.has_more)
        of->row.next = found.next;
      std::vector<engine::contact_id> wanted;
      for (const auto& contact : found.contacts)
        if (has_all(contact, of->workflow.tags))
          wanted.push_back(contact.id);
      of->awaited = wanted.size();
      for (const auto contact : wanted)
        enrol(of, contact);
      if (wanted.empty())
        end_page(of);
    },
    atom::find_atom::value, std::move(search));
}

void triggers_actor_state::enrol(const work_place& of,
                                 engine::contact_id contact) {
  messages::run_intervention wish;
  wish.contact = {of->row.workspace, contact, {}};
  wish.what.what = engine::intervention_kind::enrol;
  wish.what.sequence = of->workflow.sequence;
  wish.what.vars = of->workflow.vars;
  wish.what.by = of->workflow.by;
  wish.request_id = of->workflow.request_id;
  wish.trigger = of->row.id;
  const auto shard = (*options.shards)(engine::shard_of(contact));
  self
    ->request(shard, caf::infinite, atom::intervene_atom::value,
              std::move(wish))
    .then(
      [this, of, contact](const messages::status_answer& answer) {
        enrolled(of, contact, answer);
      },
      [this, of, contact](const caf::error&) {
        enrolled(of, contact, {engine::interrupted(), {}, {}});
      });
}

void triggers_actor_state::enrolled(const work_place& of,
                                    engine::contact_id contact,
                                    const messages::status_answer& answer) {
  const auto& why = answer.failure;
  const auto is_refused = why && why->code == engine::errc::conflict;
  const auto is_given_up
    = why && !may_pass(*why) && defects_[of->row.id] + 1 >= defects_max;
  if (why && why->code == engine::errc::not_found) {
    // It went away meanwhile.
  } else if (is_refused || is_given_up) {
    engine::trigger_contact_row row;
    row.workspace = of->row.workspace;
    row.trigger = of->row.id;
    row.contact = contact;
    row.outcome = is_refused ? engine::execution_status::filtered
                             : engine::execution_status::failed;
    row.ended_at = now_in(of->row.workspace);
    row.reason = why->name;
    of->could_not.emplace_back(std::move(row));
  } else if (why) {
    of->failure = why;
  }
  if (--of->awaited == 0)
    end_page(of);
}

// The place moves on with what is known of those before it.
void triggers_actor_state::end_page(const work_place& of) {
  if (of->failure) {
    if (!may_pass(*of->failure))
      ++defects_[of->row.id];
    return finish(of, {of->failure, {}, {}});
  }
  if (!of->has_more)
    of->row.status = trigger_status::processing;
  auto rows = std::move(of->could_not);
  rows.emplace_back(of->row);
  store(of, std::move(rows), [this, of] {
    if (of->has_more)
      next_page(of);
    else
      finish(of, {});
  });
}

void triggers_actor_state::end(const work_place& of, trigger_status as,
                               std::string reason) {
  of->row.status = as;
  of->row.reason = std::move(reason);
  of->row.ended_at = now_in(of->row.workspace);
  if (!of->row.started_at)
    of->row.started_at = of->row.ended_at;
  store(of, {of->row}, [this, of] {
    finish(of, {});
  });
}

template <class Then>
void triggers_actor_state::store(const work_place& of,
                                 std::vector<persistence::any_row> rows,
                                 Then then) {
  ask(
    of, options.persistence,
    [this, of, then](const row_changed& done) {
      if (done.failure)
        finish(of, {done.failure, {}, {}});
      else
        then();
    },
    atom::store_atom::value, row_change{std::move(rows), std::nullopt});
}

void triggers_actor_state::finish(const work_place& of,
                                  const messages::status_answer& answer) {
  if (!answer.failure)
    defects_.erase(of->row.id);
  under_way_.erase(of->row.id);
  for (auto& waiting : of->waiting)
    waiting.deliver(answer);
}

engine::timestamp
triggers_actor_state::now_in(engine::workspace_id workspace) const {
  const auto own = messages::clock_of(*options.catalog->get(), workspace);
  return own ? own->now() : options.clock();
}

messages::triggers_actor::behavior_type
triggers(messages::triggers_actor::stateful_pointer<triggers_actor_state> self,
         triggers_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  return {
    [&state](atom::deliver_atom, const persistence::inbox_row& row) {
      return state.deliver(row);
    },
  };
}

} // namespace troupe::actors
