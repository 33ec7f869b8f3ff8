# SPDX-License-Identifier: GPL-3.0-or-later
"""desknet's NEO: every row has an internal ID, 0 in a row that is new; only an export tells what it became.

「d」 in 削除フラグ deletes; a password of asterisks stays; an organisation is called *ID, @code or by its name. Each
version has its own columns, and takes no file with those of another.
"""

from product import Product
from sheet import Refused, Sheet

NEWER = {  # since version: columns
    2.0: ["夏時間"],
    2.5: ["使用停止フラグ"],
    7.5: [
        "職場用メールアドレス通知設定", "職場用メールアドレス公開設定", "携帯用メールアドレス通知設定",
        "携帯用メールアドレス公開設定", "自宅用メールアドレス通知設定", "自宅用メールアドレス公開設定",
        "その他メールアドレス通知設定", "その他メールアドレス公開設定",
    ],
}
USER = [
    "削除フラグ", "ID", "氏名", "ふりがな", "ログインID", "パスワード", "ユーザーレベル", "社員番号", "役職", "組織", "内線",
    "職場用メールアドレス", "表示順",
]
ORGANISATION = ["削除フラグ", "ID", "組織名", "企業内組織コード", "上位組織", "表示順"]
CALENDAR = ["休日カレンダーID", "休日カレンダー下位組織使用フラグ"]  # of organisations, since 3.5
NOT_KEPT = ("削除フラグ", "ID", "パスワード", "組織")


def user_sheet(version):
    columns = USER + [name for since, names in NEWER.items() if version >= since for name in names]
    return Sheet(columns, limits={"氏名": 100, "ログインID": 100}, needed=("ID", "氏名", "ログインID"))


def organisation_sheet(version):
    return Sheet(ORGANISATION + (CALENDAR if version >= 3.5 else []), needed=("ID", "組織名"))


class Desknets(Product):
    tables = ("organisations", "users")

    def __init__(self, state=None):
        super().__init__(state)
        self.state.setdefault("version", 8.0)
        self.state.setdefault("last_id", 500)
        self.imports = {
            "organization.csv": (organisation_sheet(self.state["version"]), "organisation"),
            "user.csv": (user_sheet(self.state["version"]), "user"),
        }

    def load(self, file, rows):
        """Fixtures are exports: each row keeps the ID that it has there."""
        table, method = {"organization.csv": ("organisations", "organisation"), "user.csv": ("users", "user")}[file]
        for row in rows:
            self.state[table][row[1]] = {"企業内組織コード": "", "組織名": "", "上位組織": "", "ログインID": "", "組織": []}
            getattr(self, method)(row)

    def new_id(self):
        self.state["last_id"] += 1
        return str(self.state["last_id"])

    def identified(self, table, flag, number):
        """(ID, row): of the one that the row names, or of a new one; (ID, None) when it was deleted."""
        if flag not in ("", "d", "D"):
            raise Refused("削除フラグ is d or empty")
        if number == "0":
            if flag:
                raise Refused("who has no ID yet cannot be deleted")
            return self.new_id(), {}
        row = self.known(table, number, "ID")
        if flag:
            del self.state[table][number]
            return number, None
        return number, row

    def organisation_called(self, word):
        organisations = self.state["organisations"]
        for number, row in organisations.items():
            if word in ("*" + number, row["組織名"]) or (row["企業内組織コード"] and word == "@" + row["企業内組織コード"]):
                return number
        raise Refused(f"組織 {word} is not known")

    def unique(self, table, column, value, number):
        for other, row in self.state[table].items():
            if other != number and value and row[column].lower() == value.lower():
                raise Refused(f"{column} {value} is another's (ID {other})")

    def organisation(self, values):
        row = dict(zip(self.imports["organization.csv"][0].columns, values))
        number, kept = self.identified("organisations", row["削除フラグ"], row["ID"])
        if kept is None:
            self.forget_organisation(number)
            return
        self.unique("organisations", "企業内組織コード", row["企業内組織コード"], number)
        row["上位組織"] = self.organisation_called(row["上位組織"]) if row["上位組織"] else ""
        if number in self.above(row["上位組織"]):
            raise Refused("an organisation would be above itself")
        kept.update({name: value for name, value in row.items() if name not in ("削除フラグ", "ID")})
        self.state["organisations"][number] = kept

    def above(self, number):
        numbers = []
        while number:
            numbers.append(number)
            number = self.state["organisations"][number]["上位組織"]
        return numbers

    def forget_organisation(self, number):
        for row in self.state["organisations"].values():
            if row["上位組織"] == number:
                raise Refused("there are organisations below it")
        for user in self.state["users"].values():
            user["組織"] = [n for n in user["組織"] if n != number]

    def user(self, values):
        row = dict(zip(self.imports["user.csv"][0].columns, values))
        number, kept = self.identified("users", row["削除フラグ"], row["ID"])
        if kept is None:
            return
        self.unique("users", "ログインID", row["ログインID"], number)
        organisations = [self.organisation_called(word) for word in row["組織"].split(";") if word]
        kept.update({name: value for name, value in row.items() if name not in NOT_KEPT})
        kept["組織"] = organisations
        kept.setdefault("パスワード", "")
        if row["パスワード"].strip("*"):
            kept["パスワード"] = row["パスワード"]
        self.state["users"][number] = kept

    def export(self):
        user, organisation = self.imports["user.csv"][0], self.imports["organization.csv"][0]
        return {
            "organization.csv": organisation.write(
                self.organisation_row(organisation, number, row)
                for number, row in self.state["organisations"].items()
            ),
            "user.csv": user.write(
                self.user_row(user, number, row) for number, row in self.state["users"].items()
            ),
        }

    def call(self, number):
        code = self.state["organisations"][number]["企業内組織コード"]
        return "@" + code if code else "*" + number

    def organisation_row(self, sheet, number, row):
        values = {**row, "ID": number, "上位組織": self.call(row["上位組織"]) if row["上位組織"] else ""}
        return [values.get(name, "") for name in sheet.columns]

    def user_row(self, sheet, number, row):
        called = ";".join(self.call(n) for n in row["組織"])
        values = {**row, "ID": number, "パスワード": "********", "組織": called}
        return [values.get(name, "") for name in sheet.columns]
