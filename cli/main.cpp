// The one place that knows all subcommands.
#include "cli/serve.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

int main(int count, char** arguments) {
  CLI::App app{"Troupe: an open customer-event engine"};
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string{"troupe "} + TROUPE_VERSION);

  troupe::cli::serve_options serve;
  auto* command = app.add_subcommand("serve", "Run the server");
  command
    ->add_option("--data-dir", serve.data_directory,
                 "Where the embedded store lives")
    ->capture_default_str();
  command
    ->add_option("--listen", serve.listen,
                 "HOST:PORT to listen on; port 0 picks a free one")
    ->capture_default_str();
  command->add_option("--first-key-file", serve.first_key_file,
                      "Write the key made for an empty store to this file "
                      "(mode 0600)");
  command->add_flag("--allow-private-webhooks", serve.allow_private_webhooks,
                    "Let webhooks and http nodes call private addresses and "
                    "plain http");
  auto deadline_seconds = serve.request_deadline / std::chrono::seconds{1};
  command
    ->add_option("--request-deadline", deadline_seconds,
                 "Seconds a client waits for an answer")
    ->check(CLI::Range(1, 60))
    ->capture_default_str();
  CLI11_PARSE(app, count, arguments);
  serve.request_deadline = std::chrono::seconds{deadline_seconds};
  return troupe::cli::run_serve(serve);
}
