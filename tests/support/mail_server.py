#!/usr/bin/python3
"""An SMTP server for tests: says on stdout which port it has, then one line of
JSON per message it was offered.

usage: mail_server.py CERTIFICATE KEY starttls|tls|none

Who logs in is `troupe`, with the password `pa"ss`. Recipients are refused as
their names say: `hard…` with 550, `later…` with 451 for the first time,
`never…` with 451 always. It needs Debian's python3-aiosmtpd.
"""
import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def say(what):
    print(json.dumps(what), flush=True)


class Handler:
    def __init__(self):
        self.deferred = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("hard"):
            say({"refused": address})
            return "550 5.1.1 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        raw = envelope.content
        message = email.message_from_bytes(raw, policy=email.policy.default)
        to = envelope.rcpt_tos[0]
        seen = {
            "from": envelope.mail_from,
            "to": to,
            "greeting": session.host_name,
            "tls": session.ssl is not None,
            "login": session.authenticated,
            "headers": {name.lower(): str(value)
                        for name, value in message.items()},
            "names": [name.lower() for name in message.keys()],
            "type": message.get_content_type(),
            "parts": {part.get_content_type():
                      part.get_content().replace("\r\n", "\n")
                      for part in message.walk() if not part.is_multipart()},
            "longest": max(len(line) for line in raw.split(b"\r\n")),
            "bare": raw.replace(b"\r\n", b"").count(b"\n"),
            "ascii": raw.isascii(),
        }
        if to.startswith("never") or (to.startswith("later")
                                      and to not in self.deferred):
            self.deferred.add(to)
            say({**seen, "answer": 451})
            return "451 4.3.0 try again later"
        say({**seen, "answer": 250})
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"troupe" and data.password == b'pa"ss'
    return AuthResult(success=right, handled=False)


async def main(certificate, key, security):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = Handler()
    secure = security != "none"

    def serve():
        return SMTP(handler, hostname="localhost", authenticator=authenticate,
                    auth_required=secure, enable_SMTPUTF8=False,
                    auth_require_tls=security == "starttls",
                    tls_context=context if security == "starttls" else None,
                    require_starttls=security == "starttls")

    server = await asyncio.get_running_loop().create_server(
        serve, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    say({"port": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


asyncio.run(main(*sys.argv[1:]))
