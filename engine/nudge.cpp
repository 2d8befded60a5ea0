#include "engine/nudge.hpp"

#include <algorithm>

namespace troupe::engine {

namespace {

template <class List>
auto place_of(List& all, std::string_view id) {
  return std::find_if(all.begin(), all.end(), [id](const nudge& each) {
    return each.id == id;
  });
}

} // namespace

const nudge* find_nudge(const nudge_list& all, std::string_view id) {
  const auto found = place_of(all, id);
  return found == all.end() ? nullptr : &*found;
}

void put_nudge(nudge_list& all, nudge fresh, timestamp now) {
  std::erase_if(all, [now](const nudge& each) {
    return each.expires_at <= now;
  });
  const auto place = std::upper_bound(all.begin(), all.end(), fresh,
                                      [](const nudge& a, const nudge& b) {
                                        return a.at < b.at;
                                      });
  all.insert(place, std::move(fresh));
  if (all.size() <= nudges_max)
    return;
  const auto dismissed
    = std::find_if(all.begin(), all.end(), [](const nudge& each) {
        return each.status == nudge_status::dismissed;
      });
  all.erase(dismissed == all.end() ? all.begin() : dismissed);
}

void move_nudge(nudge_list& all, std::string_view id, nudge_status to,
                timestamp at) {
  const auto found = place_of(all, id);
  if (found == all.end() || found->status >= to)
    return;
  found->status = to;
  found->moved_at = at;
}

std::optional<nudge_status> nudge_status_of(std::string_view event) {
  if (event == "$nudge_shown")
    return nudge_status::shown;
  if (event == "$nudge_clicked")
    return nudge_status::clicked;
  if (event == "$nudge_dismissed")
    return nudge_status::dismissed;
  return std::nullopt;
}

} // namespace troupe::engine
