// The body of an answer that is made while it is sent. Its maker writes from
// any thread, and asks for room before: what was written and not yet taken is
// kept whole. The session takes it on its io thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace troupe::http {

class body_stream {
public:
  /// @param on_room called on the session's thread when all was taken
  body_stream(std::size_t room, std::function<void()> on_room)
    : room_{room}, on_room_{std::move(on_room)} {}

  /// @returns false when nobody takes it any more: the maker may stop
  bool write(std::string_view piece);
  [[nodiscard]] bool has_room() const;
  /// What was written is all.
  void end();

  /// @param wake called when there is something to take, on any thread, with
  /// a lock held: it must not wait and not call back
  void open(std::function<void()> wake);
  /// At most so many bytes; empty when there is nothing now.
  std::string take(std::size_t bytes_max);
  /// All was written, and taken.
  [[nodiscard]] bool is_over() const;
  void close();

private:
  void wake();

  const std::size_t room_;
  const std::function<void()> on_room_;
  mutable std::mutex mutex_; // guards what follows
  std::string waiting_;
  std::function<void()> wake_;
  bool is_woken_ = false;
  bool is_ended_ = false;
  bool is_closed_ = false;
};

/// The taker's side: when its last copy goes, the maker hears that nobody takes
/// any more.
std::shared_ptr<body_stream>
taker_of(const std::shared_ptr<body_stream>& stream);

} // namespace troupe::http
