// What one delivery of an endpoint says, in the form the endpoint wants it
// (spec: api.md, "Webhook bodies and signatures").
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "engine/turn.hpp"
#include "engine/webhook_profile.hpp"

#include <string>
#include <string_view>

namespace troupe::engine {

struct webhook_message {
  std::string id;          // "evt_…": of the event or the notice
  std::string delivery_id; // "dlv_…"
  std::string type;
  timestamp at{};
  std::string tenant;  // text id of the workspace
  std::string subject; // "con_…", or empty: it is about no contact
  std::string data;    // JSON text: the event document, or the notice
};

struct webhook_payload {
  std::string content_type;
  std::string body;
};

/// @param ordinal 0: the event of the turn; n: the notice that is its n-th
/// send
/// @pre there is one
webhook_message webhook_message_of(const turn& of, destination_id endpoint,
                                   std::uint32_t ordinal, const id_text& ids,
                                   std::string_view tenant,
                                   webhook_format format);

/// @returns what is wrong with the endpoint's template
result<webhook_payload> webhook_payload_of(const webhook_message& message,
                                           const webhook_form& form);

/// That a template can be rendered; its place in the body is `/template`.
status check_webhook_template(const boost::json::value& source);

} // namespace troupe::engine
