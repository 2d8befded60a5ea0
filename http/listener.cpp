#include "http/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace troupe::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// IPv4 in IPv6 is the same client as plain IPv4.
address_text text_of(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return address_text{
      asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6())
        .to_string()};
  return address_text{address.to_string()};
}

} // namespace

listener::listener(std::vector<std::unique_ptr<io_worker>>& workers,
                   connection_ledger& ledger, http_counters& counters)
  : workers_{workers},
    ledger_{ledger},
    counters_{counters},
    acceptor_{workers.front()->context()},
    pause_{workers.front()->context()} {}

engine::status listener::open(const std::string& host, std::uint16_t port) {
  error_code failed;
  const auto address
    = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, failed);
  if (failed)
    return engine::invalid("listen_address_invalid",
                           "\"" + host + "\" is not an address to listen on.");
  const tcp::endpoint endpoint{address, port};
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed)
    acceptor_.set_option(tcp::acceptor::reuse_address{true}, failed);
  if (!failed)
    acceptor_.bind(endpoint, failed);
  if (!failed)
    acceptor_.listen(tcp::acceptor::max_listen_connections, failed);
  if (failed)
    return engine::error{engine::errc::conflict,
                         "listen_failed",
                         "Cannot listen on " + host + " port "
                           + std::to_string(port) + ": " + failed.message(),
                         {}};
  return engine::success();
}

tcp::endpoint listener::bound() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored);
}

void listener::accept() {
  auto& worker = *workers_[next_];
  acceptor_.async_accept(worker.context(), peer_,
                         [this](const error_code& failed, tcp::socket socket) {
                           if (!acceptor_.is_open())
                             return;
                           // Mostly no descriptors: clients wait in the backlog
                           // until some are free.
                           if (failed
                               && failed != asio::error::connection_aborted) {
                             pause();
                             return;
                           }
                           if (!failed)
                             accepted(std::move(socket));
                           accept();
                         });
}

void listener::accepted(tcp::socket socket) {
  const auto client = text_of(peer_.address());
  raise(counters_.accepted);
  auto& worker = *workers_[next_];
  next_ = (next_ + 1) % workers_.size();
  const auto entry = ledger_.enter(client);
  if (entry != connection_ledger::verdict::admitted)
    raise(counters_.refused_connections);
  if (entry == connection_ledger::verdict::dropped)
    return; // the socket closes here
  if (&worker == workers_.front().get()) {
    worker.adopt(std::move(socket), client, entry);
    return;
  }
  asio::post(worker.context(),
             [&worker, socket = std::move(socket), client, entry]() mutable {
               worker.adopt(std::move(socket), client, entry);
             });
}

void listener::pause() {
  raise(counters_.accept_pauses);
  pause_.expires_after(std::chrono::milliseconds{100});
  pause_.async_wait([this](const error_code& failed) {
    if (!failed && acceptor_.is_open())
      accept();
  });
}

void listener::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

} // namespace troupe::http
