// What a contact wants to be sent: a choice per channel, and per category of
// messages on it. Without a choice it is sent to.
#pragma once

#include "engine/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

struct preference {
  std::string channel;  // its key
  std::string category; // empty: whatever goes over the channel
  bool subscribed = true;
  timestamp updated_at{};
  bool operator==(const preference&) const = default;
};

/// By channel and category, each pair once.
using preference_list = std::vector<preference>;

/// Of one contact. More against categories become one against their channel.
inline constexpr std::size_t preferences_max = 500;
/// A longer one is no category of a choice.
inline constexpr std::size_t category_bytes_max = 64;

/// Null: no choice was made.
const preference* find_preference(const preference_list& all,
                                  std::string_view channel,
                                  std::string_view category);

/// Why a message of the category may not go over the channel: the choice
/// that says so, the one of the whole channel first. Null: it may.
const preference* refusal_of(const preference_list& all,
                             std::string_view channel,
                             std::string_view category);

void set_preference(preference_list& all, preference wanted);

/// The choices of two contacts that become one which differ from those of
/// `mine`: who wants nothing on either side, wants nothing.
preference_list stricter(const preference_list& mine,
                         const preference_list& theirs);

} // namespace troupe::engine
