# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reader of mail makes of a letter: letter.py FILE prints it, one thing a line, and what is wrong with its form."""

import email
import email.policy
import sys

with open(sys.argv[1], "rb") as file:
    data = file.read()

for number, line in enumerate(data.split(b"\r\n"), 1):
    if b"\n" in line or b"\r" in line:
        print(f"WRONG line {number}: a bare line end")
    if len(line) > 78:
        print(f"WRONG line {number}: {len(line)} bytes")
    if any(byte > 126 or (byte < 32 and byte != 9) for byte in line):
        print(f"WRONG line {number}: a byte that is no text")

message = email.message_from_bytes(data, policy=email.policy.default)
for part in message.walk():
    for defect in part.defects:
        print(f"WRONG {type(defect).__name__}")
for name in message.keys():
    if name not in ("Date", "Content-Type"):
        print(f"{name}: {message[name]}")
print(f"Date: {message['Date'].datetime.isoformat()}")
body = message.get_body(("plain",))
print("text: " + body.get_content().replace("\r\n", "|").replace("\n", "|"))
for part in message.iter_attachments():
    print(f"file: {part.get_filename()} {part.get_content_type()} {len(part.get_payload(decode=True))}")
