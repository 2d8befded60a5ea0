#include "http/resources/contact_reference.hpp"

namespace troupe::http {

engine::result<messages::contact_reference>
read_reference(std::string_view text, engine::workspace_id workspace,
               const engine::id_text& ids) {
  const engine::error absent{engine::errc::not_found,
                             "contact_not_found",
                             "there is no such contact",
                             {}};
  messages::contact_reference reference;
  reference.workspace = workspace;
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) {
    const auto id = ids.parse_contact(workspace, text);
    if (!id)
      return absent;
    reference.id = *id;
    return reference;
  }
  const auto kind = engine::identity_kind_of(text.substr(0, colon));
  if (!kind)
    return absent;
  reference.who = engine::make_identity(*kind, text.substr(colon + 1));
  if (!reference.who)
    return absent;
  return reference;
}

} // namespace troupe::http
