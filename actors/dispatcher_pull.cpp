// How a dispatcher comes by what is to be delivered, and who waits for whom.
#include "actors/dispatcher.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace troupe::actors {

namespace {

// Deliveries of an ordered endpoint that are remembered; beyond, first attempts
// of all contacts wait.
constexpr std::size_t lanes_max = 10'000;

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
  after_ = {}; // what waited in a lane
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
  if (is_ordered_ && !lanes_known_) {
    what.retries = true;
    what.now = engine::timestamp::max();
    what.limit = lanes_max;
    return ask(std::move(what), pulled_for::lanes);
  }
  if (retries) {
    what.retries = true;
    // What is due again in a test workspace was asked for.
    what.now = is_test() ? engine::timestamp::max() : options.clock();
    // Those that wait for their contact come again with each page.
    what.limit += lanes_.waiting_retries();
    return ask(std::move(what), pulled_for::retries);
  }
  if (const auto next = lanes_.next_ready()) {
    what.after = before(*next);
    what.limit = 1;
    return ask(std::move(what), pulled_for::lane);
  }
  if (!more_ || lanes_.size() >= lanes_max)
    return;
  more_ = false; // until told otherwise while the question is under way
  ask(std::move(what), pulled_for::outbox);
}

void dispatcher_actor_state::ask(delivery_pull what, pulled_for why) {
  pulling_ = true;
  const auto asked = what.limit;
  self
    ->request(options.reader, caf::infinite, atom::pull_atom::value,
              std::move(what))
    .then(
      [this, why, asked](deliveries_pulled& pulled) {
        pulling_ = false;
        if (why == pulled_for::lanes)
          know_lanes(pulled);
        else
          take(pulled, why, asked);
      },
      [this](const caf::error&) {
        pulling_ = false;
        after_ = {};
        more_ = true;
      });
}

// The oldest of a contact goes first. With more of them than are remembered,
// only what is due by its schedule is delivered until they are fewer.
void dispatcher_actor_state::know_lanes(deliveries_pulled& pulled) {
  auto& all = pulled.deliveries;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.key < b.key;
  });
  for (const auto& each : all)
    if (!settled_.contains(each.key)) // over while they were read
      lanes_.enter(each.turn.contact, each.key, true);
  settled_.clear();
  lanes_known_ = !pulled.failure; // else asked again by the next look
  pull(lanes_.size() >= lanes_max);
}

bool dispatcher_actor_state::may_go(const pulled_delivery& what,
                                    pulled_for why) {
  // What is about nobody waits for nobody.
  if (!is_ordered_ || what.turn.contact == engine::contact_id{})
    return true;
  return why == pulled_for::lane ? lanes_.is_first(what.turn.contact, what.key)
                                 : lanes_.enter(what.turn.contact, what.key,
                                                why == pulled_for::retries);
}

void dispatcher_actor_state::take(deliveries_pulled& pulled, pulled_for why,
                                  std::size_t asked) {
  if (pulled.failure
      || (pulled.deliveries.size() == asked && why != pulled_for::lane))
    more_ = true;
  for (auto& delivery : pulled.deliveries) {
    if (why == pulled_for::outbox)
      after_ = delivery.key;
    // The page may have been read before an outcome was recorded.
    if (!settled_.contains(delivery.key) && !under_way_.contains(delivery.key)
        && may_go(delivery, why)) {
      under_way_.insert(delivery.key);
      attempt(std::move(delivery));
    }
  }
  settled_.clear();
  if (pulled.failure)
    after_ = {}; // what could not be read is looked for again
  if (!pulled.failure)
    pull(false);
  answer_settled();
}

} // namespace troupe::actors
