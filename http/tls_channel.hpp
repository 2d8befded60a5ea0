// TLS over one socket that never waits: each call does what can be done now
// and says what must happen before the next.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace troupe::http {

class tls_channel {
public:
  enum class outcome { done, wants_read, wants_write, ended, failed };

  struct progress {
    outcome what = outcome::done;
    std::size_t count = 0; // bytes read or written
  };

  /// @param descriptor a socket that does not block; stays the caller's
  tls_channel(std::shared_ptr<ssl_ctx_st> settings, int descriptor);

  progress handshake();
  progress read(std::span<char> room);
  /// After `wants_write`, the next call must begin with the same bytes.
  progress write(std::string_view bytes);
  /// Tells the peer that nothing follows, if that can be said at once.
  void say_goodbye();

private:
  progress conclude(int returned, std::size_t count);

  std::shared_ptr<ssl_ctx_st> settings_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
  bool has_failed_ = false; // nothing may be sent any more
};

} // namespace troupe::http
