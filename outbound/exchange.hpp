// EXCHANGE: one curl easy handle and the call it carries. Used again for call
// after call: what stays the same is set once, what a call sets is set by every
// call; but one that carried mail is not. Only the transport's thread touches
// it.
#pragma once

#include "outbound/http_call.hpp"
#include "outbound/transport.hpp"

#include <curl/curl.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::outbound {

class exchange {
public:
  /// @pre options outlive the exchange
  explicit exchange(const transport_options& options);
  ~exchange();

  exchange(const exchange&) = delete;
  exchange& operator=(const exchange&) = delete;

  /// Takes the call over and prepares the handle for it.
  /// @returns false if the handle could not be made ready
  [[nodiscard]] bool begin(http_call call, transport::completion done);

  /// What came of the call. @pre the handle has left the multi handle
  [[nodiscard]] http_outcome finish(CURLcode code);

  [[nodiscard]] transport::completion take_completion() noexcept {
    return std::move(done_);
  }

  [[nodiscard]] CURL* handle() const noexcept {
    return handle_;
  }

  [[nodiscard]] static exchange* of(CURL* handle) noexcept;

  /// Whether it may carry another call.
  [[nodiscard]] bool is_reusable() const noexcept {
    return !carried_mail_;
  }

  /// Place in the transport's list of calls under way.
  std::size_t place = 0;
  std::string server; // whose place it takes

private:
  template <class T>
  void set(CURLoption option, T value) {
    usable_ = curl_easy_setopt(handle_, option, value) == CURLE_OK && usable_;
  }

  void set_once();
  void set_mail();
  void take_reply(std::string_view line);
  void finish_mail(CURLcode code);
  void set_method();
  void set_headers();
  bool take_header_line(std::string_view line);
  [[nodiscard]] bool denies(const char* ip, int port) const noexcept;
  [[nodiscard]] const char* error_word(CURLcode code) const noexcept;
  [[nodiscard]] call_timings timings() const;

  static curl_socket_t on_open_socket(void* self, curlsocktype purpose,
                                      curl_sockaddr* address);
  static int on_ready(void* self, char* ip, char* local_ip, int port,
                      int local_port);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count,
                               void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count,
                             void* self);

  static std::size_t on_read(char* into, std::size_t size, std::size_t count,
                             void* self);
  static int on_dialogue(CURL* handle, curl_infotype what, char* data,
                         std::size_t size, void* self);

  [[nodiscard]] const address_guard& guard() const noexcept {
    return call_.mail ? options_.mail_guard : options_.guard;
  }

  const transport_options& options_;
  CURL* handle_ = nullptr;
  http_call call_;
  transport::completion done_;
  http_outcome outcome_;
  /// Header lines and the list over them; built in place, so that a call costs
  /// no allocation per header.
  std::string lines_;
  std::vector<std::size_t> line_starts_;
  std::vector<curl_slist> line_list_;
  std::size_t header_bytes_ = 0;
  // Of mail.
  std::size_t body_sent_ = 0;
  std::string recipient_;
  curl_slist recipients_{};
  char asked_ = 0;          // the letter that the last command begins with
  long reply_ = 0;          // to it
  bool is_leaving_ = false; // what is said now is no reply to the mail
  bool usable_ = true;
  bool address_denied_ = false;
  bool headers_overflowed_ = false;
  bool body_overflowed_ = false;
  bool socket_opened_ = false;
  bool connected_ = false;
  bool head_complete_ = false;
  bool carried_mail_ = false;
};

} // namespace troupe::outbound
