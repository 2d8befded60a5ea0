#include "engine/template_scope.hpp"

#include "engine/json_find.hpp"
#include "engine/template_values.hpp"

namespace troupe::engine {

namespace json = boost::json;

namespace {

const json::value* member_of(const json::value* of, std::string_view name) {
  const auto* members = of == nullptr ? nullptr : of->if_object();
  return members == nullptr ? nullptr : find_member(*members, name);
}

const json::value* properties_of(const json::value* event) {
  const auto* members = event == nullptr ? nullptr : event->if_object();
  return members == nullptr ? nullptr
                            : other_properties(*members, "properties");
}

// Found last: an event, a contact or a variable may have the name too.
const json::value* given_at_dispatch() {
  static const json::value links{
    {"unsubscribe_url", json::string_view{unsubscribe_placeholder.data(),
                                          unsubscribe_placeholder.size()}}};
  return &links;
}

} // namespace

template_scope::template_scope(const json::value* event,
                               const json::value* contact,
                               const json::value* run,
                               const json::value* variables)
  : roots_{template_root{"event", event}, template_root{"contact", contact},
           template_root{"run", run}},
    bare_{variables, member_of(run, "vars"), properties_of(event),
          member_of(contact, "attributes"), given_at_dispatch()} {}

} // namespace troupe::engine
