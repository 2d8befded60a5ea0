// A contact as paths name it.
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "messages/commands.hpp"

#include <string_view>

namespace troupe::http {

/// "con_…", "external_id:usr_1", "email:…"
/// @returns `contact_not_found`
engine::result<messages::contact_reference>
read_reference(std::string_view text, engine::workspace_id workspace,
               const engine::id_text& ids);

} // namespace troupe::http
