// What the system tests share: one server for all cases of a program that do
// not end it, fresh names so that cases do not meet, and waits for facts.
#pragma once

#include "tests/support/troupe_server.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace troupe::test {

/// Started at the first use; cases that stop or kill start their own.
troupe_server& shared_server();

/// A client of the shared server with the first key.
class with_server {
protected:
  api_client api = shared_server().client();
};

/// `prefix` and a number that no other call gets.
std::string fresh(std::string_view prefix);

/// `{"external_id": "<id>"}`
std::string by_external_id(std::string_view id);

/// `{"email": "<address>"}`
std::string by_email(std::string_view address);

/// Asks until it holds; false when it does not after `patience`.
bool eventually(const std::function<bool()>& holds,
                std::chrono::seconds patience = std::chrono::seconds{20});

/// The event as `GET /v1/events/{id}` shows it.
api_answer event_of(api_client& api, const api_answer& emitted);

/// `GET /v1/contacts/external_id:<id><rest>`
api_answer contact_of(api_client& api, std::string_view external_id,
                      std::string_view rest = "");

/// A sequence with these nodes and the exit `x`, started each time by an event;
/// the first node is `s`.
std::string sequence_on(const std::string& key, const std::string& trigger,
                        const std::string& nodes, const std::string& more = "");

/// Publishes the sequence; fails the test when it is refused.
void publish(api_client& api, const std::string& definition);

/// Subscribes the URL to one event name; returns the answer.
api_answer subscribe(api_client& api, const std::string& url,
                     std::string_view event);

} // namespace troupe::test
