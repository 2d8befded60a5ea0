#include "outbound/exchange.hpp"

#include "outbound/headers.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <ctime>
#include <utility>

namespace troupe::outbound {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos)
    return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

} // namespace

exchange::exchange(const transport_options& options)
  : options_{options}, handle_{curl_easy_init()} {
  if (handle_ != nullptr)
    set_once();
}

exchange::~exchange() {
  curl_easy_cleanup(handle_);
}

exchange* exchange::of(CURL* handle) noexcept {
  char* self = nullptr;
  curl_easy_getinfo(handle, CURLINFO_PRIVATE, &self);
  return static_cast<exchange*>(static_cast<void*>(self));
}

void exchange::set_once() {
  void* self = this;
  set(CURLOPT_PRIVATE, self);
  set(CURLOPT_NOSIGNAL, 1L);
  // A name server that hangs must not hold up the thread at the deadline.
  set(CURLOPT_QUICK_EXIT, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_PROXY, ""); // set, so that the environment's is not used
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  // curl keeps parsed certificates between connections only without a CAPATH.
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  if (!options_.ca_file.empty())
    set(CURLOPT_CAINFO, options_.ca_file.c_str());
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_OPENSOCKETFUNCTION, &exchange::on_open_socket);
  set(CURLOPT_OPENSOCKETDATA, self);
  set(CURLOPT_PREREQFUNCTION, &exchange::on_ready);
  set(CURLOPT_PREREQDATA, self);
  set(CURLOPT_HEADERFUNCTION, &exchange::on_header);
  set(CURLOPT_HEADERDATA, self);
  set(CURLOPT_WRITEFUNCTION, &exchange::on_body);
  set(CURLOPT_WRITEDATA, self);
}

bool exchange::begin(http_call call, transport::completion done) {
  call_ = std::move(call);
  done_ = std::move(done);
  outcome_ = {};
  header_bytes_ = 0;
  address_denied_ = headers_overflowed_ = body_overflowed_ = false;
  socket_opened_ = connected_ = head_complete_ = false;
  if (handle_ == nullptr)
    return false;
  set(CURLOPT_URL, call_.url.c_str());
  // curl reads 0 as "no deadline".
  set(CURLOPT_TIMEOUT_MS,
      std::max(1L, static_cast<long>(call_.timeout.count())));
  if (call_.mail) {
    set_mail();
    return usable_;
  }
  set_method();
  set_headers();
  return usable_;
}

void exchange::set_method() {
  const auto& method = call_.method;
  set(CURLOPT_HTTPGET, 1L); // takes back what the call before has set
  if (method == "HEAD") {
    set(CURLOPT_CUSTOMREQUEST, static_cast<const char*>(nullptr));
    set(CURLOPT_NOBODY, 1L);
    return;
  }
  if (!call_.body.empty() || method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, call_.body.c_str());
    set(CURLOPT_POSTFIELDSIZE_LARGE,
        static_cast<curl_off_t>(call_.body.size()));
  }
  set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

void exchange::set_headers() {
  lines_.clear();
  line_starts_.clear();
  const auto add
    = [&](std::string_view name, std::string_view end, std::string_view value) {
        line_starts_.push_back(lines_.size());
        lines_.append(name).append(end).append(value).push_back('\0');
      };
  bool has_type = false;
  for (const auto& [name, value] : call_.headers) {
    has_type = has_type || equals_ignoring_case(name, "content-type");
    // curl reads "Name:" as "do not send", and "Name;" as an empty value.
    add(name, value.empty() ? ";" : ": ", value);
  }
  if (!has_type)
    add("Content-Type", ":", {}); // no form type of curl's own
  add("Expect", ":", {});         // no pause before a large body
  line_list_.resize(line_starts_.size());
  for (std::size_t i = 0; i < line_starts_.size(); ++i) {
    line_list_[i].data = lines_.data() + line_starts_[i];
    line_list_[i].next
      = i + 1 < line_starts_.size() ? &line_list_[i + 1] : nullptr;
  }
  set(CURLOPT_HTTPHEADER, line_list_.data());
}

http_outcome exchange::finish(CURLcode code) {
  // A body that is cut at its bound is an answer like any other.
  if (code == CURLE_WRITE_ERROR && body_overflowed_)
    code = CURLE_OK;
  // To curl a head that breaks off between two lines is a whole one.
  if (code == CURLE_OK && !head_complete_ && !call_.mail)
    code = CURLE_RECV_ERROR;
  outcome_.timings = timings();
  if (call_.mail) {
    finish_mail(code);
  } else if (code == CURLE_OK) {
    curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &outcome_.status);
    for (const auto& [name, value] : outcome_.headers)
      if (equals_ignoring_case(name, "retry-after"))
        outcome_.retry_after_seconds
          = parse_retry_after(value, std::time(nullptr));
  }
  if (outcome_.status == 0 && outcome_.error.empty())
    outcome_.error = error_word(code);
  call_ = {};
  return std::exchange(outcome_, {});
}

const char* exchange::error_word(CURLcode code) const noexcept {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      // With many denied addresses curl takes its time to try the next one.
      return address_denied_ && !socket_opened_ ? "address_not_allowed"
                                                : "timeout";
    case CURLE_COULDNT_RESOLVE_HOST:
      return "dns_failed";
    case CURLE_COULDNT_CONNECT:
    case CURLE_ABORTED_BY_CALLBACK:
      return address_denied_ ? "address_not_allowed" : "connect_failed";
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return "tls_failed";
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
      return "connection_lost";
    case CURLE_URL_MALFORMAT:
    case CURLE_LOGIN_DENIED:
      return "url_not_allowed";
    case CURLE_UNSUPPORTED_PROTOCOL:
      // Also curl's word for an answer without a status line.
      return connected_ ? "bad_response" : "url_not_allowed";
    case CURLE_WRITE_ERROR:
      return headers_overflowed_ ? "response_too_large" : "bad_response";
    case CURLE_OUT_OF_MEMORY:
      // Also what curl says of one line over its own bound of 100 KB.
      return connected_ ? "response_too_large" : "internal";
    case CURLE_OK:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
      return "bad_response";
    default:
      return "internal";
  }
}

call_timings exchange::timings() const {
  const auto read = [this](CURLINFO phase) {
    curl_off_t microseconds = 0;
    curl_easy_getinfo(handle_, phase, &microseconds);
    return std::chrono::milliseconds{microseconds / 1000};
  };
  return {read(CURLINFO_NAMELOOKUP_TIME_T), read(CURLINFO_CONNECT_TIME_T),
          read(CURLINFO_APPCONNECT_TIME_T), read(CURLINFO_STARTTRANSFER_TIME_T),
          read(CURLINFO_TOTAL_TIME_T)};
}

curl_socket_t exchange::on_open_socket(void* self, curlsocktype,
                                       curl_sockaddr* address) {
  auto& me = *static_cast<exchange*>(self);
  if (!me.guard().allows(&address->addr, address->addrlen)) {
    me.address_denied_ = true;
    return CURL_SOCKET_BAD;
  }
  me.socket_opened_ = true;
  return socket(address->family, address->socktype | SOCK_CLOEXEC,
                address->protocol);
}

int exchange::on_ready(void* self, char* ip, char*, int port, int) {
  auto& me = *static_cast<exchange*>(self);
  // Without an address the connection has been reset already: that says nothing
  // of where it led, and is tried again.
  if (ip == nullptr || *ip == '\0')
    return CURL_PREREQFUNC_ABORT;
  me.connected_ = true;
  // W2: once more, on the address the socket says it has reached.
  me.address_denied_ = me.denies(ip, port);
  return me.address_denied_ ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

bool exchange::denies(const char* ip, int port) const noexcept {
  const auto network_port = htons(static_cast<std::uint16_t>(port));
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = network_port;
  if (inet_pton(AF_INET, ip, &in.sin_addr) == 1)
    return !guard().allows(reinterpret_cast<const sockaddr*>(&in), sizeof in);
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = network_port;
  return inet_pton(AF_INET6, ip, &in6.sin6_addr) != 1
         || !guard().allows(reinterpret_cast<const sockaddr*>(&in6),
                            sizeof in6);
}

std::size_t exchange::on_header(char* data, std::size_t size, std::size_t count,
                                void* self) {
  auto& me = *static_cast<exchange*>(self);
  const std::string_view line{data, size * count};
  if (me.call_.mail) {
    me.take_reply(line);
    return line.size();
  }
  return me.take_header_line(line) ? line.size() : 0;
}

bool exchange::take_header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > options_.header_bytes_max) {
    headers_overflowed_ = true;
    return false;
  }
  // A further status line: what came before was an interim answer.
  if (line.starts_with("HTTP/")) {
    outcome_.headers.clear();
    head_complete_ = false;
  } else if (trimmed(line).empty())
    head_complete_ = true;
  else if (const auto colon = line.find(':'); colon != std::string_view::npos)
    outcome_.headers.emplace_back(trimmed(line.substr(0, colon)),
                                  trimmed(line.substr(colon + 1)));
  return true;
}

std::size_t exchange::on_body(char* data, std::size_t size, std::size_t count,
                              void* self) {
  auto& me = *static_cast<exchange*>(self);
  const std::size_t bytes = size * count;
  auto& body = me.outcome_.body;
  const std::size_t room = me.options_.body_bytes_max - body.size();
  if (bytes <= room) {
    body.append(data, bytes);
    return bytes;
  }
  body.append(data, room);
  me.body_overflowed_ = true;
  return CURL_WRITEFUNC_ERROR;
}

} // namespace troupe::outbound
