// The events that a request brings and that are not taken, while the request
// is: they go into the workspace's list.
#pragma once

#include "http/visit.hpp"
#include "messages/rejected.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::http {

class rejections {
public:
  /// @param counts may be null
  rejections(const visit& now, engine::timestamp at,
             std::shared_ptr<rejection_counts> counts);

  /// @param body of the event
  void add(const engine::error& why, std::string_view body);

  [[nodiscard]] bool empty() const {
    return kept_.rows.empty();
  }

  /// Keeps them; `then` gets the failure, if it fails. Not at once when there
  /// are any.
  void keep(const messages::gateway_actor& gateway,
            std::function<void(std::optional<engine::error>)> then);

private:
  engine::rejected_event of_request_;
  std::shared_ptr<rejection_counts> counts_;
  messages::rejected_events kept_;
};

/// One event of a request, as it was read.
struct read_item {
  std::string_view text; // of the body
  engine::result<messages::ingest_parcel> command;
};

/// What a reader made, on its way.
engine::result<messages::ingest_parcel>
in_parcel(engine::result<messages::ingest> command);

/// Of the events that were taken: their places in the request, and receipts.
using taken_events
  = std::vector<std::pair<std::size_t, const messages::receipt*>>;
using accepted_answer = std::function<response(const taken_events&)>;

/// Takes the good events of a request and lists the others as rejected; answers
/// when all of it is durable. Only when it may be tried again is the request
/// refused: its events have ids.
/// @param body what the items are parts of
/// @param place "/batch/" and the like: pointers get it and the item's number;
/// empty: the body is the item
void take_or_reject(const api_context& with, visit now,
                    std::shared_ptr<const std::string> body,
                    std::vector<read_item> items, std::string place,
                    accepted_answer accepted);

} // namespace troupe::http
