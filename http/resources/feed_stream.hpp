// The way of events from the feed to one client: an answer that is written
// while it is sent, for as long as the client's key is good.
#pragma once

#include "http/body_stream.hpp"
#include "http/visit.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace troupe::http {

/// Ends with its owner: then the client asks again.
class feed_stream {
public:
  /// @param room_bytes what a page of events may still be added to
  feed_stream(const api_context& with, const caller& who,
              std::size_t room_bytes);
  feed_stream(const feed_stream&) = delete;
  feed_stream& operator=(const feed_stream&) = delete;
  ~feed_stream();

  /// @returns false when nobody takes it any more, or may not
  bool write(std::string_view text);
  [[nodiscard]] bool has_room() const;
  void end();
  /// The session's side of it.
  [[nodiscard]] std::shared_ptr<body_stream> taker() const;

private:
  const std::shared_ptr<body_stream> stream_;
  const std::uint32_t key_;
  const std::shared_ptr<const messages::published_catalog> catalog_;
};

/// Has the feed tell the follower, and answers with the stream when it does.
/// @param content_type a literal
/// @param begun called then, before the answer
void answer_with_feed(const api_context& with, visit now,
                      messages::event_follower follower,
                      std::shared_ptr<body_stream> taker,
                      std::string_view content_type,
                      std::function<void()> begun);

} // namespace troupe::http
