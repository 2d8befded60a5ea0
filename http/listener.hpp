// Accepts connections and deals them out to the io threads in turn. Lives on
// the first io thread.
#pragma once

#include "engine/error.hpp"
#include "http/connection_ledger.hpp"
#include "http/counters.hpp"
#include "http/io_worker.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::http {

class listener {
public:
  /// The references outlive the listener; `workers` is not empty.
  listener(std::vector<std::unique_ptr<io_worker>>& workers,
           connection_ledger& ledger, http_counters& counters);

  /// Binds and listens. @returns invalid_request `listen_address_invalid`, or
  /// conflict `listen_failed`
  engine::status open(const std::string& host, std::uint16_t port);
  /// @pre open() succeeded and no worker runs yet, or on the first io thread
  void accept();
  /// On the first io thread.
  void close();

  [[nodiscard]] boost::asio::ip::tcp::endpoint bound() const;

private:
  void accepted(boost::asio::ip::tcp::socket socket);
  void pause();

  std::vector<std::unique_ptr<io_worker>>& workers_;
  connection_ledger& ledger_;
  http_counters& counters_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint peer_;
  boost::asio::steady_timer pause_;
  std::size_t next_ = 0;
};

} // namespace troupe::http
