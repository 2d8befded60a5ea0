#include "actors/contact_lanes.hpp"

namespace troupe::actors {

bool contact_lanes::enter(engine::contact_id whose, const key& what,
                          bool is_retry) {
  const auto [found, is_new] = lanes_.try_emplace(whose, lane{what, {}});
  auto& [first, waiting] = found->second;
  if (is_new || first == what)
    return true;
  if (waiting.emplace(what, is_retry).second) {
    ++waiting_;
    waiting_retries_ += is_retry ? 1 : 0;
  }
  return false;
}

bool contact_lanes::is_first(engine::contact_id whose, const key& what) const {
  const auto found = lanes_.find(whose);
  return found != lanes_.end() && found->second.first == what;
}

bool contact_lanes::leave(engine::contact_id whose, const key& what) {
  const auto found = lanes_.find(whose);
  if (found == lanes_.end() || found->second.first != what)
    return false;
  auto& [first, waiting] = found->second;
  if (waiting.empty()) {
    lanes_.erase(found);
    return false;
  }
  const auto [next, is_retry] = *waiting.begin();
  waiting.erase(waiting.begin());
  --waiting_;
  first = next;
  if (is_retry)
    --waiting_retries_;
  else
    ready_.push_back(next);
  return is_retry;
}

std::optional<contact_lanes::key> contact_lanes::next_ready() {
  if (ready_.empty())
    return std::nullopt;
  const auto next = ready_.front();
  ready_.pop_front();
  return next;
}

} // namespace troupe::actors
