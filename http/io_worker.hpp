// One io thread: its io_context, its sessions, its one coarse tick for all
// deadlines, and the way back for answers.
#pragma once

#include "http/completions.hpp"
#include "http/connection_ledger.hpp"
#include "http/counters.hpp"
#include "http/options.hpp"
#include "http/session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace troupe::http {

/// An accepted connection on its way to its io thread.
struct arrival {
  boost::asio::ip::tcp::socket socket;
  std::shared_ptr<ssl_ctx_st> secure; // nothing for a plain connection
  address_text client;
  connection_ledger::verdict entry = connection_ledger::verdict::admitted;
  bool is_proxy = false; // one whose X-Forwarded-For is believed
};

class io_worker final : public session_host {
public:
  /// The references outlive the worker. `drained` is called on its thread when
  /// drain() was asked for and the last session has closed.
  io_worker(const server_options& options, const handler& handle,
            http_counters& counters, connection_ledger& ledger,
            std::function<void()> drained);
  ~io_worker() override;
  io_worker(const io_worker&) = delete;
  io_worker& operator=(const io_worker&) = delete;

  boost::asio::io_context& context() {
    return context_;
  }

  /// Starts the thread.
  void start();
  /// Takes a connection that the ledger let in. On the worker's thread.
  void adopt(arrival who);
  /// Lets running requests finish. Any thread.
  void drain();
  /// Ends the thread, then every connection. Not on the worker's own thread.
  void stop();

  [[nodiscard]] const server_options& options() const override {
    return options_;
  }

  [[nodiscard]] http_counters& counters() override {
    return counters_;
  }

  [[nodiscard]] std::string_view date() const override {
    return date_.view();
  }

  [[nodiscard]] bool is_draining() const override {
    return is_draining_;
  }

  request_head& scratch_head() override {
    return scratch_head_;
  }

  request_id next_id() override;
  std::uint64_t next_serial() override;
  std::optional<response> check(request& asked) override;
  std::optional<completion> hand_over(request asked,
                                      request_ticket ticket) override;
  void release(std::uint32_t slot) override;

private:
  struct seat {
    std::shared_ptr<session> taken_by;
    connection_ledger::verdict entry = connection_ledger::verdict::admitted;
  };

  void run();
  void wait_tick();
  void on_tick();
  void deliver(completion& done);
  void report_drained();
  void end_burst();

  boost::asio::io_context context_{1}; // destroyed last: sockets live in it
  boost::asio::steady_timer timer_;
  const server_options& options_;
  const handler& handle_;
  http_counters& counters_;
  connection_ledger& ledger_;
  std::function<void()> drained_;
  std::shared_ptr<completions> completions_;
  std::vector<seat> seats_;
  std::vector<std::uint32_t> free_seats_;
  std::uint64_t last_serial_ = 0;
  std::uint64_t last_id_ = 0;
  std::string id_prefix_;
  request_head scratch_head_;
  date_line date_;
  bool is_draining_ = false;
  bool has_reported_ = false;
  bool in_burst_ = false; // end_burst() is on its way
  std::thread thread_;
};

} // namespace troupe::http
