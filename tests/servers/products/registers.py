# SPDX-License-Identifier: GPL-3.0-or-later
"""Products whose layouts are not public. What is here is of a plausible class, no more: docs/products says of each
which lines a site adapts.
"""

import re

from product import Product
from sheet import Refused, Sheet


class File:
    """One file, one table.

    key: columns that make a row unique. full: the file takes the place of the table, else rows are added and
    changed. flag: (column, value) of a row that is to be deleted. refers: column -> (table, separator) of keys that
    must be known. forms: column -> pattern. unique: columns that no two rows share, upper and lower case being one.
    fixed: columns that never change.
    """

    def __init__(self, table, sheet, key, **how):
        self.table, self.sheet, self.key = table, sheet, key
        self.full = how.get("full", False)
        self.flag = how.get("flag")
        self.refers = how.get("refers", {})
        self.forms = how.get("forms", {})
        self.unique = how.get("unique", ())
        self.fixed = how.get("fixed", ())


class Register(Product):
    files = {}
    exports = True
    whole = False
    tells = "rows"

    def __init__(self, state=None):
        self.tables = [file.table for file in self.files.values()]
        super().__init__(state)
        self.imports = {name: (file.sheet, "row") for name, file in self.files.items()}

    def begin(self, file, rows):
        self.file = self.files[file]
        self.seen = set()
        if self.file.full:
            self.state[self.file.table] = {}

    def row(self, values):
        file = self.file
        row = dict(zip(file.sheet.columns, values))
        key = "/".join(row[column] for column in file.key)
        if key in self.seen:
            raise Refused(f"{key} stands in two rows")
        self.seen.add(key)
        table = self.state[file.table]
        if file.flag and row[file.flag[0]] == file.flag[1]:
            self.known(file.table, key, file.key[0])
            del table[key]
            return
        self.check(key, row)
        table[key] = row

    def key_of(self, file, row):
        columns = self.files[file].sheet.columns
        return "/".join(row[columns.index(column)] for column in self.files[file].key)

    def check(self, key, row):
        file, table = self.file, self.state[self.file.table]
        for column, pattern in file.forms.items():
            if not re.fullmatch(pattern, row[column]):
                raise Refused(f"{column} “{row[column]}” has not the form that is wanted")
        for column, (other, separator) in file.refers.items():
            for word in row[column].split(separator) if separator else [row[column]]:
                if word:
                    self.known(other, word, column)
        for column in file.unique:
            for there, kept in table.items():
                if there != key and row[column] and kept.get(column, "").lower() == row[column].lower():
                    raise Refused(f"{column} {row[column]} is that of {there}")
        for column in file.fixed:
            if key in table and table[key][column] != row[column]:
                raise Refused(f"{column} of {key} cannot be changed")

    def export(self):
        if not self.exports:
            return {}
        return {
            name: file.sheet.write(
                [row.get(column, "") for column in file.sheet.columns] for row in self.state[file.table].values()
            )
            for name, file in self.files.items()
        }


UTF8 = {"encoding": "utf-8-sig", "quote": "all"}


class Smoothfile(Register):
    """Difference; users are stopped, or deleted by a flag; at most 500 rows in a file."""

    files = {
        "groups.csv": File(
            "groups",
            Sheet(["グループコード", "グループ名", "上位グループコード", "削除"], needed=("グループコード", "グループ名"), **UTF8),
            ["グループコード"], flag=("削除", "1"), refers={"上位グループコード": ("groups", None)},
        ),
        "users.csv": File(
            "users",
            Sheet(
                ["ログインID", "職員番号", "氏名", "メールアドレス", "グループコード", "承認者", "利用停止", "削除"],
                limits={"ログインID": 64, "氏名": 64, "メールアドレス": 128}, needed=("ログインID", "氏名"), **UTF8,
            ),
            ["ログインID"], flag=("削除", "1"), refers={"グループコード": ("groups", ";")},
            forms={"承認者": "[01]", "利用停止": "[01]"}, unique=("ログインID", "メールアドレス"),
        ),
    }
    most = 500


class Usb(Register):
    """Who holds which stick. Rows tell what is to be done with it: 引継, 更新, 返却 (which takes it out of the list)."""

    columns = ["シリアル番号", "グループ1", "グループ2", "グループ3", "利用者番号", "利用者名", "期限", "対応"]
    tells = None
    files = {
        "holders.csv": File(
            "holders", Sheet(columns, needed=("シリアル番号",)), ["シリアル番号"], flag=("対応", "返却"),
            forms={"対応": "引継|更新", "期限": r"|\d{4}/\d\d/\d\d"},
        ),
    }

    def load(self, file, rows):
        super().load(file, [row + ["更新"] for row in rows])

    def export(self):
        sheet = Sheet(self.columns[:-1])
        return {"holders.csv": sheet.write([r[c] for c in sheet.columns] for r in self.state["holders"].values())}


class Face(Register):
    """IDs are for ever, and unique whatever their case; who has a face in it, the product alone knows."""

    files = {
        "users.csv": File(
            "users",
            Sheet(
                ["ユーザーID", "表示名", "グループ", "有効", "削除"], encoding="utf-8-sig", limits={"表示名": 30},
                needed=("ユーザーID", "表示名"),
            ),
            ["ユーザーID"], flag=("削除", "1"), forms={"ユーザーID": "[A-Za-z0-9._@-]{3,200}", "有効": "[01]"},
            unique=("ユーザーID",),
        ),
    }


class Clients(Register):
    """The first two columns tell separator and quotation mark; the file replaces the list; there is no export."""

    exports = False
    files = {
        "users.csv": File(
            "users",
            Sheet(
                [
                    "区切り文字", "引用符", "ユーザー名", "使用者名", "従業員番号", "役職", "部署名", "部署コード", "備考",
                ],
                limits={"ユーザー名": (40, "width")}, needed=("ユーザー名", "使用者名"),
            ),
            ["ユーザー名"], full=True, forms={"区切り文字": ",", "引用符": '"'},
        ),
    }


class Webfilter(Register):
    """Groups by unit, and who is in which: tabs, LF, no header; both files replace what is there; no export."""

    exports = False
    tells = "set"
    how = {"encoding": "utf-8", "newline": "\n", "separator": "\t", "quote": "none", "header": False}
    files = {
        "groups.txt": File("groups", Sheet(["code", "name"], needed=("code", "name"), **how), ["code"], full=True),
        "members.txt": File(
            "members", Sheet(["account", "group"], needed=("account", "group"), **how), ["account"], full=True,
            refers={"group": ("groups", None)},
        ),
    }


class Finance(Register):
    """Users with the one who approves for them, and what they may, from when until when. Nothing is deleted."""

    whole = True
    tells = "files"
    day = r"\d{4}-\d\d-\d\d"
    files = {
        "units.csv": File(
            "units", Sheet(["所属コード", "所属名", "上位所属コード"], quote="all", needed=("所属コード",)), ["所属コード"],
            refers={"上位所属コード": ("units", None)},
        ),
        "users.csv": File(
            "users",
            Sheet(
                ["職員番号", "氏名", "所属コード", "職名", "承認者職員番号", "利用停止"], quote="all",
                limits={"職員番号": 10, "氏名": (40, "width"), "職名": (40, "width")}, needed=("職員番号", "氏名"),
            ),
            ["職員番号"], refers={"所属コード": ("units", None)}, forms={"利用停止": "[01]"},
        ),
        "rights.csv": File(
            "rights",
            Sheet(["職員番号", "所属コード", "権限", "開始日", "終了日"], quote="all", needed=("職員番号", "権限", "開始日")),
            ["職員番号", "所属コード", "権限", "開始日"],
            refers={"職員番号": ("users", None), "所属コード": ("units", None)},
            forms={"権限": "起票|審査|決裁", "開始日": day, "終了日": f"|{day}"},
        ),
    }

    def finish(self, file, rows):
        if file == "users.csv":
            for number, row in self.state["users"].items():
                if row["承認者職員番号"]:
                    self.known("users", row["承認者職員番号"], f"who approves for {number},")


class Documents(Register):
    """All users each time, with up to four posts; JIS X 0208 only."""

    whole = True
    tells = None
    posts = [f"{name}{n}" for n in range(1, 5) for name in ("所属コード", "職名", "決裁順位")]
    files = {
        "users.csv": File(
            "users",
            Sheet(
                ["ユーザーID", "職員番号", "氏名", "氏名カナ", "承認者ID", *posts, "利用区分"], encoding="shift_jis",
                limits={"ユーザーID": 20, "氏名": 20}, needed=("ユーザーID", "氏名"),
            ),
            ["ユーザーID"], full=True, forms={"利用区分": "[19]"},
        ),
    }
