#include "engine/meet_event.hpp"

#include "engine/sessions.hpp"

#include <algorithm>
#include <cstddef>

namespace troupe::engine {

namespace {

void match_subscriptions(interpreter& runs, const definitions& with, turn& out,
                         const boost::json::object* properties) {
  with.subscriptions().each(out.event->type, [&](const auto& subscription) {
    const auto seen = std::find(out.matched.begin(), out.matched.end(),
                                subscription->endpoint);
    if (seen != out.matched.end())
      return;
    if (subscription->filter) {
      const turn_scope scope{runs.state(), &*out.event, properties,
                             out.stamp.at, &with};
      if (!subscription->filter->holds(scope)) {
        check_inputs about;
        about.add("endpoint", number(subscription->endpoint))
          .add(*subscription->filter, scope);
        runs.note(rule::webhook_filter, false, {}, 0, about.take());
        return;
      }
    }
    out.matched.push_back(subscription->endpoint);
  });
}

} // namespace

void name_contact(turn& out, const contact_state& state) {
  if (const auto* who = state.find(identity_kind::external_id))
    out.external_id = who->value;
  if (const auto* who = state.find(identity_kind::email))
    out.email = who->value;
}

decision meet_event(interpreter& runs, segment_keeper& segments,
                    const definitions& with, turn& out,
                    const boost::json::object& properties, bool starts_runs) {
  segments.count_event();
  segments.look(segment_cause::event);
  keep_checklists(runs, out, with, properties);
  keep_nudges(runs, out, properties);
  runs.see_event(starts_runs);
  if (runs.wanted())
    return *runs.wanted();
  segments.look(segment_cause::contact);
  segments.set_wake();
  match_subscriptions(runs, with, out, &properties);
  name_contact(out, runs.state());
  return std::move(out);
}

decision take_history(interpreter& runs, segment_keeper& segments,
                      const definitions& with, turn& out,
                      const boost::json::object& properties) {
  const auto told = out.messages.size();
  segments.count_event();
  segments.look(segment_cause::event);
  keep_checklists(runs, out, with, properties);
  segments.set_wake();
  out.messages.erase(out.messages.begin() + static_cast<std::ptrdiff_t>(told),
                     out.messages.end());
  name_contact(out, runs.state());
  return std::move(out);
}

} // namespace troupe::engine
