#include "engine/notice.hpp"

#include "engine/contact.hpp"
#include "engine/json_text.hpp"
#include "engine/turn_scope.hpp"

#include <algorithm>

namespace troupe::engine {

turn notice_of(workspace_id workspace, const boost::json::object& said,
               const definitions& with, timestamp now) {
  turn out;
  out.workspace = workspace;
  out.kind = turn_kind::notice;
  out.stamp.at = now;
  out.definitions_version = with.version();
  auto& event = out.event.emplace();
  event.from = door::platform;
  event.type = said.at("type").as_string();
  event.body = to_json(said);
  event.properties = {0, static_cast<std::uint32_t>(event.body.size())};
  contact_state nobody;
  nobody.workspace = workspace;
  const turn_scope scope{nobody, &event, &said, now, &with};
  with.subscriptions().each(event.type, [&](const auto& subscription) {
    const auto seen = std::find(out.matched.begin(), out.matched.end(),
                                subscription->endpoint);
    if (seen == out.matched.end()
        && (!subscription->filter || subscription->filter->holds(scope)))
      out.matched.push_back(subscription->endpoint);
  });
  return out;
}

} // namespace troupe::engine
