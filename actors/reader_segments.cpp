// Look-ups about segments: their size, who would be in one, and the jobs that
// look at everyone again.
#include "actors/reader.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::actors {

namespace {

constexpr std::size_t previewed_max = 1000; // contacts
constexpr auto preview_takes_max = std::chrono::seconds{2};

messages::definition_found failed(const engine::error& why) {
  messages::definition_found found;
  found.failure = why;
  return found;
}

// Keys of the segments that the rule asks about, by whatever way.
std::vector<std::string> asked_by(const engine::definitions& published,
                                  const engine::condition& rule) {
  auto asked = rule.segments(); // grows on the way
  for (std::size_t i = 0; i < asked.size(); ++i)
    for (const auto& each : published.segments())
      if (each.key == asked[i])
        for (const auto& other : each.rule.segments())
          if (std::find(asked.begin(), asked.end(), other) == asked.end())
            asked.push_back(other);
  return asked;
}

// The segment that is tried out, and those it needs.
std::shared_ptr<engine::definitions>
with_segment(const engine::definitions& published,
             const engine::condition& rule, engine::segment_id id) {
  const auto asked = asked_by(published, rule);
  auto all = std::make_shared<engine::definitions>(published.version());
  for (const auto& each : published.segments())
    if (std::find(asked.begin(), asked.end(), each.key) != asked.end())
      all->add(each);
  all->add(engine::published_segment{id, 1, {}, {}, rule});
  return all;
}

} // namespace

messages::definition_found
reader_actor_state::look_up(const messages::segment_lookup& what) {
  const auto size = store->segment_size(what.segment);
  if (!size)
    return failed(size.failure());
  messages::definition_found found;
  found.segment.contacts = *size;
  return found;
}

messages::definition_found
reader_actor_state::look_up(const messages::job_lookup& what,
                            engine::workspace_id workspace) {
  auto job = store->job(workspace, what.text_id);
  if (!job)
    return failed(job.failure());
  messages::definition_found found;
  found.job = {std::move(job->text_id),
               std::move(job->kind),
               std::move(job->subject),
               job->done,
               job->total,
               job->created_at,
               job->finished_at};
  return found;
}

messages::definition_found
reader_actor_state::look_up(const messages::segment_preview& what,
                            engine::workspace_id workspace) {
  const auto total = store->contact_count(workspace);
  if (!total)
    return failed(total.failure());
  const auto newest = store->newest_contacts(workspace, {}, previewed_max);
  if (!newest)
    return failed(newest.failure());
  constexpr auto tried = engine::segment_id{~std::uint32_t{0}};
  const auto with = with_segment(*what.with, what.rule, tried);
  messages::definition_found found;
  found.segment.total = *total;
  const auto end = std::chrono::steady_clock::now() + preview_takes_max;
  for (const auto contact : *newest) {
    if (std::chrono::steady_clock::now() > end)
      break;
    const auto enters = would_enter(contact, *with, tried, what.now);
    if (!enters)
      return failed(enters.failure());
    found.segment.looked_at += 1;
    found.segment.contacts += *enters ? 1U : 0U;
  }
  return found;
}

// A review of the contact as it is, of which nothing is kept.
engine::result<bool> reader_actor_state::would_enter(
  engine::contact_id contact, const engine::definitions& with,
  engine::segment_id segment, engine::timestamp now) {
  auto loaded = store->load(contact);
  if (!loaded && loaded.failure().code == engine::errc::not_found)
    return false; // it was erased meanwhile
  if (!loaded)
    return loaded.failure();
  engine::intervention_input review;
  review.what.what = engine::intervention_kind::review;
  auto made = engine::decide(loaded->state, review, with, now, nullptr);
  if (auto* wanted = std::get_if<engine::history_request>(&made)) {
    auto past = history({loaded->state.workspace, contact, {}, *wanted});
    if (past.failure)
      return *past.failure;
    made = engine::decide(loaded->state, review, with, now, &past.events);
  }
  const auto& turn = std::get<engine::turn>(made);
  return std::any_of(
    turn.changes.begin(), turn.changes.end(),
    [segment](const engine::change& what) {
      const auto* moved = std::get_if<engine::segment_moved>(&what);
      return moved != nullptr && moved->segment == segment && moved->entered;
    });
}

review_work reader_actor_state::pull(const review_query& what) {
  review_work work;
  auto job = store->unfinished_job();
  if (!job) {
    work.failure = job.failure();
    return work;
  }
  work.job = std::move(*job);
  if (!work.job)
    return work;
  if (work.job->total == 0) {
    const auto total = store->contact_count(work.job->workspace);
    if (total)
      work.job->total = *total;
    else
      work.failure = total.failure();
  }
  auto contacts
    = store->newest_contacts(work.job->workspace, work.job->next, what.limit);
  if (contacts)
    work.contacts = std::move(*contacts);
  else
    work.failure = contacts.failure();
  return work;
}

} // namespace troupe::actors
