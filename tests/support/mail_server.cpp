#include "tests/support/mail_server.hpp"

#include <boost/json/parse.hpp>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace troupe::test {

mail_server::mail_server(const std::string& security)
  // Debian's own, which sees the package.
  : running_{{"/usr/bin/python3",
              TROUPE_SOURCE_DIRECTORY "/tests/support/mail_server.py",
              *identity_.ca_file, *identity_.key_file, security},
             directory_.path() + "/errors"} {
  const auto said = next();
  if (!said.is_object())
    throw std::runtime_error{
      "the mail server did not start; is python3-aiosmtpd installed?"};
  port_ = static_cast<std::uint16_t>(said.at("port").as_int64());
}

std::string mail_server::certificate() const {
  std::ifstream file{*identity_.ca_file};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

boost::json::value mail_server::next(std::chrono::seconds within) {
  const auto line = running_.read_line(within);
  return line ? boost::json::parse(*line) : boost::json::value{};
}

} // namespace troupe::test
