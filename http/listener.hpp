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
  /// @param tls of the connections; nothing for plain ones
  listener(std::vector<std::unique_ptr<io_worker>>& workers,
           connection_ledger& ledger, http_counters& counters,
           const server_options& options, const tls_settings* tls);

  /// Binds and listens. @returns invalid_request `listen_address_invalid`, or
  /// conflict `listen_failed`
  engine::status open(const listen_address& at);
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
  const server_options& options_;
  const tls_settings* tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp::endpoint peer_;
  boost::asio::steady_timer pause_;
  std::size_t next_ = 0;
};

} // namespace troupe::http
