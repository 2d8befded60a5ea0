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
    note(rule::on_resume, false, sequence, number,
         check_inputs{}.add("node", node.name).take());
    return edge{what.then, "then"};
  }
  if (const auto ends
      = quiet_until(*state_.find_run(number), node, definition)) {
    rest(number, node, why, ends, 0);
    return std::nullopt;
  }
  rest(number, node, why, std::nullopt, 0);
  const auto here = *state_.find_run(number);
  if (!is_within_cap(here, definition, what.channel))
    return edge{what.then, "then"};
  const auto sent_before = out_.sends.size();
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
  if (choice == nullptr)
    return true;
  const auto& current = *state_.find_run(number);
  note(rule::consent, choice->subscribed, current.sequence, number,
       check_inputs{}
         .add("node", current.node)
         .add("channel", choice->channel)
         .add("category", choice->category)
         .add("choice", choice->subscribed ? "subscribed" : "unsubscribed")
         .add("chosen_at", choice->updated_at)
         .take());
  return refusal == nullptr;
}

std::optional<timestamp>
interpreter::quiet_until(const run& current, const sequence_node& node,
                         const sequence_definition& definition) {
  if (!definition.quiet)
    return std::nullopt;
  const auto zone
    = zone_of(definition.quiet->zone, current.sequence, current.number);
  const auto ends = end_of_hours(definition.quiet->hours, zone, out_.stamp.at);
  check_inputs about;
  about.add("node", node.name).add("timezone", zone.name());
  if (ends)
    about.add("ends_at", *ends);
  note(rule::quiet_hours, !ends, current.sequence, current.number,
       about.take());
  return ends;
}

bool interpreter::is_within_cap(const run& current,
                                const sequence_definition& definition,
                                const std::string& channel) {
  const auto& cap = definition.cap;
  if (!cap || (!cap->channel.empty() && cap->channel != channel))
    return true;
  const auto over = with_.channel(cap->channel);
  const auto since = out_.stamp.at - cap->within;
  std::vector<timestamp> counted; // the oldest first
  for (const auto& sent : *state_.sends)
    if (sent.at > since
        && (cap->channel.empty() ? sent.sequence == current.sequence
                                 : sent.channel == over))
      counted.push_back(sent.at);
  const auto within = counted.size() < cap->most;
  check_inputs about;
  about.add("node", current.node)
    .add("sent", counted.size())
    .add("max", cap->most);
  if (!within)
    about.add("ends_at", counted[counted.size() - cap->most] + cap->within);
  note(rule::frequency_cap, within, current.sequence, current.number,
       about.take());
  return within;
}

} // namespace troupe::engine
