#include "actors/reviewer.hpp"

namespace troupe::actors {

namespace {

// A contact that cannot be read at all must not hold up all others for ever.
constexpr std::size_t tries_of_defects_max = 5;

bool may_pass(const engine::error& why) {
  return why.code == engine::errc::overloaded
         || why.code == engine::errc::storage_unavailable;
}

} // namespace

void reviewer_actor_state::change() {
  if (busy_)
    again_ = true;
  else
    next();
}

void reviewer_actor_state::next() {
  busy_ = true;
  again_ = false;
  self
    ->request(options.reader, caf::infinite, atom::pull_atom::value,
              review_query{options.contacts_at_once})
    .then(
      [this](review_work& work) {
        look_at(std::move(work));
      },
      [this](const caf::error&) {
        later();
      });
}

void reviewer_actor_state::look_at(review_work work) {
  if (work.failure) {
    later();
    return;
  }
  // A job that is stored begins when what it is about is published.
  if (!work.job || work.job->id > options.catalog->get()->newest_job) {
    busy_ = false;
    if (again_)
      next();
    return;
  }
  work_ = std::move(work);
  failed_ = false;
  under_way_ = work_.contacts.size();
  if (under_way_ == 0)
    keep_place();
  for (const auto contact : work_.contacts) {
    messages::run_intervention wish;
    wish.contact = {work_.job->workspace, contact, {}};
    wish.what.what = engine::intervention_kind::review;
    self
      ->request((*options.shards)(engine::shard_of(contact)), caf::infinite,
                atom::intervene_atom::value, std::move(wish))
      .then(
        [this](const messages::status_answer& answer) {
          looked(answer);
        },
        [this](const caf::error&) {
          looked({engine::interrupted(), {}, {}});
        });
  }
}

void reviewer_actor_state::looked(const messages::status_answer& answer) {
  if (answer.failure && answer.failure->code != engine::errc::not_found
      && (may_pass(*answer.failure) || tries_ < tries_of_defects_max))
    failed_ = true;
  if (--under_way_ != 0)
    return;
  tries_ = failed_ ? tries_ + 1 : 0;
  if (failed_)
    later();
  else
    keep_place();
}

void reviewer_actor_state::keep_place() {
  auto job = *work_.job;
  job.done += work_.contacts.size();
  if (work_.contacts.empty())
    job.finished_at = now_in(job.workspace);
  else
    job.next = work_.contacts.back();
  self
    ->request(options.persistence, caf::infinite, atom::store_atom::value,
              row_change{{std::move(job)}, std::nullopt})
    .then(
      [this](const row_changed& answer) {
        if (answer.failure)
          later();
        else
          next();
      },
      [this](const caf::error&) {
        later();
      });
}

engine::timestamp
reviewer_actor_state::now_in(engine::workspace_id workspace) const {
  const auto own = messages::clock_of(*options.catalog->get(), workspace);
  return own ? own->now() : options.clock();
}

void reviewer_actor_state::later() {
  self->delayed_send(self, options.try_again, atom::tick_atom::value);
}

messages::reviewer_actor::behavior_type
reviewer(messages::reviewer_actor::stateful_pointer<reviewer_actor_state> self,
         reviewer_options options) {
  auto& state = self->state; // lives as long as the handlers
  state.self = self;
  state.options = std::move(options);
  return {
    [&state](atom::change_atom) {
      state.change();
    },
    [&state](atom::tick_atom) {
      state.next();
    },
  };
}

} // namespace troupe::actors
