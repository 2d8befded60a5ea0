// One connection: reads a request under strict rules, hands it over, writes
// its answer, goes on with what has come meanwhile. One request at a time, so
// answers are in order and the buffer bounds what is sent ahead (H2).
// Lives on one io thread; all members are called there.
#pragma once

#include "http/chunked_body.hpp"
#include "http/completions.hpp"
#include "http/connection.hpp"
#include "http/counters.hpp"
#include "http/options.hpp"
#include "http/read_buffer.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "http/strict_request.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace troupe::http {

/// What a session needs of its io thread.
class session_host {
public:
  virtual ~session_host() = default;

  [[nodiscard]] virtual const server_options& options() const = 0;
  [[nodiscard]] virtual http_counters& counters() = 0;
  [[nodiscard]] virtual std::string_view date() const = 0;
  [[nodiscard]] virtual bool is_draining() const = 0;
  virtual request_id next_id() = 0;
  virtual std::uint64_t next_serial() = 0;
  /// One head at a time is parsed on a thread: sessions share the room for it.
  virtual request_head& scratch_head() = 0;
  /// The refusal of a head, if it is refused.
  virtual std::optional<response> check(request& asked) = 0;
  /// Calls the handler; returns its answer if it came at once.
  virtual std::optional<completion> hand_over(request asked,
                                              request_ticket ticket)
    = 0;
  /// The session has closed; its slot may be used again.
  virtual void release(std::uint32_t slot) = 0;
};

struct session_peer {
  address_text address;
  bool is_proxy = false; // one whose X-Forwarded-For is believed
};

class session : public std::enable_shared_from_this<session> {
public:
  using clock = std::chrono::steady_clock;

  session(connection over, session_host& host, std::uint32_t slot,
          const session_peer& peer);

  /// Begins to serve.
  void start();
  /// Says 503 and closes: the connection is over a limit.
  void turn_away();
  /// Answers the request under way; an answer to another one is late.
  void deliver(completion& done);
  /// Ends what is overdue.
  void on_tick(clock::time_point now);
  /// Closes if nothing is under way; else the next answer is the last.
  void drain();
  void close();

  [[nodiscard]] const address_text& client() const {
    return peer_.address;
  }

private:
  enum class phase : std::uint8_t {
    greeting, // TLS
    idle,
    head,
    body,
    handling,
    streaming,
    closing,
  };

  void process();
  bool step();
  bool continue_head();
  bool take_head(std::string_view head_bytes, const request_head& head);
  bool begin_body(const request_head& head);
  bool continue_body();
  bool hand_over();
  bool refuse(refusal reason);
  void finish_with(const engine::error& reason);
  void finish(const response& answer);
  void finish(completion& done);
  void begin_stream(const std::shared_ptr<body_stream>& body);
  bool take_stream();
  void end_stream();
  void note_check();
  void report(std::uint16_t status);
  void overdue();

  void greet();
  void on_greeted(bool is_done);
  void read();
  void on_read(const boost::system::error_code& failed, std::size_t count);
  void flush();
  void wait_writable();
  void linger();

  connection connection_;
  session_host& host_;
  const std::uint32_t slot_;
  const session_peer peer_;

  phase phase_ = phase::idle;
  bool is_reading_ = false;
  bool is_writing_ = false; // waiting until the peer takes more
  bool is_lingering_ = false;
  bool skipped_line_ = false;
  clock::time_point now_; // of the event that is being dealt with
  clock::time_point deadline_;
  clock::time_point write_deadline_;
  clock::time_point body_started_;

  read_buffer in_;
  head_scanner scanner_;
  request request_;
  exchange about_;
  answered noted_; // what an operator may see of it
  std::optional<chunked_body> chunked_;
  std::uint64_t body_left_ = 0;
  std::uint64_t body_received_ = 0;
  std::size_t discarded_ = 0;
  std::uint64_t serial_ = 0;
  // Of an answer that the session itself gives.
  header_fields with_answer_;
  const dialect* speaks_ = nullptr;

  std::string out_;
  std::string_view out_behind_; // static; is written when out_ is
  std::size_t written_ = 0;
  std::shared_ptr<body_stream> stream_; // of the answer under way
};

} // namespace troupe::http
