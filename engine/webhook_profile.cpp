#include "engine/webhook_profile.hpp"

namespace troupe::engine {

namespace {

std::string_view word_at(const boost::json::object& settings,
                         std::string_view name) {
  const auto* found = settings.if_contains(name);
  return found != nullptr && found->is_string()
           ? std::string_view{found->get_string()}
           : std::string_view{};
}

webhook_format format_of(webhook_profile profile) {
  switch (profile) {
    case webhook_profile::genie:
      return webhook_format::genie;
    case webhook_profile::genie_sdk:
      return webhook_format::genie_sdk;
    case webhook_profile::growthos:
      return webhook_format::growthos;
    case webhook_profile::standard:
    case webhook_profile::bearer:
      break;
  }
  return webhook_format::native;
}

} // namespace

webhook_form webhook_form_of(const boost::json::object& settings) {
  webhook_form out;
  out.profile = find_word(webhook_profile_names, word_at(settings, "profile"))
                  .value_or(webhook_profile::standard);
  out.format = find_word(webhook_format_names, word_at(settings, "format"))
                 .value_or(format_of(out.profile));
  if (const auto* body = settings.if_contains("template"))
    out.body = *body;
  const auto ordering = word_at(settings, "ordering");
  out.is_ordered = ordering.empty() ? out.profile == webhook_profile::bearer
                                    : ordering == "contact";
  return out;
}

} // namespace troupe::engine
