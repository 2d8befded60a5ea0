#include "http/doors/call_context.hpp"

#include "http/doors/call.hpp"
#include "http/doors/loose_json.hpp"

namespace troupe::http {

namespace json = boost::json;

void add_context(json::object& call, const json::object& common) {
  auto& own = call["context"];
  if (!own.is_object())
    own.emplace_object();
  for (const auto& item : common)
    own.get_object().emplace(item.key(), item.value());
}

bool fill_automatic(json::object& context, const call_setting& setting) {
  auto changed = false;
  for (const auto& [name, found] :
       {std::pair{"ip", setting.client},
        std::pair{"user_agent", setting.user_agent}}) {
    auto* given = context.if_contains(name);
    if (given == nullptr || !given->is_string()
        || given->get_string() != "auto")
      continue;
    *given = json::string_view{found.data(), found.size()};
    changed = true;
  }
  return changed;
}

const json::object* traits_of_context(const json::object& call) {
  const auto* context = loose_object(call, "context");
  return context == nullptr ? nullptr : loose_object(*context, "traits");
}

void add_page_of_context(json::object& properties, const json::object& call) {
  const auto* context = loose_object(call, "context");
  const auto* page
    = context == nullptr ? nullptr : loose_object(*context, "page");
  if (page == nullptr)
    return;
  for (const auto* name : {"url", "title", "referrer", "path"})
    if (const auto* known = page->if_contains(name);
        known != nullptr && !properties.contains(name))
      properties[name] = *known;
}

} // namespace troupe::http
