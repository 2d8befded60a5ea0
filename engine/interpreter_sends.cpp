// Whether a message goes out now, later or not at all.
#include "engine/interpreter.hpp"

#include <algorithm>

namespace troupe::engine {

// A send that has to wait is entered again when its time comes, and every rule
// is asked again.
std::optional<interpreter::edge>
interpreter::enter_send(std::uint32_t number, const sequence_node& node,
                        const send_node& what, const std::string& why) {
  const auto sequence = state_.find_run(number)->sequence;
  const auto version = state_.find_run(number)->version;
  const auto& definition = *with_.find(sequence, version)->definition;
  if (skips_sends_) {
    rest(number, node, why, std::nullopt, 0);
    note(rule::on_resume, false, sequence, number, "skip_overdue");
    return edge{what.then, "then"};
  }
  if (const auto ends = quiet_until(number, sequence, definition)) {
    rest(number, node, why, ends, 0);
    return std::nullopt;
  }
  rest(number, node, why, std::nullopt, 0);
  if (!is_within_cap(number, sequence, definition, what.channel))
    return edge{what.then, "then"};
  const auto sent_before = out_.sends.size();
  const auto here = *state_.find_run(number);
  scope_.set_run(&here);
  send(number, node, what);
  scope_.set_run(nullptr);
  if (out_.sends.size() > sent_before
      && with_.is_counted(sequence, what.channel))
    record(
      send_counted{{sequence, out_.sends.back().destination, out_.stamp.at},
                   out_.stamp.at - with_.counted_for()});
  return edge{what.then, "then"};
}

// Asked again when the message is dispatched.
bool interpreter::is_wanted(std::uint32_t number, const send_node& what,
                            const boost::json::object& parts) {
  const auto category = category_of(parts);
  const auto* refusal = refusal_of(*state_.preferences, what.channel, category);
  const auto* choice
    = refusal != nullptr
        ? refusal
        : find_preference(*state_.preferences, what.channel, category);
  if (choice != nullptr)
    note(rule::consent, choice->subscribed, state_.find_run(number)->sequence,
         number,
         choice->channel + (choice->category.empty() ? "" : "/")
           + choice->category
           + (choice->subscribed ? ": subscribed at " : ": unsubscribed at ")
           + to_iso8601(choice->updated_at));
  return refusal == nullptr;
}

std::optional<timestamp>
interpreter::quiet_until(std::uint32_t number, sequence_id sequence,
                         const sequence_definition& definition) {
  if (!definition.quiet)
    return std::nullopt;
  const auto zone = zone_of(definition.quiet->zone, sequence, number);
  const auto ends = end_of_hours(definition.quiet->hours, zone, out_.stamp.at);
  note(rule::quiet_hours, !ends, sequence, number,
       zone.name() + (ends ? " until " + to_iso8601(*ends) : ""));
  return ends;
}

bool interpreter::is_within_cap(std::uint32_t number, sequence_id sequence,
                                const sequence_definition& definition,
                                const std::string& channel) {
  const auto& cap = definition.cap;
  if (!cap || (!cap->channel.empty() && cap->channel != channel))
    return true;
  const auto over = with_.channel(cap->channel);
  const auto since = out_.stamp.at - cap->within;
  const auto& sends = *state_.sends;
  const auto count
    = std::count_if(sends.begin(), sends.end(), [&](const counted_send& sent) {
        return sent.at > since
               && (cap->channel.empty() ? sent.sequence == sequence
                                        : sent.channel == over);
      });
  const auto within = count < static_cast<std::ptrdiff_t>(cap->most);
  note(rule::frequency_cap, within, sequence, number,
       std::to_string(count) + " of " + std::to_string(cap->most) + " since "
         + to_iso8601(since));
  return within;
}

} // namespace troupe::engine
