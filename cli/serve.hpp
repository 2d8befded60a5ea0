// `troupe serve`: composes all rooms, runs until a signal, stops in order.
#pragma once

#include <chrono>
#include <string>

namespace troupe::cli {

struct serve_options {
  std::string data_directory = "troupe-data";
  std::string listen = "127.0.0.1:8080";
  std::string first_key_file; // empty: none
  bool allow_private_webhooks = false;
  /// How long a client waits for an answer.
  std::chrono::milliseconds request_deadline{10'000};
  std::chrono::milliseconds shutdown_timeout{30'000};
};

/// @returns the exit code: 0 after a graceful stop, 1 when it could not start
int run_serve(const serve_options& options);

} // namespace troupe::cli
