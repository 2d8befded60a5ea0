#include "http/io_worker.hpp"

#include "http/problem.hpp"

#include <boost/asio/post.hpp>

#include <array>
#include <new>
#include <random>
#include <utility>

namespace troupe::http {

namespace {

constexpr std::string_view id_letters = "0123456789abcdefghjkmnpqrstvwxyz";

/// 13 letters, 65 bits: ids of two starts or two io threads do not meet.
std::string random_prefix() {
  std::random_device random;
  std::string prefix = "req_";
  for (int i = 0; i < 13; ++i)
    prefix += id_letters[random() % id_letters.size()];
  return prefix;
}

} // namespace

io_worker::io_worker(const server_options& options, const handler& handle,
                     http_counters& counters, connection_ledger& ledger,
                     std::function<void()> drained)
  : timer_{context_},
    options_{options},
    handle_{handle},
    counters_{counters},
    ledger_{ledger},
    drained_{std::move(drained)},
    completions_{std::make_shared<completions>(context_,
                                               [this](completion& done) {
                                                 deliver(done);
                                               })},
    id_prefix_{random_prefix()} {
  date_.set(std::chrono::system_clock::now());
}

io_worker::~io_worker() {
  stop();
}

void io_worker::start() {
  wait_tick();
  thread_ = std::thread{[this] {
    run();
  }};
}

void io_worker::run() {
  completions_->own();
  while (true) {
    try {
      context_.run();
      return;
    } catch (const std::bad_alloc&) {
      throw; // what it left may be nobody's: the listener, a timer
    } catch (...) {
      // One session must not end the others; it falls to its deadline.
      raise(counters_.faults);
    }
  }
}

void io_worker::stop() {
  completions_->close();
  context_.stop();
  if (thread_.joinable())
    thread_.join();
  for (std::uint32_t slot = 0; slot < seats_.size(); ++slot)
    if (const auto open = seats_[slot].taken_by)
      open->close();
}

void io_worker::adopt(arrival who) {
  auto& socket = who.socket;
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
  if (options_.send_buffer_bytes > 0)
    socket.set_option(
      boost::asio::socket_base::send_buffer_size{options_.send_buffer_bytes},
      ignored);
  if (free_seats_.empty()) {
    free_seats_.push_back(static_cast<std::uint32_t>(seats_.size()));
    seats_.emplace_back();
    free_seats_.reserve(seats_.size()); // release() must not fail
  }
  const auto slot = free_seats_.back();
  const auto opened = std::make_shared<session>(
    connection{std::move(socket), std::move(who.secure)}, *this, slot,
    session_peer{who.client, who.is_proxy});
  free_seats_.pop_back();
  seats_[slot] = {opened, who.entry};
  raise(counters_.open);
  if (who.entry == connection_ledger::verdict::admitted && !is_draining_)
    opened->start();
  else
    opened->turn_away();
}

void io_worker::release(std::uint32_t slot) {
  auto& freed = seats_[slot];
  ledger_.leave(freed.taken_by->client(), freed.entry);
  lower(counters_.open);
  freed.taken_by.reset();
  free_seats_.push_back(slot);
  report_drained();
}

void io_worker::drain() {
  boost::asio::post(context_, [this] {
    is_draining_ = true;
    for (std::uint32_t slot = 0; slot < seats_.size(); ++slot)
      if (const auto open = seats_[slot].taken_by)
        open->drain();
    report_drained();
  });
}

void io_worker::report_drained() {
  if (!is_draining_ || has_reported_ || free_seats_.size() != seats_.size())
    return;
  has_reported_ = true;
  drained_();
}

void io_worker::wait_tick() {
  timer_.expires_after(options_.tick);
  timer_.async_wait([this](const boost::system::error_code& failed) {
    if (failed)
      return;
    wait_tick();
    on_tick();
  });
}

void io_worker::on_tick() {
  date_.set(std::chrono::system_clock::now());
  const auto now = session::clock::now();
  for (std::uint32_t slot = 0; slot < seats_.size(); ++slot)
    if (const auto open = seats_[slot].taken_by)
      open->on_tick(now);
}

void io_worker::deliver(completion& done) {
  // A copy: the session may close and leave its seat while it is served.
  const auto open = seats_[done.ticket.slot].taken_by;
  if (open)
    open->deliver(done);
  else
    raise(counters_.late_answers);
}

request_id io_worker::next_id() {
  request_id id{id_prefix_};
  std::array<char, 13> letters{};
  auto rest = ++last_id_;
  for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter) {
    *letter = id_letters[rest % id_letters.size()];
    rest /= id_letters.size();
  }
  id.append({letters.data(), letters.size()});
  return id;
}

std::uint64_t io_worker::next_serial() {
  return ++last_serial_;
}

void io_worker::end_burst() {
  in_burst_ = false;
  options_.after_burst();
}

std::optional<response> io_worker::check(request& asked) {
  if (!options_.check)
    return std::nullopt;
  try {
    return options_.check(asked);
  } catch (...) {
    raise(counters_.faults);
  }
  return to_response({engine::errc::overloaded,
                      "out_of_memory",
                      "No memory was left; try again.",
                      {}},
                     {asked.id.view(), {}, {}});
}

std::optional<completion> io_worker::hand_over(request asked,
                                               request_ticket ticket) {
  raise(counters_.requests);
  if (options_.after_burst && !in_burst_) {
    in_burst_ = true;
    // Behind the sockets that this poll found ready.
    boost::asio::post(context_, [this] {
      end_burst();
    });
  }
  const auto id = asked.id;
  auto is_out_of_memory = false;
  completions_->enter(ticket.serial);
  try {
    handle_(std::move(asked), responder{completions_, ticket});
  } catch (const std::bad_alloc&) {
    raise(counters_.faults);
    is_out_of_memory = true;
  } catch (...) {
    raise(counters_.faults);
  }
  auto done = completions_->leave();
  if (done && !done->answer && is_out_of_memory)
    done->answer = to_response({engine::errc::overloaded,
                                "out_of_memory",
                                "No memory was left; try again.",
                                {}},
                               {id.view(), {}, {}});
  return done;
}

} // namespace troupe::http
