#include "http/resources/turn_deliveries.hpp"

#include "engine/contact_notice.hpp"
#include "engine/delivery.hpp"

namespace troupe::http {

namespace json = boost::json;

using namespace engine;

json::array deliveries_of(const turn& what, const view_context& with) {
  const auto& known = with.workspace.endpoints;
  json::array out;
  for (const auto endpoint : what.matched) {
    json::object view{{"id", delivery_id(what, endpoint, 0, with.ids)}};
    if (const auto found = known.find(endpoint); found != known.end())
      view["webhook"] = found->second.text_id;
    out.push_back(std::move(view));
  }
  std::uint32_t ordinal = 0;
  for (const auto& sent : what.sends) {
    json::object view{
      {"id", delivery_id(what, sent.destination, ++ordinal, with.ids)}};
    const auto found = known.find(sent.destination);
    if (is_notice(sent)) {
      if (found != known.end())
        view["webhook"] = found->second.text_id;
      view["type"] = sent.node;
      out.push_back(std::move(view));
      continue;
    }
    if (found != known.end())
      view["channel"] = found->second.key;
    if (const auto* key = sent.request.if_contains("sequence"))
      view["sequence"] = *key;
    view["node"] = sent.node;
    out.push_back(std::move(view));
  }
  return out;
}

} // namespace troupe::http
