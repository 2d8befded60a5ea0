// How a dispatcher comes by what is to be delivered, and who waits for whom.
#include "actors/dispatcher.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

// Deliveries of an ordered endpoint that are remembered; beyond, first attempts
// of all contacts wait.
constexpr std::size_t lanes_max = 10'000;

// Looks that find nothing but a failure: all rows may be damaged.
constexpr std::uint32_t lanes_tries = 3;

// The place in the outbox that a delivery is found behind.
persistence::delivery_key before(persistence::delivery_key key) {
  if (key.ordinal > 0)
    --key.ordinal;
  else
    key = {key.destination, engine::position{engine::number(key.turn) - 1},
           UINT32_MAX};
  return key;
}

} // namespace

void dispatcher_actor_state::take_form(const std::string& settings) {
  boost::json::error_code failure;
  const auto read = boost::json::parse(settings, failure);
  const auto form = failure || !read.is_object()
                      ? engine::webhook_form{}
                      : engine::webhook_form_of(read.get_object());
  profile_ = form.profile;
  if (is_ordered_ == form.is_ordered)
    return;
  is_ordered_ = form.is_ordered;
  lanes_ = {};
  lanes_known_ = false;
  lanes_asked_ = false;
  lanes_failed_ = 0;
  look_again(); // for what waited in a lane
}

// The outbox is read from there on once more, and a page that is on its way
// does not count.
void dispatcher_actor_state::look_again(const persistence::delivery_key& from) {
  after_ = std::min(after_, from);
  more_ = true;
  ++generation_;
}

// Without a contact nobody waits for nobody.
bool dispatcher_actor_state::has_lane(engine::contact_id whose) const {
  return is_ordered_ && whose != engine::contact_id{};
}

/// @returns whether the next of its contact is one by its schedule
bool dispatcher_actor_state::leave_lane(engine::contact_id whose,
                                        const persistence::delivery_key& key) {
  const auto freed = lanes_.leave(whose, key);
  if (freed.refused)
    look_again(before(*freed.refused));
  return freed.is_retry;
}

// First attempts in the order of the outbox, or retries that are due; before
// them all, what the lanes hold after a restart.
void dispatcher_actor_state::pull(bool retries) {
  if (!is_active() || pulling_ || under_way_.size() >= options.window)
    return;
  delivery_pull what;
  what.after = after_;
  what.after.destination = options.destination;
  what.limit = options.window - under_way_.size();
  what.channel = channel();
  const auto are_lanes_known = !is_ordered_ || lanes_known_;
  if (!are_lanes_known && pull_lanes(what))
    return;
  if (retries) {
    what.retries = true;
    // What is due again in a test workspace was asked for.
    what.now = is_test() ? engine::timestamp::max() : options.clock();
    // Those that wait for their contact come again with each page.
    what.limit += lanes_.waiting_retries();
    return ask(std::move(what), pulled_for::retries);
  }
  if (!are_lanes_known)
    return;
  if (const auto next = lanes_.next_ready()) {
    what.after = before(next->what);
    what.limit = 1;
    return ask(std::move(what), pulled_for::lane, *next);
  }
  if (!more_ || lanes_.size() >= lanes_max)
    return;
  more_ = false; // until told otherwise while the question is under way
  ask(std::move(what), pulled_for::outbox);
}

// Once between two ticks: a store that fails is not asked without end. With
// more of them than are remembered, when half of those are over.
bool dispatcher_actor_state::pull_lanes(delivery_pull& what) {
  if (lanes_asked_ || lanes_.size() > lanes_max / 2)
    return false;
  lanes_asked_ = true;
  auto all = std::move(what);
  all.retries = true;
  all.now = engine::timestamp::max();
  all.limit = lanes_max;
  ask(std::move(all), pulled_for::lanes);
  return true;
}

void dispatcher_actor_state::ask(delivery_pull what, pulled_for why,
                                 const contact_lanes::turn_come& turn) {
  pulling_ = true;
  const question asked{why, what.limit, generation_, turn};
  self
    ->request(options.reader, caf::infinite, atom::pull_atom::value,
              std::move(what))
    .then(
      [this, asked](deliveries_pulled& pulled) {
        hear(pulled, asked);
      },
      [this, asked](const caf::error&) {
        pulling_ = false;
        settled_.clear();
        lanes_.again(asked.turn.whose, asked.turn.what);
        look_again();
      });
}

void dispatcher_actor_state::hear(deliveries_pulled& pulled,
                                  const question& asked) {
  pulling_ = false;
  if (asked.generation != generation_) {
    // What it says of retries and of lanes is asked again.
    lanes_.again(asked.turn.whose, asked.turn.what);
    if (asked.why == pulled_for::lanes)
      lanes_asked_ = false;
    settled_.clear();
    pull(asked.why == pulled_for::retries);
    answer_settled();
  } else if (asked.why == pulled_for::lanes) {
    know_lanes(pulled, asked);
  } else {
    take(pulled, asked);
  }
}

// The oldest of a contact goes first. Until all are known, only what is due by
// its schedule is delivered. A row that cannot be read holds up nobody.
void dispatcher_actor_state::know_lanes(deliveries_pulled& pulled,
                                        const question& asked) {
  auto& all = pulled.deliveries;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.key < b.key;
  });
  for (const auto& each : all) {
    const auto ended = settled_.find(each.key); // while they were read
    const auto is_over = ended != settled_.end() && ended->second;
    if (!is_over && has_lane(each.turn.contact))
      lanes_.enter(each.turn.contact, each.key, true);
  }
  settled_.clear();
  if (pulled.failure && all.empty() && ++lanes_failed_ < lanes_tries)
    return; // the next tick asks again
  lanes_known_ = all.size() < asked.limit;
  pull(!lanes_known_ || lanes_.size() >= lanes_max);
}

bool dispatcher_actor_state::may_go(const pulled_delivery& what,
                                    pulled_for why) {
  if (!has_lane(what.turn.contact))
    return true;
  return why == pulled_for::lane ? lanes_.is_first(what.turn.contact, what.key)
                                 : lanes_.enter(what.turn.contact, what.key,
                                                why == pulled_for::retries);
}

// One whose turn had come and that is not in the outbox was taken from it
// otherwise, by a replay perhaps: it comes again when it is due.
void dispatcher_actor_state::take_turn(const deliveries_pulled& pulled,
                                       const contact_lanes::turn_come& turn) {
  if (pulled.failure)
    lanes_.again(turn.whose, turn.what);
  else if ((pulled.deliveries.empty()
            || pulled.deliveries.front().key != turn.what)
           && !settled_.contains(turn.what) && !under_way_.contains(turn.what))
    leave_lane(turn.whose, turn.what);
}

void dispatcher_actor_state::take(deliveries_pulled& pulled,
                                  const question& asked) {
  const auto why = asked.why;
  if (pulled.failure
      || (pulled.deliveries.size() == asked.limit && why != pulled_for::lane))
    more_ = true;
  if (why == pulled_for::lane)
    take_turn(pulled, asked.turn);
  for (auto& delivery : pulled.deliveries) {
    if (why == pulled_for::outbox)
      after_ = delivery.key;
    // The page may have been read before an outcome was recorded. One that is
    // under way has its lane as well: later ones wait for it.
    if (!settled_.contains(delivery.key) && may_go(delivery, why)
        && under_way_.insert(delivery.key).second)
      attempt(std::move(delivery));
  }
  settled_.clear();
  if (pulled.failure && why == pulled_for::outbox)
    after_ = {}; // what could not be read is looked for again
  if (!pulled.failure)
    pull(false);
  answer_settled();
}

} // namespace troupe::actors
