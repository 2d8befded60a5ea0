#include "tests/support/api_client.hpp"

#include "tests/support/api_contract.hpp"

#include <boost/json/parse.hpp>

#include <cctype>

namespace troupe::test {

namespace json = boost::json;

const json::value& api_answer::at(std::string_view pointer) const {
  static const json::value none;
  json::error_code failure;
  const auto* found
    = json.find_pointer({pointer.data(), pointer.size()}, failure);
  return found == nullptr ? none : *found;
}

std::string api_answer::text(std::string_view pointer) const {
  const auto& value = at(pointer);
  return value.is_string() ? std::string{value.get_string()} : std::string{};
}

std::int64_t api_answer::number(std::string_view pointer) const {
  const auto& value = at(pointer);
  return value.is_int64() ? value.get_int64() : -1;
}

bool api_answer::has(std::string_view pointer) const {
  json::error_code failure;
  return json.find_pointer({pointer.data(), pointer.size()}, failure)
         != nullptr;
}

std::string api_answer::code() const {
  return text("/error/code");
}

std::string api_answer::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string{} : found->second;
}

api_answer api_client::get(std::string_view target,
                           const header_list& headers) {
  return send("GET", target, {}, headers);
}

api_answer api_client::post(std::string_view target, std::string_view body,
                            const header_list& headers) {
  auto all = headers;
  all.emplace_back("Content-Type", "application/json");
  return send("POST", target, body, all);
}

api_answer api_client::emit(std::string_view body, const std::string& key) {
  header_list headers;
  if (!key.empty())
    headers.emplace_back("Idempotency-Key", key);
  return post("/v1/events", body, headers);
}

api_answer api_client::send(std::string_view method, std::string_view target,
                            std::string_view body, const header_list& headers) {
  std::string request{method};
  request.append(" ").append(target).append(" HTTP/1.1\r\nHost: troupe\r\n");
  if (!key_.empty())
    request += "Authorization: Bearer " + key_ + "\r\n";
  for (const auto& [name, value] : headers)
    request += name + ": " + value + "\r\n";
  if (method != "GET")
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  request.append("\r\n").append(body);
  // A connection that was idle may be closed by now; that is seen before the
  // request goes out, because a request is never sent twice.
  if (connection_ && connection_->is_readable(std::chrono::milliseconds{0}))
    connection_.reset();
  try {
    if (!connection_)
      connection_ = std::make_unique<support::raw_client>(port_);
  } catch (const std::runtime_error&) {
    return {};
  }
  auto got = connection_->ask(request);
  if (got.status == 0) {
    connection_.reset();
    return {};
  }
  api_answer answer{got.status, std::move(got.headers), std::move(got.body),
                    nullptr};
  if (answer.header("connection") == "close")
    connection_.reset();
  json::error_code failure;
  json::parse_options deep;
  deep.max_depth = 64;
  auto parsed = json::parse(answer.body, failure, {}, deep);
  if (!failure)
    answer.json = std::move(parsed);
  const auto wrong
    = contradiction({method, target, answer.status,
                     answer.header("content-type"), answer.body});
  if (!wrong.empty())
    throw std::runtime_error("not as /openapi.json says: " + std::string{method}
                             + " " + std::string{target} + " "
                             + std::to_string(answer.status) + ": " + wrong
                             + "\n" + answer.body);
  return answer;
}

std::string event_body(std::string_view type, std::string_view contact,
                       std::string_view metadata) {
  std::string body{"{\"type\":\""};
  body.append(type).append("\",\"contact\":").append(contact);
  body.append(",\"metadata\":").append(metadata).append("}");
  return body;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits{"0123456789ABCDEF"};
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_'
        || c == '~') {
      out += c;
      continue;
    }
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

} // namespace troupe::test
