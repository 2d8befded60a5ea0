#include "tests/support/troupe_server.hpp"

#include "tests/support/tested_binary.hpp"

#include <boost/json/parse.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace troupe::test {

namespace {

constexpr std::chrono::seconds patience{30};

// jemalloc reads the clock while it starts, before libfaketime can tell it: the
// libraries whose malloc and new are to be used instead come first.
// A sanitizer brings its own.
std::string false_clock() {
  std::string libraries = "/usr/$LIB/faketime/libfaketimeMT.so.1";
  if (!is_sanitized())
    libraries += ":libstdc++.so.6:libc.so.6";
  return libraries;
}

std::string content_of(const std::string& file) {
  std::ostringstream out;
  out << std::ifstream{file}.rdbuf();
  return out.str();
}

std::uint16_t port_of(const std::string& ready_line) {
  boost::json::error_code failure;
  const auto value = boost::json::parse(ready_line, failure);
  if (failure || !value.is_object()
      || value.get_object().if_contains("ready") == nullptr)
    return 0;
  const std::string url{value.at("url").as_string()};
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

} // namespace

troupe_server::troupe_server(std::vector<std::string> arguments)
  : arguments_{std::move(arguments)} {
  start();
}

void troupe_server::start(std::chrono::minutes clock_ahead) {
  if (clock_ahead.count() == 0)
    start_with({});
  else // clocks that only measure stay true: waits keep their length
    start_with({"FAKETIME=+" + std::to_string(clock_ahead.count()) + "m",
                "FAKETIME_DONT_FAKE_MONOTONIC=1"});
}

void troupe_server::start_fast(unsigned times) {
  start_with({"FAKETIME=+0 x" + std::to_string(times)});
}

void troupe_server::start_with(std::vector<std::string> clock) {
  const auto key_file = directory() + "/first-key";
  process_.reset();
  std::vector<std::string> command;
  if (!clock.empty()) {
    // A sanitizer wants to be loaded first otherwise.
    command = {"/usr/bin/env", "LD_PRELOAD=" + false_clock(),
               "ASAN_OPTIONS=verify_asan_link_order=0"};
    command.insert(command.end(), clock.begin(), clock.end());
  }
  for (const auto& each :
       {tested_binary(), std::string{"serve"}, std::string{"--listen"},
        std::string{"127.0.0.1:0"}, std::string{"--first-key-file"}, key_file,
        std::string{"--allow-private-webhooks"}})
    command.push_back(each);
  for (const auto& each : store_arguments())
    command.push_back(each);
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<process>(command, directory() + "/stderr");
  const auto line = process_->read_line(patience);
  ready_line_ = line.value_or("");
  port_ = line ? port_of(*line) : std::uint16_t{0};
  if (port_ == 0)
    throw std::runtime_error{"troupe did not become ready: "
                             + line.value_or("no line") + "\n" + errors()};
  key_ = content_of(key_file);
  while (!key_.empty() && key_.back() == '\n')
    key_.pop_back();
}

std::vector<std::string> troupe_server::store_arguments() const {
  std::vector<std::string> all{"--data-dir", directory() + "/data"};
  if (database_)
    all.insert(all.end(), {"--store", database_->url()});
  return all;
}

std::string troupe_server::stored() const {
  if (database_)
    return database_->content();
  std::string all;
  for (const auto& each :
       std::filesystem::directory_iterator{directory() + "/data"})
    all += content_of(each.path());
  return all;
}

void troupe_server::kill() {
  process_->signal(SIGKILL);
  if (!process_->wait(patience))
    throw std::runtime_error{"troupe survived SIGKILL"};
}

int troupe_server::stop() {
  process_->signal(SIGTERM);
  const auto code = process_->wait(patience).value_or(-1);
  if (code != 0)
    std::cerr << "troupe ended with " << code << ":\n" << errors();
  return code;
}

std::string troupe_server::errors() const {
  return content_of(directory() + "/stderr");
}

} // namespace troupe::test
