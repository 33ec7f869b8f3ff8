# SPDX-License-Identifier: GPL-3.0-or-later
"""What a site's own script does between idou and a product: it takes the sets in SITE/out in their order, lets the
product import their files, writes what the product said to SITE/in, and says that the set was taken.
"""

import hashlib
import json
import os
import re
from datetime import datetime

from sheet import Sheet


def now():
    """The clock of the scenario, else that of the machine."""
    said = os.environ.get("IDOU_NOW")
    return datetime.fromisoformat(said) if said else datetime.now()


class Batch:
    def __init__(self, set_number, name, content):
        self.set = set_number
        self.name = name
        self.file = re.sub(r"\d*\.", ".", name)  # without the number of its part or step
        self.content = content


def checked(folder, entry):
    with open(os.path.join(folder, entry["name"]), "rb") as file:
        content = file.read()
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise SystemExit(f"{folder}/{entry['name']} is not what the manifest says")
    return content


def sets(site):
    """(folder, manifest) of those that were not taken yet."""
    out = os.path.join(site, "out")
    for number in sorted(os.listdir(out)) if os.path.isdir(out) else ():
        folder = os.path.join(out, number)
        if re.fullmatch(r"\d{6}", number) and not os.path.exists(os.path.join(folder, "taken")):
            with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
                yield folder, json.load(file)


def batches(folder, manifest):
    return [Batch(manifest["set"], entry["name"], checked(folder, entry)) for entry in manifest["files"]]


def taken(folder):
    path = os.path.join(folder, "taken")
    with open(path, "wb"):
        pass
    os.utime(path, (now().timestamp(),) * 2)


def write(site, name, content):
    os.makedirs(os.path.join(site, "in"), exist_ok=True)
    path = os.path.join(site, "in", name)
    with open(path + ".tmp", "wb") as file:
        file.write(content)
    os.utime(path + ".tmp", (now().timestamp(),) * 2)
    os.rename(path + ".tmp", path)


def tell_failure(site, batch, fault):
    """By a file of that name; what the product said is in it."""
    where = f"{batch.name} line {fault.line}: " if fault.line else f"{batch.name}: "
    write(site, f"failed_{batch.set}_{batch.file.rpartition('.')[0]}.txt", f"{where}{fault.reason}\r\n".encode("cp932"))


def tell_rows(site, product, batch, fault, refused):
    """A row for each row, with its key, whether it was taken, and why not."""
    sheet = product.imports[batch.file][0]
    reasons = dict(refused)
    told = Sheet(["キー", "結果", "内容"], encoding=sheet.encoding, quote=sheet.quote)
    rows = []
    for line, row in sheet.read(batch.content) if fault is None else ():
        reason = reasons.get(line)
        rows.append([product.key_of(batch.file, row), "失敗" if reason else "成功", reason or ""])
    write(site, f"result-{batch.set}-{batch.file}", told.write(rows))


def export(site, product):
    for file, content in product.export().items():
        stem, _, ending = file.rpartition(".")
        write(site, f"{stem}_{now():%Y%m%d%H%M%S}.{ending}", content)
