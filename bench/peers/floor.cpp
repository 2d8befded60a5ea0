// The least program that does the bare work: one thread, epoll, one map of
// idempotency keys, one of contacts, durable before the answer. No checks, no
// webhooks, no sequences as data. What Troupe takes above this is the price of
// being Troupe.
//
// usage: floor log|sqlite|none DIRECTORY
//   log     one append and fdatasync for all requests of one epoll round
//   sqlite  one transaction (WAL, synchronous=FULL) for them
//   none    no storage
#include "bench/peers/floor_storage.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <simdjson.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using namespace troupe::bench;

namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

std::string_view field_of(std::string_view head, std::string_view name) {
  const auto at = head.find(name);
  if (at == std::string_view::npos)
    return {};
  const auto value = head.substr(at + name.size());
  return value.substr(0, value.find('\r'));
}

std::int64_t microseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

struct answer {
  int descriptor;
  std::string bytes;
};

class server {
public:
  explicit server(storage& durable) : durable_{durable}, pending_(65'536) {
    contacts_.reserve(1 << 17);
    keys_.reserve(1 << 20);
  }

  bool listen();
  [[noreturn]] void run();

private:
  void accept_all();
  void read_from(int descriptor);
  std::string reply_to(std::string_view head);
  void watch(int descriptor);

  storage& durable_;
  int listener_ = -1;
  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  std::int64_t now_ = 0;
  std::uint64_t last_event_ = 0;
  std::unordered_map<std::string, std::uint64_t> keys_;
  std::unordered_map<std::string, floor_contact> contacts_;
  std::vector<std::string> pending_; // by descriptor
  std::vector<answer> answers_;
  std::string body_;
  simdjson::ondemand::parser parser_;
};

bool server::listen() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || ::listen(listener_, 1024) != 0
      || getsockname(listener_, generic, &size) != 0)
    return false;
  watch(listener_);
  std::printf("{\"ready\":true,\"url\":\"http://127.0.0.1:%d\"}\n",
              ntohs(address.sin_port));
  std::fflush(stdout);
  return true;
}

void server::run() {
  std::vector<epoll_event> ready(1024);
  for (;;) {
    const auto count
      = epoll_wait(epoll_, ready.data(), static_cast<int>(ready.size()), -1);
    now_ = microseconds_now();
    for (int i = 0; i < count; ++i) {
      const auto descriptor = ready[static_cast<std::size_t>(i)].data.fd;
      if (descriptor == listener_)
        accept_all();
      else
        read_from(descriptor);
    }
    durable_.commit();
    for (const auto& one : answers_)
      if (write(one.descriptor, one.bytes.data(), one.bytes.size()) < 0)
        close(one.descriptor);
    answers_.clear();
  }
}

void server::watch(int descriptor) {
  epoll_event interest{};
  interest.events = EPOLLIN;
  interest.data.fd = descriptor;
  epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &interest);
}

void server::accept_all() {
  for (;;) {
    const auto one
      = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (one < 0)
      return;
    const int on = 1;
    setsockopt(one, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    pending_[static_cast<std::size_t>(one)].clear();
    watch(one);
  }
}

void server::read_from(int descriptor) {
  static std::array<char, 65'536> part;
  const auto count = read(descriptor, part.data(), part.size());
  if (count <= 0) {
    close(descriptor);
    return;
  }
  auto& bytes = pending_[static_cast<std::size_t>(descriptor)];
  bytes.append(part.data(), static_cast<std::size_t>(count));
  for (;;) {
    const auto end = bytes.find(end_of_head);
    if (end == std::string::npos)
      return;
    const auto body_at = end + end_of_head.size();
    const auto head = std::string_view{bytes}.substr(0, body_at);
    const auto length = field_of(head, "Content-Length: ");
    std::size_t size = 0;
    std::from_chars(length.data(), length.data() + length.size(), size);
    if (bytes.size() < body_at + size)
      return;
    body_.assign(bytes, body_at, size);
    answers_.push_back({descriptor, reply_to(head)});
    bytes.erase(0, body_at + size);
  }
}

std::string server::reply_to(std::string_view head) {
  std::string_view type;
  std::string_view external_id;
  std::string_view metadata;
  try {
    body_.reserve(body_.size() + simdjson::SIMDJSON_PADDING);
    auto document
      = parser_.iterate(body_.data(), body_.size(), body_.capacity());
    type = document["type"].get_string();
    external_id = document["contact"]["external_id"].get_string();
    const std::string_view rest = document["metadata"].raw_json_token();
    // The last member: it ends before the brace of the body.
    metadata = std::string_view{body_}.substr(
      static_cast<std::size_t>(rest.data() - body_.data()));
    metadata.remove_suffix(1);
  } catch (const simdjson::simdjson_error&) {
    return "HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 0\r\n\r\n";
  }
  const auto [key, is_new] = keys_.try_emplace(
    std::string{field_of(head, "Idempotency-Key: ")}, last_event_ + 1);
  const auto number = static_cast<std::uint32_t>(contacts_.size() + 1);
  const auto contact
    = contacts_.try_emplace(std::string{external_id}, floor_contact{number})
        .first;
  if (is_new) {
    ++last_event_;
    auto& state = contact->second;
    ++state.events;
    state.step = (state.step + 1) % 5;
    durable_.add(
      {last_event_, now_, key->first, contact->first, type, metadata, state});
  }
  std::array<char, 512> text;
  const auto size = std::snprintf(
    text.data(), text.size(),
    R"({"id":"evt_%016llx","type":"%.*s","contact":{"external_id":"%s"},)"
    R"("received_at":%lld,"fan_out":{"sequences_woken":%d,)"
    R"("webhooks_dispatched":0}})",
    static_cast<unsigned long long>(key->second), static_cast<int>(type.size()),
    type.data(), contact->first.c_str(), static_cast<long long>(now_),
    is_new ? 1 : 0);
  std::string out = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    "Content-Length: ";
  out += std::to_string(size);
  out += end_of_head;
  out.append(text.data(), static_cast<std::size_t>(size));
  return out;
}

} // namespace

int main(int count, char** arguments) {
  const auto durable
    = count > 2 ? open_storage(arguments[1], arguments[2]) : nullptr;
  if (!durable) {
    std::fprintf(stderr, "usage: floor log|sqlite|none DIRECTORY\n");
    return 2;
  }
  server only{*durable};
  if (!only.listen()) {
    std::perror("floor");
    return 1;
  }
  only.run();
}
