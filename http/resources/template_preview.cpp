// Renders a template, kept or given, with data that is given or that a stored
// contact has. Nothing is changed; the limits of a rendering hold.
#include "engine/message_template.hpp"
#include "engine/template_scope.hpp"
#include "engine/turn_scope.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/json_body.hpp"
#include "http/resources/templates.hpp"

#include <caf/send.hpp>

#include <memory>

namespace troupe::http {

namespace json = boost::json;

namespace {

using engine::invalid;
using engine::result;

using message_pointer = std::shared_ptr<const engine::message_template>;

struct preview {
  message_pointer message;
  json::object data;   // {event?, contact?, vars?}
  std::string contact; // reference of a stored one; empty: none
};

const json::value* of_data(const json::object& data, std::string_view name) {
  return data.if_contains(name);
}

result<message_pointer> kept_message(const messages::workspace_catalog& of,
                                     std::string_view key) {
  const auto* entry = messages::find_template(of, key);
  if (entry == nullptr || !entry->compiled)
    return no_such("template");
  return message_pointer{entry->compiled, &entry->compiled->message};
}

/// `template`: the parts, or the key of one that is kept.
result<message_pointer> read_message(const json::object& from,
                                     const messages::workspace_catalog& of) {
  const auto* written = from.if_contains("template");
  if (written == nullptr)
    return invalid("field_required", "give `template`: its parts, or a key",
                   "/template");
  if (written->is_string())
    return kept_message(of, std::string_view{written->get_string()});
  if (!written->is_object())
    return invalid("field_type_mismatch",
                   "`template` is an object of parts, or a key", "/template");
  const auto& parts = written->get_object();
  if (auto good = check_members(parts, {"subject", "html", "text", "body"});
      !good) {
    auto why = good.failure();
    why.pointer = "/template" + why.pointer;
    return why;
  }
  auto made = engine::message_template::compile(parts, "/template");
  if (!made)
    return made.failure();
  return std::make_shared<const engine::message_template>(std::move(*made));
}

result<json::object> read_data(const json::object& from) {
  const auto* written = from.if_contains("data");
  if (written == nullptr)
    return json::object{};
  if (!written->is_object())
    return invalid("field_type_mismatch", "`data` is {event?, contact?, vars?}",
                   "/data");
  const auto& data = written->get_object();
  for (const auto& each : data) {
    const std::string name{each.key()};
    if (name != "event" && name != "contact" && name != "vars")
      return invalid("field_unknown", "known are `event`, `contact` and `vars`",
                     "/data/" + name);
    if (!each.value().is_object())
      return invalid("field_type_mismatch", "this is an object",
                     "/data/" + name);
  }
  return data;
}

result<preview> read_preview(const request& what,
                             const messages::workspace_catalog& of) {
  auto from = read_object(what);
  if (!from)
    return from.failure();
  if (auto good = check_members(*from, {"template", "data", "contact"}); !good)
    return good.failure();
  preview made;
  auto message = read_message(*from, of);
  if (!message)
    return message.failure();
  made.message = std::move(*message);
  auto data = read_data(*from);
  if (!data)
    return data.failure();
  made.data = std::move(*data);
  auto contact = text_of(*from, "contact", 1024);
  if (!contact)
    return contact.failure();
  made.contact = std::move(*contact);
  if (!made.contact.empty() && made.data.contains("contact"))
    return invalid("field_unknown", "give either `contact` or `data.contact`",
                   "/data/contact");
  return made;
}

result<json::object> rendered(const preview& asked) {
  const engine::template_scope seen{of_data(asked.data, "event"),
                                    of_data(asked.data, "contact"), nullptr,
                                    of_data(asked.data, "vars")};
  auto shown = asked.message->render(seen.data());
  if (!shown)
    return shown.failure();
  json::array warnings;
  for (const auto& path : shown->unresolved)
    warnings.push_back({{"code", "template_path"},
                        {"path", path},
                        {"message", "this led nowhere; nothing is shown"}});
  shown->parts["warnings"] = std::move(warnings);
  return std::move(shown->parts);
}

/// Answers once the stored contact is in the data.
void preview_with_contact(const api_context& with, visit now, preview asked) {
  messages::timeline_search what;
  what.limit = 0;
  auto reference = read_reference(asked.contact, now.who.workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  what.contact = std::move(*reference);
  auto slot = slot_for<messages::contact_shown>(
    [definitions
     = with.catalog->get()->workspaces.at(now.who.workspace).definitions,
     answer = pending_answer{std::move(now)},
     asked = std::move(asked)](const messages::contact_shown& found) {
      if (found.failure)
        return answer.refuse(*found.failure);
      auto whole = asked;
      whole.data["contact"]
        = engine::contact_document(found.state, definitions.get());
      auto shown = rendered(whole);
      if (!shown)
        return answer.refuse(shown.failure());
      answer.respond(json_response(std::move(*shown)));
    });
  caf::anon_send(with.gateway, atom::show_atom::value, std::move(what),
                 std::move(slot));
}

} // namespace

void preview_template(const api_context& with, visit now) {
  const auto known = with.catalog->get();
  auto asked = read_preview(now.what, known->workspaces.at(now.who.workspace));
  if (!asked)
    return now.refuse(asked.failure());
  if (!asked->contact.empty())
    return preview_with_contact(with, std::move(now), std::move(*asked));
  auto shown = rendered(*asked);
  if (!shown)
    return now.refuse(shown.failure());
  now.respond(json_response(std::move(*shown)));
}

} // namespace troupe::http
