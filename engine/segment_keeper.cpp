#include "engine/segment_keeper.hpp"

#include "engine/json_text.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::engine {

namespace json = boost::json;

namespace {

std::string_view name_of(segment_cause why) {
  switch (why) {
    case segment_cause::event:
      return "event";
    case segment_cause::time:
      return "time";
    case segment_cause::contact:
      return "contact";
    case segment_cause::definition:
      return "definition";
  }
  return "unknown";
}

bool is_of_contact(const change& what) {
  return std::holds_alternative<identity_attached>(what)
         || std::holds_alternative<identity_detached>(what)
         || std::holds_alternative<identity_inherited>(what)
         || std::holds_alternative<attribute_set>(what)
         || std::holds_alternative<tag_added>(what)
         || std::holds_alternative<tag_removed>(what)
         || std::holds_alternative<score_added>(what);
}

} // namespace

segment_keeper::segment_keeper(interpreter& runs, const definitions& with,
                               turn& out, const json::object* properties,
                               const std::vector<past_event>* history)
  : runs_(runs),
    with_(with),
    out_(out),
    history_(history),
    scope_(runs.state(), out.event ? &*out.event : nullptr, properties,
           out.stamp.at, &with),
    touched_(with.segments().size()) {}

// -- tallies ------------------------------------------------------------------

bool segment_keeper::is_complete(const watched_tally& each) const {
  const auto* held = runs_.state().segments->find(each.rule->id);
  return held != nullptr && held->reach >= each.reach
         && (held->whole || !each.whole);
}

std::optional<history_request>
segment_keeper::begin(const published_sequence* starts) {
  const auto& state = runs_.state();
  const auto& tallies = with_.tallies();
  if (state.segments->known_tallies == tallies.digest())
    return std::nullopt;
  const auto is_new = state.seq == 0;
  if (!is_new && history_ == nullptr) {
    // One answer is for the whole turn: with all that waits may ask for.
    auto wanted = runs_.everything_to_look_back_for(starts);
    for (const auto& each : tallies.all()) {
      if (is_complete(each))
        continue;
      wanted.add(each.rule->event);
      wanted.since = each.whole
                       ? timestamp{}
                       : std::min(wanted.since, out_.stamp.at - each.reach);
    }
    if (wanted.since < out_.stamp.at && !wanted.events.empty())
      return wanted;
  }
  tallies_begun begun;
  begun.known = tallies.digest();
  if (!is_new)
    fill(begun);
  runs_.record(std::move(begun));
  return std::nullopt;
}

void segment_keeper::fill(tallies_begun& begun) {
  const auto& all = with_.tallies().all();
  for (const auto& each : all)
    if (!is_complete(each))
      if (auto found = counted(each); found.count > 0)
        begun.filled.push_back(std::move(found));
  for (const auto& held : runs_.state().segments->tallies)
    if (std::none_of(all.begin(), all.end(), [&](const watched_tally& each) {
          return each.rule->id == held->id;
        }))
      begun.dropped.push_back(held->id);
}

tally segment_keeper::counted(const watched_tally& each) {
  tally out;
  out.id = each.rule->id;
  out.reach = each.reach;
  out.whole = each.whole;
  if (history_ == nullptr)
    return out;
  for (const auto& past : *history_) {
    if (!each.rule->event.matches(past.type))
      continue;
    scope_.set_past(&past);
    if (counts(each))
      add(out,
          {std::min(past.occurred_at.value_or(past.at), past.at), 1,
           number_of(each)},
          out_.stamp.at);
  }
  scope_.set_past(nullptr);
  return out;
}

bool segment_keeper::counts(const watched_tally& each) const {
  return !each.rule->where || each.rule->where->holds(scope_);
}

double segment_keeper::number_of(const watched_tally& each) const {
  if (each.rule->of.empty())
    return 0;
  const auto* event = scope_.root("event");
  const auto* found
    = event == nullptr ? nullptr : each.rule->of.follow_event(*event);
  if (found == nullptr || !found->is_number())
    return 0;
  const auto number = found->to_number<double>();
  return std::isfinite(number) ? number : 0;
}

void segment_keeper::count_event() {
  const auto& tallies = with_.tallies();
  if (tallies.all().empty())
    return;
  event_tallied counted;
  counted.at
    = std::min(out_.event->occurred_at.value_or(out_.stamp.at), out_.stamp.at);
  tallies.by_event().each(out_.event->type, [&](std::size_t place) {
    const auto& each = tallies.all()[place];
    // Of an event too old for it nothing is kept.
    if (!each.whole && counted.at <= out_.stamp.at - each.reach)
      return;
    if (!counts(each))
      return;
    counted.tallies.push_back(
      {each.rule->id, each.reach, each.whole, number_of(each)});
    for (const auto segment : each.segments)
      touched_[segment] = true;
  });
  if (!counted.tallies.empty())
    runs_.record(std::move(counted));
}

// -- segments -----------------------------------------------------------------

bool segment_keeper::has_changed_since_look() {
  const auto first
    = out_.changes.begin() + static_cast<std::ptrdiff_t>(looked_at_);
  const auto changed = std::any_of(first, out_.changes.end(), is_of_contact);
  looked_at_ = out_.changes.size();
  return changed;
}

void segment_keeper::look(segment_cause why) {
  const auto& state = *runs_.state().segments;
  const auto changed = has_changed_since_look();
  const auto is_known = state.known_segments == with_.segments_digest();
  if (!is_known) {
    looks_at_all_ = true;
    leave_unknown();
    runs_.record(segments_reviewed{with_.segments_digest()});
  }
  const auto& all = with_.segments();
  // What came due before the turn counts, though its timer is still to come.
  const auto is_due = state.wake_at && *state.wake_at <= out_.stamp.at;
  const auto looks_at_all
    = looks_at_all_ || is_due || why == segment_cause::time;
  if (!looks_at_all && !changed
      && std::find(touched_.begin(), touched_.end(), true) == touched_.end())
    return;
  scope_.contact_changed();
  std::vector<std::string_view> moved;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& segment = all[i];
    const auto& others = segment.rule.segments();
    const auto looks
      = looks_at_all || touched_[i] || (changed && segment.rule.reads_contact())
        || std::any_of(others.begin(), others.end(), [&](const auto& key) {
             return std::find(moved.begin(), moved.end(), key) != moved.end();
           });
    if (!looks)
      continue;
    touched_[i] = false;
    const auto is_in = segment.rule.holds(scope_);
    note_expiry(segment);
    if (is_in == runs_.state().segments->is_in(segment.id))
      continue;
    move(segment, is_in, is_known ? why : segment_cause::definition);
    moved.push_back(segment.key);
    scope_.contact_changed();
  }
  looks_at_all_ = false;
}

// Segments that are no more have nobody, and nobody hears of it.
void segment_keeper::leave_unknown() {
  const auto in = runs_.state().segments->in;
  for (const auto id : in)
    if (with_.segment_key(id) == nullptr)
      runs_.record(segment_moved{id, false});
}

void segment_keeper::move(const published_segment& segment, bool entered,
                          segment_cause why) {
  runs_.record(segment_moved{segment.id, entered});
  runs_.note(rule::segment, entered, {}, 0, segment.key);
  runs_.tell_contact(entered ? "$segment_entered" : "$segment_left",
                     {{"segment", segment.key},
                      {"name", segment.name},
                      {"cause", name_of(why)}});
}

void segment_keeper::note_expiry(const published_segment& segment) {
  for (const auto& question : segment.rule.questions()) {
    const auto* held = runs_.state().segments->find(question.rule->id);
    if (held == nullptr || !question.within)
      continue;
    const auto next = next_expiry(*held, *question.within, out_.stamp.at);
    if (next && (!next_expiry_ || *next < *next_expiry_))
      next_expiry_ = next;
  }
}

// An earlier one stays: it finds nothing to do and sets the next.
void segment_keeper::set_wake() {
  const auto& held = runs_.state().segments->wake_at;
  const auto fired
    = out_.fired && out_.fired->run == 0 && out_.fired->visit == segment_timer;
  if (fired) {
    if (next_expiry_ != held)
      runs_.record(segment_wake_set{next_expiry_});
  } else {
    if (!next_expiry_ || (held && *held <= *next_expiry_))
      return;
    if (held)
      out_.timers_cleared.push_back({*held, 0, segment_timer});
    runs_.record(segment_wake_set{next_expiry_});
  }
  if (next_expiry_)
    out_.timers_set.push_back({*next_expiry_, 0, segment_timer});
}

} // namespace troupe::engine
