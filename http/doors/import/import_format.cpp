#include "http/doors/import/import_format.hpp"

#include "http/doors/amplitude/amplitude_event.hpp"
#include "http/doors/customerio/item.hpp"
#include "http/doors/import/import_line.hpp"
#include "http/doors/posthog/capture.hpp"
#include "http/doors/segment/segment_door.hpp"

#include <algorithm>
#include <array>

namespace troupe::http {

namespace {

engine::result<messages::ingest> read_call_line(const api_context& with,
                                                std::string_view text,
                                                const event_setting& as) {
  call_setting setting;
  setting.received_at = as.received_at;
  setting.is_history = as.is_history;
  setting.is_of_file = true;
  auto command = read_call(with, as.workspace, text, std::nullopt,
                           segment::rules, setting);
  if (!command)
    return command.failure();
  return std::move(**command);
}

engine::result<messages::ingest> read_capture_line(const api_context& with,
                                                   std::string_view text,
                                                   const event_setting& as) {
  return posthog::read_capture(with, text, as, std::nullopt);
}

constexpr std::array formats{
  import_format{"native", read_import_line, "/type", "/metadata"},
  import_format{"segment", read_call_line, "/event", "/properties"},
  import_format{"posthog", read_capture_line, "/event", "/properties"},
  import_format{"amplitude", amplitude::read_amplitude_event, "/event_type",
                "/event_properties"},
  import_format{"customerio", customerio::read_entity, "/name", "/attributes"}};

} // namespace

const import_format& native_format() {
  return formats.front();
}

const import_format* find_import_format(std::string_view name) {
  const auto* found = std::find_if(formats.begin(), formats.end(),
                                   [name](const import_format& each) {
                                     return each.name == name;
                                   });
  return found == formats.end() ? nullptr : found;
}

} // namespace troupe::http
