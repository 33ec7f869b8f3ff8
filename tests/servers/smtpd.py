# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail server of tests/servers/smtp: smtpd.py DIR PORT starttls|smtps|plain.

DIR/faults has a line for each thing that goes wrong:

  mail 550 WORDS            the answer to MAIL
  rcpt ADDRESS 550 WORDS    the answer to RCPT of this address
  data 554 WORDS            the answer to a message
  data ADDRESS 451 WORDS    … to one for this address
  die [ADDRESS]             the connection is cut within DATA, of any message or of one to this address
  die-after                 … when the message was taken, before the answer
  hang                      nothing more is said within DATA
  no-login                  nobody is let in
"""

import asyncio
import os
import signal
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, port, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def faults():
    with open(os.path.join(folder, "faults"), encoding="utf-8") as file:
        return [line.split(None, 1) for line in file.read().splitlines() if line]


def answer_to(command, address=None):
    """Of the first fault of this command, for this address or for any."""
    for words in faults():
        rest = words[1] if len(words) > 1 else ""
        if words[0] != command:
            continue
        if rest[:3].isdigit():
            return rest
        who, _, answer = rest.partition(" ")
        if who == address:
            return answer
    return None


def has(fault):
    return any(words[0] == fault for words in faults())


def note(text):
    with open(os.path.join(folder, "log"), "a", encoding="utf-8") as file:
        file.write(text + "\n")


class Handler:
    """Keeps what comes."""

    async def handle_MAIL(self, server, session, envelope, address, options):
        note(f"MAIL {address}")
        answer = answer_to("mail")
        if answer:
            return answer
        envelope.mail_from = address
        return "250 fine"

    async def handle_RCPT(self, server, session, envelope, address, options):
        note(f"RCPT {address}")
        answer = answer_to("rcpt", address)
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 fine"

    async def handle_DATA(self, server, session, envelope):
        answer = answer_to("data", envelope.rcpt_tos[0])
        if answer:
            return answer
        letters = os.path.join(folder, "letters")
        name = os.path.join(letters, "%03d" % (len(os.listdir(letters)) // 2 + 1))
        with open(name + ".eml", "wb") as file:
            file.write(envelope.original_content)
        with open(name + ".to", "w", encoding="utf-8") as file:
            file.write("\n".join(envelope.rcpt_tos) + "\n")
        if has("die-after"):
            server.transport.abort()
        return "250 taken"


class Server(SMTP):
    """One connection."""

    def connection_made(self, transport):
        note("CONNECT")
        super().connection_made(transport)

    async def smtp_DATA(self, arg):
        if any(words == ["die"] or (words[0] == "die" and words[1] in self.envelope.rcpt_tos)
               for words in faults()):
            await self.push("354 go on")
            self.transport.abort()
            return
        if has("hang"):
            await self.push("354 go on")
            note("HANG")
            await asyncio.sleep(600)
        await super().smtp_DATA(arg)


def let_in(server, session, envelope, mechanism, data):
    with open(os.path.join(folder, "secret"), encoding="utf-8") as file:
        secret = file.readline().rstrip("\n")
    fine = data.login == b"idou" and data.password == secret.encode() and not has("no-login")
    note(f"AUTH {'fine' if fine else 'refused'}")
    # A server that repeats what it was told: it must get nowhere.
    return AuthResult(success=fine, handled=fine,
                      message=None if fine else f"535 5.7.8 {data.password.decode()} is wrong")


def make_server(context):
    options = {"hostname": "mail.city.example", "decode_data": False, "enable_SMTPUTF8": False}
    if mode != "plain":
        options.update(auth_required=True, authenticator=let_in,
                       auth_require_tls=mode == "starttls")
    if mode == "starttls":
        options.update(tls_context=context, require_starttls=True)
    return Server(Handler(), **options)


async def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: make_server(context), "127.0.0.1", port,
                                      ssl=context if mode == "smtps" else None)
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    path = os.path.join(folder, "smtp.pid")
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(f"{os.getpid()}\n")
    os.rename(path + ".new", path)
    await end.wait()
    server.close()


asyncio.run(main())
