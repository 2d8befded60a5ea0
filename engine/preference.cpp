#include "engine/preference.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::engine {

namespace {

auto place_of(const preference_list& all, std::string_view channel,
              std::string_view category) {
  return std::lower_bound(all.begin(), all.end(), std::tie(channel, category),
                          [](const preference& each, const auto& wanted) {
                            const std::string_view a = each.channel;
                            const std::string_view b = each.category;
                            return std::tie(a, b) < wanted;
                          });
}

bool is_at(const preference_list& all, preference_list::const_iterator place,
           std::string_view channel, std::string_view category) {
  return place != all.end() && place->channel == channel
         && place->category == category;
}

} // namespace

const preference* find_preference(const preference_list& all,
                                  std::string_view channel,
                                  std::string_view category) {
  const auto place = place_of(all, channel, category);
  return is_at(all, place, channel, category) ? &*place : nullptr;
}

const preference* refusal_of(const preference_list& all,
                             std::string_view channel,
                             std::string_view category) {
  for (const auto asked : {std::string_view{}, category})
    if (const auto* made = find_preference(all, channel, asked);
        made != nullptr && !made->subscribed)
      return made;
  return nullptr;
}

void set_preference(preference_list& all, preference wanted) {
  const auto place = place_of(all, wanted.channel, wanted.category);
  if (is_at(all, place, wanted.channel, wanted.category))
    all[static_cast<std::size_t>(place - all.begin())] = std::move(wanted);
  else
    all.insert(place, std::move(wanted));
}

preference_list stricter(const preference_list& mine,
                         const preference_list& theirs) {
  preference_list out;
  for (const auto& each : theirs) {
    const auto* own = find_preference(mine, each.channel, each.category);
    if (own == nullptr || (own->subscribed && !each.subscribed))
      out.push_back(each);
  }
  return out;
}

} // namespace troupe::engine
