#include "http/resources/feed_stream.hpp"

#include <caf/send.hpp>

namespace troupe::http {

feed_stream::feed_stream(const api_context& with, const caller& who,
                         std::size_t room_bytes)
  : stream_{std::make_shared<body_stream>(room_bytes,
                                          [feed = with.feed] {
                                            caf::anon_send(
                                              feed, atom::pull_atom::value);
                                          })},
    key_{who.key},
    catalog_{with.catalog} {}

feed_stream::~feed_stream() {
  stream_->end();
}

bool feed_stream::write(std::string_view text) {
  // A key that was revoked meanwhile sees no more.
  const auto known = catalog_->get();
  const auto* key = messages::key_numbered(*known, key_);
  return key != nullptr && !key->revoked && stream_->write(text);
}

bool feed_stream::has_room() const {
  return stream_->has_room();
}

void feed_stream::end() {
  stream_->end();
}

std::shared_ptr<body_stream> feed_stream::taker() const {
  return taker_of(stream_);
}

void answer_with_feed(const api_context& with, visit now,
                      messages::event_follower follower,
                      std::shared_ptr<body_stream> taker,
                      std::string_view content_type,
                      std::function<void()> begun) {
  auto slot = slot_for<messages::followed>(
    [answer = pending_answer{std::move(now)}, taker = std::move(taker),
     content_type,
     begun = std::move(begun)](const messages::followed& done) mutable {
      if (done.failure)
        return answer.refuse(*done.failure);
      begun();
      response streamed;
      streamed.content_type = content_type;
      streamed.headers
        = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
      streamed.stream = std::move(taker);
      answer.respond(std::move(streamed));
    });
  caf::anon_send(with.feed, atom::follow_atom::value, std::move(follower),
                 std::move(slot));
}

} // namespace troupe::http
