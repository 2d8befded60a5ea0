// One request on its way through the API: what was asked, by whom, and where
// the answer goes. And the row that says which function serves it.
#pragma once

#include "engine/error.hpp"
#include "engine/ids.hpp"
#include "http/caller.hpp"
#include "http/cursor.hpp"
#include "http/dialect.hpp"
#include "http/request.hpp"
#include "http/responder.hpp"
#include "http/response.hpp"
#include "http/routes.hpp"
#include "messages/catalog.hpp"
#include "messages/commands.hpp"
#include "messages/contacts.hpp"
#include "messages/deliveries.hpp"
#include "messages/feed.hpp"
#include "messages/protocol.hpp"

#include <boost/json/value.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

class admission;
class certificate_signer;
class rejection_counts;
class tracking_codec;

using log_fields = std::vector<std::pair<std::string_view, std::string>>;
using log_sink
  = std::function<void(std::string_view message, const log_fields& about)>;

enum class store_health {
  good,
  failing, // it could not write what it was last given; it may be read
  away,    // nothing can be written or read
};

/// What resources need of the rest of Troupe.
struct api_context {
  messages::gateway_actor gateway;
  messages::feed_actor feed;
  std::shared_ptr<const messages::published_catalog> catalog;
  std::shared_ptr<const engine::id_text> ids;
  std::shared_ptr<const cursor_codec> cursors;
  std::shared_ptr<const tracking_codec> links;
  std::shared_ptr<const certificate_signer> certificates;
  std::shared_ptr<admission> gate;
  std::shared_ptr<rejection_counts> rejected;
  std::function<engine::timestamp()> clock;
  /// False while the server drains: `/readyz` says 503.
  std::shared_ptr<const std::atomic<bool>> ready;
  std::function<store_health()> store;
  /// The page for Prometheus.
  std::function<std::string()> metrics;
  /// Notes what an operator should see. Never gets keys or what events say.
  log_sink warn;

  /// "ws_…", or empty
  [[nodiscard]] std::string tenant_of(engine::workspace_id workspace) const;
  /// Of an event type, by any of its names.
  [[nodiscard]] std::vector<std::string>
  names_of(engine::workspace_id workspace, const std::string& type) const;
  /// The time of what happens in it: a test workspace has its own.
  [[nodiscard]] engine::timestamp now_in(engine::workspace_id workspace) const;
};

struct visit {
  request what;
  responder answer;
  caller who;
  std::string path;
  route_match route; // views into what was asked

  void respond(response with);
  /// @param more header fields beside those of a problem
  void refuse(const engine::error& why, header_fields more = {});
};

enum class body_rule : std::uint8_t {
  json, // a body must be called JSON, and come uncompressed
  any,  // the function that serves it looks itself
};

struct api_route {
  std::string_view method;
  std::string_view pattern;
  std::optional<messages::scope> needed; // absent: no key needed
  void (*serve)(const api_context& with, visit now) = nullptr;
  /// What is checked before the body is read.
  body_rule body = body_rule::json;
  std::size_t body_max = 512 * 1024;
  /// Which door's rules hold, as far as the head says; absent: the native
  /// door's. A path of such a route may end in "/" and is open to browsers.
  const dialect* (*spoken)(const request& head) = nullptr;
};

/// The problem of a request in the words of its door, with more header fields
/// beside its own.
/// @param retry_after when the error alone does not say it
response problem_of(const engine::error& why, const request_id& id,
                    std::string_view path, header_fields more = {},
                    std::optional<std::chrono::milliseconds> retry_after = {},
                    const dialect* speaks = nullptr);

/// Lets in a request whose key came with its body, or answers it.
/// @returns whether it was let in
bool let_in(const api_context& with, visit& now, credentials given,
            messages::scope needed);

/// Where an answer goes when the question is with actors: their callbacks are
/// copied, a responder only moves.
class pending_answer {
public:
  explicit pending_answer(visit from);

  void respond(response with) const;
  void refuse(const engine::error& why) const;
  /// @pre done.failure
  void refuse(const messages::definition_changed& done) const;

private:
  struct parts {
    responder answer;
    request_id id;
    std::string path;
    header_fields with_answer;
    const dialect* speaks;
  };

  std::shared_ptr<parts> parts_;
};

template <class T>
messages::reply_slot<T> slot_for(std::function<void(T)> complete) {
  return {std::make_shared<std::function<void(T)>>(std::move(complete))};
}

response json_response(const boost::json::value& body,
                       std::uint16_t status = 200);

/// "<what>_not_found"
engine::error no_such(std::string_view what);

/// One Content-Type: application/json, with or without charset=utf-8; nothing
/// compressed (H7, H8).
/// @returns `unsupported_content_encoding`, `unsupported_media_type`
engine::status check_content(const request& what);

} // namespace troupe::http
