#include "http/listener.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace troupe::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

listener::listener(std::vector<std::unique_ptr<io_worker>>& workers,
                   connection_ledger& ledger, http_counters& counters,
                   const server_options& options, const tls_settings* tls)
  : workers_{workers},
    ledger_{ledger},
    counters_{counters},
    options_{options},
    tls_{tls},
    acceptor_{workers.front()->context()},
    pause_{workers.front()->context()} {}

engine::status listener::open(const listen_address& at) {
  const auto& host = at.host;
  error_code failed;
  const auto address
    = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, failed);
  if (failed)
    return engine::invalid("listen_address_invalid",
                           "\"" + host + "\" is not an address to listen on.");
  const tcp::endpoint endpoint{address, at.port};
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
                           + std::to_string(at.port) + ": " + failed.message(),
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
  arrival who{std::move(socket),
              nullptr,
              text_of(peer_.address()),
              {},
              options_.proxies.contains(peer_.address())};
  raise(counters_.accepted);
  auto& worker = *workers_[next_];
  next_ = (next_ + 1) % workers_.size();
  const auto is_own
    = peer_.address().is_loopback() && !options_.bounds_loopback;
  who.entry = ledger_.enter(who.client, who.is_proxy || is_own);
  if (who.entry != connection_ledger::verdict::admitted)
    raise(counters_.refused_connections);
  if (who.entry == connection_ledger::verdict::dropped)
    return; // the socket closes here
  if (tls_ != nullptr)
    who.secure = tls_->current();
  if (&worker == workers_.front().get()) {
    worker.adopt(std::move(who));
    return;
  }
  asio::post(worker.context(), [&worker, who = std::move(who)]() mutable {
    worker.adopt(std::move(who));
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
