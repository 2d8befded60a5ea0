"""nginx and haproxy in front of a server, with connections to it that they keep
and share. Each gives every request it passes on an id that begins with its own
name, and notes it."""
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from server import end_with_parent

NGINX = """
daemon off; master_process off; worker_processes 1;
pid {at}/nginx.pid; error_log {at}/nginx.error crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;
  fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;
  client_body_buffer_size 1m; client_max_body_size 1m; server_tokens off;
  ignore_invalid_headers off; underscores_in_headers on; merge_slashes off;
  client_header_timeout 5s; client_body_timeout 5s; lingering_close off;
  large_client_header_buffers 4 32k; keepalive_requests 1000;
  log_format told escape=json '{{"id":"nginx-$request_id",'
    '"sent":"$upstream_addr","status":"$upstream_status",'
    '"line":"$request","body":"$request_body"}}';
  upstream troupe {{ server 127.0.0.1:{port}; keepalive 8; }}
  proxy_http_version 1.1; proxy_set_header Connection "";
  proxy_set_header Host $http_host; proxy_read_timeout 4s;
  proxy_set_header X-Request-Id nginx-$request_id; proxy_next_upstream off;
  server {{ listen 127.0.0.1:{first} backlog=4096;
    location / {{ proxy_pass http://troupe; access_log {at}/first told; }} }}
  server {{ listen 127.0.0.1:{second} backlog=4096;
    location / {{ proxy_pass http://troupe; proxy_request_buffering off;
      access_log {at}/second told; }} }}
}}
"""

HAPROXY = """
global
  log stdout format raw local0
  maxconn 2000
defaults
  mode http
  log global
  timeout connect 4s
  timeout client 5s
  timeout server 4s
  timeout http-request 5s
  retries 0
  option accept-invalid-http-request
  option http-keep-alive
  http-reuse always
frontend front
  bind 127.0.0.1:{first}
  unique-id-format haproxy-%Ts-%pid-%rt
  http-request set-header X-Request-Id %[unique-id]
  log-format "TOLD %ID %s %ST %tsc %HM"
  default_backend back
backend back
  server troupe 127.0.0.1:{port} maxconn 64
"""
TOLD = re.compile(r"TOLD (\S+) (\S+) (\S+) (\S+) (\S+)")


def are_installed():
    return bool(program("nginx") and program("haproxy"))


def program(name):
    return shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/sbin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Proxy:
    def __init__(self, directory, template, server, command):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir()
        self.ports = [free_port(), free_port()]
        config = self.directory / "conf"
        config.write_text(template.format(
            at=self.directory, port=server.port, first=self.ports[0],
            second=self.ports[1]))
        with open(self.directory / "out", "ab") as out:
            self.process = subprocess.Popen(
                [*command, str(config)], stdout=out, stderr=out,
                preexec_fn=end_with_parent)
        until = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.ports[0])).close()
                return
            except OSError as reason:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise RuntimeError((self.directory / "out").read_text(
                        errors="replace")) from reason
                time.sleep(0.05)

    def take(self, name):
        """What was noted in a file since the last time. @pre nothing is under
        way"""
        path = self.directory / name
        if not path.exists():
            return ""
        text = path.read_text(errors="replace")
        os.truncate(path, 0)
        return text

    def close(self):
        self.process.kill()
        self.process.wait(10)


class Nginx(Proxy):
    """`ports`: whole bodies first, and as they come."""

    def __init__(self, directory, server):
        super().__init__(directory, NGINX, server,
                         [program("nginx"), "-p", directory, "-c"])

    def told(self):
        """{id: (status, line, body)} of what was passed on."""
        passed = {}
        for name in ("first", "second"):
            for text in self.take(name).split("\n")[:-1]:
                line = json.loads(text, strict=False)
                if line["sent"] not in ("", "-"):
                    passed[line["id"]] = (line["status"], line["line"],
                                          line["body"])
        return passed


class Haproxy(Proxy):
    def __init__(self, directory, server):
        super().__init__(directory, HAPROXY, server,
                         [program("haproxy"), "-db", "-f"])
        self.ports = self.ports[:1]

    def told(self):
        passed = {}
        for which, to, status, end, method in TOLD.findall(self.take("out")):
            if to != "<NOSRV>":
                passed[which] = (status, method + " " + end, "")
        return passed
