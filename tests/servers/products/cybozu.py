# SPDX-License-Identifier: GPL-3.0-or-later
"""cybozu.com: UTF-8 without header; `*` leaves a value alone; a file is taken whole or not at all.

Organisations that the file does not name are deleted, with those below them. A parent stands before its children.
Who is not said to be stopped is in use. The first organisation of a person is the primary one. Ideographs that have
a canonical form are kept in it (神 U+FA19 becomes U+795E).
"""

import unicodedata

from product import Product
from sheet import Refused, Sheet

SHEET = {"encoding": "utf-8", "newline": "\r\n", "header": False}
NAME = 128

USER = Sheet(
    [
        "login", "name", "new_login", "password", "surname", "given", "surname_kana", "given_kana", "localized",
        "localized_language", "mail", "status", "language", "time_zone", "phone", "extension", "mobile", "url",
        "number", "hired", "birthday", "about", "order", "skype", "delete",
    ],
    limits={"login": NAME, "name": NAME, "new_login": NAME, "password": 64, "surname": NAME, "given": NAME},
    needed=("login", "name"), **SHEET,
)
ORGANISATION = Sheet(
    ["code", "name", "new_code", "localized", "language", "parent", "description"],
    limits={"code": NAME, "name": NAME, "new_code": NAME, "parent": NAME, "description": 1000},
    needed=("code", "name"), **SHEET,
)
MEMBERSHIP = Sheet(["login", "organisation"], more=200, needed=("login",), **SHEET)
TITLE = Sheet(
    ["code", "name", "new_code", "description", "delete"], limits={"code": NAME, "name": NAME},
    needed=("code", "name"), **SHEET,
)

# Columns of a user that are not kept as they are.
NOT_KEPT = ("login", "new_login", "password", "delete")


class Cybozu(Product):
    imports = {
        "title.csv": (TITLE, "title"),
        "organization.csv": (ORGANISATION, "organisation"),
        "user.csv": (USER, "user"),
        "userOrganizations.csv": (MEMBERSHIP, "memberships"),
    }
    tables = ("organisations", "users", "titles", "reserved")
    tells = "files"

    def begin(self, file, rows):
        if file == "organization.csv":
            if self.state["reserved"]:
                raise Refused("組織の事前設定が反映を待っているため、組織は読み込めません")
            self.named = []

    def finish(self, file, rows):
        if file == "organization.csv":
            for code in list(self.state["organisations"]):
                if code not in self.named:
                    self.delete_organisation(code)

    def delete_organisation(self, code):
        if self.state["organisations"].pop(code, None) is None:
            return
        for user in self.state["users"].values():
            user["memberships"] = [pair for pair in user["memberships"] if pair[0] != code]
        for child in [c for c, row in self.state["organisations"].items() if row["parent"] == code]:
            if child not in self.named:
                self.delete_organisation(child)

    def update(self, row, columns, values, skipped):
        for name, value in zip(columns, values):
            if name in skipped:
                continue
            if value != "*":
                row[name] = unicodedata.normalize("NFC", value)
            else:
                row.setdefault(name, "")

    def organisation(self, values):
        code, name, new_code, parent = values[0], values[1], values[2], values[5]
        if name == "*":
            raise Refused("the display name must be there")
        organisations = self.state["organisations"]
        if code in self.named:
            raise Refused(f"{code} stands in two rows")
        if parent not in ("", "*") and parent not in self.named:
            raise Refused(f"the parent {parent} of {code} does not stand above it")
        row = organisations.setdefault(code, {})
        self.update(row, ORGANISATION.columns, values, ("code", "new_code"))
        if new_code not in ("", "*", code):
            self.rename("organisations", code, new_code)
            for other in organisations.values():
                if other.get("parent") == code:
                    other["parent"] = new_code
            for user in self.state["users"].values():
                user["memberships"] = [[new_code if o == code else o, t] for o, t in user["memberships"]]
            code = new_code
        self.named.append(code)

    def user(self, values):
        login, new_login, password, status, gone = values[0], values[2], values[3], values[11], values[24]
        if set(login) & set('\\[]":;<>,/') or login != login.strip(" 　"):
            raise Refused(f"the login name {login} holds characters that it may not")
        if gone == "1":
            self.known("users", login, "login")
            del self.state["users"][login]
            return
        if values[1] == "*":
            raise Refused("the display name must be there")
        if gone not in ("", "*", "0") or status not in ("", "*", "0", "1"):
            raise Refused("status and delete are 0 or 1")
        user = self.state["users"].setdefault(login, {"password": "", "memberships": [], "status": "1"})
        self.update(user, USER.columns, values, NOT_KEPT)
        user["status"] = user["status"] or "1"
        if password not in ("", "*"):
            user["password"] = password
        if new_login not in ("", "*", login):
            self.rename("users", login, new_login)

    def memberships(self, values):
        user = self.known("users", values[0], "login")
        values = values[1:] + [""] * (len(values) % 2 == 0)
        pairs = [list(pair) for pair in zip(values[::2], values[1::2]) if pair[0]]
        for organisation, title in pairs:
            self.known("organisations", organisation, "organisation")
            if title:
                self.known("titles", title, "title")
        user["memberships"] = pairs

    def title(self, values):
        code, new_code, gone = values[0], values[2], values[4]
        if gone == "1":
            self.known("titles", code, "title")
            del self.state["titles"][code]
            return
        title = self.state["titles"].setdefault(code, {})
        self.update(title, TITLE.columns, values, ("code", "new_code", "delete"))
        if new_code not in ("", "*", code):
            self.rename("titles", code, new_code)

    def export(self):
        users = self.state["users"].items()
        return {
            "title.csv": TITLE.write(self.row(TITLE, c, t) for c, t in self.state["titles"].items()),
            "organization.csv": ORGANISATION.write(
                self.row(ORGANISATION, code, row) for code, row in self.parents_first()
            ),
            "user.csv": USER.write(self.user_row(login, user) for login, user in users),
            "userOrganizations.csv": MEMBERSHIP.write(
                [login, *sum(user["memberships"], [])] for login, user in users
            ),
        }

    def parents_first(self):
        rows, placed = [], {""}
        while len(rows) < len(self.state["organisations"]):
            for code, row in self.state["organisations"].items():
                if code not in placed and row["parent"] in placed:
                    rows.append((code, row))
                    placed.add(code)
        return rows

    @staticmethod
    def row(sheet, code, row):
        return [code, row["name"], code] + [row.get(name, "") for name in sheet.columns[3:]]

    @staticmethod
    def user_row(login, user):
        row = [user.get(name, "") for name in USER.columns]
        row[0] = row[2] = login
        row[3] = "*"
        return row
