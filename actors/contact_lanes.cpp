#include "actors/contact_lanes.hpp"

#include <algorithm>

namespace troupe::actors {

bool contact_lanes::enter(engine::contact_id whose, const key& what,
                          bool is_retry) {
  const auto [found, is_new]
    = lanes_.try_emplace(whose, lane{what, is_retry, {}, std::nullopt});
  auto& [first, is_first_retry, waiting, refused] = found->second;
  if (is_new || first == what) {
    is_first_retry = is_first_retry || is_retry;
    return true;
  }
  const auto known = waiting.find(what);
  // Behind one that was refused all are, or they would overtake it.
  if (known == waiting.end() && !is_retry
      && (refused || waiting.size() >= waiting_max)) {
    refused = refused ? std::min(*refused, what) : what;
    return false;
  }
  if (known == waiting.end()) {
    waiting.emplace(what, is_retry);
    ++waiting_;
    waiting_retries_ += is_retry ? 1 : 0;
  } else if (is_retry && !known->second) {
    known->second = true;
    ++waiting_retries_;
  }
  return false;
}

bool contact_lanes::is_first(engine::contact_id whose, const key& what) const {
  const auto found = lanes_.find(whose);
  return found != lanes_.end() && found->second.first == what;
}

bool contact_lanes::awaits_turn(const turn_come& what) const {
  const auto found = lanes_.find(what.whose);
  return found != lanes_.end() && found->second.first == what.what
         && !found->second.is_retry;
}

bool contact_lanes::stop_waiting(lane& in,
                                 std::map<key, bool>::iterator which) {
  const auto is_retry = which->second;
  in.waiting.erase(which);
  --waiting_;
  waiting_retries_ -= is_retry ? 1 : 0;
  return is_retry;
}

contact_lanes::freed contact_lanes::leave(engine::contact_id whose,
                                          const key& what) {
  const auto found = lanes_.find(whose);
  if (found == lanes_.end())
    return {};
  auto& in = found->second;
  if (in.first != what) {
    // It was under way when its endpoint became ordered.
    if (const auto which = in.waiting.find(what); which != in.waiting.end())
      stop_waiting(in, which);
    return {};
  }
  if (in.waiting.empty()) {
    const auto refused = in.refused;
    lanes_.erase(found);
    return {false, refused};
  }
  in.first = in.waiting.begin()->first;
  in.is_retry = stop_waiting(in, in.waiting.begin());
  if (!in.is_retry)
    ready_.push_back({whose, in.first});
  return {in.is_retry, std::nullopt};
}

void contact_lanes::again(engine::contact_id whose, const key& what) {
  if (awaits_turn({whose, what}))
    ready_.push_back({whose, what});
}

std::optional<contact_lanes::turn_come> contact_lanes::next_ready() {
  while (!ready_.empty()) {
    const auto next = ready_.front();
    ready_.pop_front();
    if (awaits_turn(next)) // still
      return next;
  }
  return std::nullopt;
}

} // namespace troupe::actors
