# SPDX-License-Identifier: GPL-3.0-or-later
"""Garoon on premises: its imports by command line, SJIS-win, with a header row that `skip=1` passes over.

An error stops the import, and nothing of the file is kept. Organisations are not removed by a file. While a
組織の事前設定 waits for its day, organisations cannot be imported.
"""

from product import Product
from sheet import Refused, Sheet

CODE = 100

ORGANISATION = Sheet(
    ["現組織コード", "組織名", "新組織コード", "親組織コード", "メモ"],
    limits={"現組織コード": CODE, "組織名": CODE, "新組織コード": CODE, "親組織コード": CODE, "メモ": 65535},
    needed=("現組織コード", "組織名"),
)
USER = Sheet(
    [
        "現ログイン名", "名前", "名前の言語", "新ログイン名", "パスワード", "ロケール", "拠点", "表示優先度",
        "使用/停止", "削除フラグ", "よみ", "E-mail", "メモ", "役職", "連絡先", "URL", "職員番号",
    ],
    limits={"現ログイン名": CODE, "名前": CODE, "新ログイン名": CODE, "よみ": CODE, "E-mail": CODE, "役職": CODE},
    needed=("現ログイン名", "名前"),
)
ROLE_USER = Sheet(["ロール名", "ログイン名"], more=5000, needed=("ロール名",))
ORGANISATION_USER = Sheet(["組織コード", "ログイン名"], more=5000, needed=("組織コード",))
USER_ORGANISATION = Sheet(["ログイン名", "組織コード"], more=100, needed=("ログイン名",))
USER_ROLE = Sheet(["ログイン名", "ロール名"], more=100, needed=("ログイン名",))

# What a user keeps when its cell is empty or an asterisk: a password only.
USER_FIELDS = {
    "名前": 1, "名前の言語": 2, "ロケール": 5, "拠点": 6, "表示優先度": 7, "使用/停止": 8, "よみ": 10, "E-mail": 11,
    "メモ": 12, "役職": 13, "連絡先": 14, "URL": 15, "職員番号": 16,
}


class Garoon(Product):
    imports = {
        "organization.csv": (ORGANISATION, "organisation"),
        "user.csv": (USER, "user"),
        "user_organization.csv": (USER_ORGANISATION, "user_organisations"),
        "organization_user.csv": (ORGANISATION_USER, "organisation_users"),
        "user_role.csv": (USER_ROLE, "user_roles"),
        "role_user.csv": (ROLE_USER, "role_users"),
    }
    tells = "files"
    lists = {"role.csv": "roles"}
    tables = ("organisations", "users", "roles", "reserved")

    def begin(self, file, rows):
        if file == "organization.csv" and self.state["reserved"]:
            raise Refused("組織の事前設定が反映を待っているため、組織は読み込めません")

    def organisation(self, row):
        code, name, new_code, parent, memo = row
        if parent:
            self.known("organisations", parent, "親組織コード")
            if code in self.above(parent):
                raise Refused(f"{code} would be above itself")
        row = {"組織名": name, "親組織コード": parent, "メモ": memo}
        if code not in self.state["organisations"]:
            if new_code not in ("", code):
                raise Refused(f"現組織コード {code} is not known")
            self.state["organisations"][code] = row
            return
        self.state["organisations"][code] = row
        if new_code not in ("", code):
            self.rename_organisation(code, new_code)

    def above(self, code):
        codes = []
        while code:
            codes.append(code)
            code = self.state["organisations"][code]["親組織コード"]
        return codes

    def rename_organisation(self, code, new_code):
        self.rename("organisations", code, new_code)
        for other in self.state["organisations"].values():
            if other["親組織コード"] == code:
                other["親組織コード"] = new_code
        for user in self.state["users"].values():
            user["組織"] = [new_code if c == code else c for c in user["組織"]]

    def user(self, row):
        login, new_login, password, state, gone = row[0], row[3], row[4], row[8], row[9]
        if state not in ("", "0", "1") or gone not in ("", "0", "1"):
            raise Refused("使用/停止 and 削除フラグ are 0 or 1")
        if row[7] and not row[7].isdigit():
            raise Refused("表示優先度 is a number")
        if gone == "1":
            self.known("users", login, "現ログイン名")
            del self.state["users"][login]
            return
        user = self.state["users"].get(login)
        if user is None:
            if new_login not in ("", login):
                raise Refused(f"現ログイン名 {login} is not known")
            user = self.state["users"][login] = {"パスワード": "", "組織": [], "ロール": []}
        user.update({name: row[i] for name, i in USER_FIELDS.items()})
        user["使用/停止"] = state or "1"
        if password.strip("*"):
            user["パスワード"] = password
        if new_login not in ("", login):
            self.rename("users", login, new_login)

    def user_organisations(self, row):
        user = self.known("users", row[0], "ログイン名")
        codes = [code for code in row[1:] if code]
        for code in codes:
            self.known("organisations", code, "組織コード")
        user["組織"] = codes

    def organisation_users(self, row):
        self.known("organisations", row[0], "組織コード")
        self.set_members(row, "組織")

    def role_users(self, row):
        self.known("roles", row[0], "ロール名")
        self.set_members(row, "ロール")

    def set_members(self, row, column):
        """Of the group that stands first: who stands behind it, and nobody else."""
        group, logins = row[0], [login for login in row[1:] if login]
        for login in logins:
            self.known("users", login, "ログイン名")
        for login, user in self.state["users"].items():
            user[column] = [other for other in user[column] if other != group or login in logins]
            if login in logins and group not in user[column]:
                user[column].append(group)

    def members_of(self, group, column):
        return [login for login, user in self.state["users"].items() if group in user[column]]

    def user_roles(self, row):
        user = self.known("users", row[0], "ログイン名")
        roles = [role for role in row[1:] if role]
        for role in roles:
            self.known("roles", role, "ロール名")
        user["ロール"] = roles

    def export(self):
        users = self.state["users"]
        return {
            "organization.csv": ORGANISATION.write(
                [code, row["組織名"], code, row["親組織コード"], row["メモ"]] for code, row in self.parents_first()
            ),
            "user.csv": USER.write(self.user_row(login, user) for login, user in users.items()),
            "organization_user.csv": ORGANISATION_USER.write(
                [code, *self.members_of(code, "組織")] for code in self.state["organisations"]
            ),
            "user_organization.csv": USER_ORGANISATION.write([login, *u["組織"]] for login, u in users.items()),
            "user_role.csv": USER_ROLE.write([login, *user["ロール"]] for login, user in users.items()),
            "role_user.csv": ROLE_USER.write([role, *self.members_of(role, "ロール")] for role in self.state["roles"]),
        }

    def parents_first(self):
        return sorted(self.state["organisations"].items(), key=lambda item: len(self.above(item[0])))

    def user_row(self, login, user):
        row = [""] * len(USER.columns)
        row[0] = row[3] = login
        row[4] = "*"
        for name, i in USER_FIELDS.items():
            row[i] = user[name]
        return row
