# SPDX-License-Identifier: GPL-3.0-or-later
"""CSV files as strictly as a product takes them. A file that is not as the product says is refused whole."""

import csv
import io
import unicodedata


class Refused(Exception):
    """The product takes none of the file, or not this row; `line` is 0 when no row is to blame."""

    def __init__(self, reason, line=0):
        super().__init__(reason)
        self.reason = reason
        self.line = line


def width(text):
    """Half-width characters count one, full-width ones two."""
    return sum(2 if unicodedata.east_asian_width(c) in "FWA" else 1 for c in text)


class Sheet:
    """What a file looks like.

    columns: names in order; `more` says how often the last of them may be repeated. header: whether they stand
    in the first row. limits: column -> most characters, or (most, "width"). needed: columns that may not be
    empty. quote: "all" (each value must be quoted), "none" (no value may be) or "" (where it is needed).
    """

    def __init__(self, columns, **how):
        self.columns = columns
        self.more = how.get("more", 0)
        self.header = how.get("header", True)
        self.encoding = how.get("encoding", "cp932")
        self.newline = how.get("newline", "\r\n")
        self.separator = how.get("separator", ",")
        self.quote = how.get("quote", "")
        self.limits = how.get("limits", {})
        self.needed = how.get("needed", ())

    # Reading what is to be imported.

    def text(self, content):
        try:
            text = content.decode(self.encoding)
        except UnicodeDecodeError as fault:
            raise Refused(f"not {self.encoding} at byte {fault.start}") from None
        if self.encoding == "utf-8" and text.startswith("\ufeff"):
            raise Refused("the file begins with a mark (BOM)")
        if text and not text.endswith(self.newline):
            raise Refused("the last row has no end")
        if self.newline == "\n" and "\r" in text:
            raise Refused("rows end in CR LF")
        return text

    def plain_rows(self, text):
        return [row.split(self.separator) for row in text.split(self.newline)[:-1]]

    def split(self, text):
        if self.quote == "none":
            if '"' in text:
                raise Refused("values are quoted")
            return self.plain_rows(text)
        if self.quote == "all":
            for n, row in enumerate(text.split(self.newline)[:-1], 1):
                if row and not (row.startswith('"') and row.endswith('"')):
                    raise Refused("values are not quoted", n)
        try:
            stream = io.StringIO(text, newline="")
            return list(csv.reader(stream, delimiter=self.separator, strict=True))
        except csv.Error as fault:
            raise Refused(str(fault)) from None

    def check_count(self, row, line):
        least, most = len(self.columns), len(self.columns) + self.more
        if self.more:
            least -= 1
        if not least <= len(row) <= most:
            raise Refused(f"{len(row)} columns where {least} are wanted", line)

    def check_values(self, row, line):
        for name, value in zip(self.columns, row):
            if name in self.needed and not value:
                raise Refused(f"{name} is empty", line)
            limit = self.limits.get(name)
            if limit is None:
                continue
            if isinstance(limit, tuple):
                n, limit = width(value), limit[0]
            else:
                n = len(value)
            if n > limit:
                raise Refused(f"{name} is longer than {limit}", line)

    def read(self, content):
        """(line, row) of each row, or Refused."""
        rows = list(enumerate(self.split(self.text(content)), 1))
        if self.header:
            if not rows or not self.is_header(rows[0][1]):
                raise Refused("the first row does not name the columns as this version has them", 1)
            rows = rows[1:]
        for line, row in rows:
            self.check_count(row, line)
            self.check_values(row, line)
        return rows

    def is_header(self, row):
        return (row[: len(self.columns)] if self.more else row) == self.columns

    # Writing what is exported.

    def write(self, rows):
        stream = io.StringIO(newline="")
        how = {"all": csv.QUOTE_ALL, "": csv.QUOTE_MINIMAL, "none": csv.QUOTE_NONE}[self.quote]
        writer = csv.writer(stream, delimiter=self.separator, lineterminator=self.newline, quoting=how)
        if self.header:
            writer.writerow(self.columns)
        writer.writerows(rows)
        return stream.getvalue().encode(self.encoding)
