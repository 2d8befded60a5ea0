#include "http/connection.hpp"

namespace troupe::http {

void connection::end_sending() {
  if (tls_)
    tls_->say_goodbye();
  tls_.reset();
  error_code ignored;
  socket_.shutdown(tcp_socket::shutdown_send, ignored);
}

void connection::close() {
  if (tls_)
    tls_->say_goodbye();
  error_code ignored;
  socket_.close(ignored);
}

} // namespace troupe::http
