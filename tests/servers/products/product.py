# SPDX-License-Identifier: GPL-3.0-or-later
"""What all products have: files that they import one after the other, files that they export, and a state."""

import copy

from sheet import Refused


class Product:
    """A product's tables are dictionaries of `self.state`: {table: {key: {column: value}}}, in the order of
    their making.

    imports: file -> (Sheet, method), in the order in which a site's script imports them. The method gets
    the row and raises Refused. whole: one row that is refused refuses its file (else only itself).
    """

    imports = {}
    lists = {}  # file -> table of keys that only the fixtures of a test hold
    tables = ()
    whole = True
    tells = None

    def __init__(self, state=None):
        self.state = state or {table: {} for table in self.tables}

    def take(self, file, content):
        """[(line, reason)] of the rows that were refused; raises Refused when nothing was taken."""
        sheet, method = self.imports[file]
        rows = sheet.read(content)
        before = copy.deepcopy(self.state)
        refused = []
        try:
            self.begin(file, rows)
            for line, row in rows:
                self.take_row(method, line, row, refused)
            self.finish(file, rows)
        except Refused:
            self.state = before
            raise
        return refused

    def take_row(self, method, line, row, refused):
        try:
            getattr(self, method)(row)
        except Refused as fault:
            if self.whole:
                raise Refused(fault.reason, line) from None
            refused.append((line, fault.reason))

    def load(self, file, rows):
        """What the product holds when a test begins: rows of a fixture."""
        if file in self.lists:
            self.state[self.lists[file]].update({row[0]: {} for row in rows})
            return
        self.begin(file, rows)
        for row in rows:
            getattr(self, self.imports[file][1])(row)

    def begin(self, file, rows):
        """Before the first row, for what a product does with a file as a whole."""

    def finish(self, file, rows):
        """After the last one."""

    def export(self):
        """{file: content}"""
        raise NotImplementedError

    def known(self, table, key, what):
        if key not in self.state[table]:
            raise Refused(f"{what} {key} is not known")
        return self.state[table][key]

    def rename(self, table, old, new):
        """The row keeps its place."""
        if new in self.state[table]:
            raise Refused(f"{new} is there already")
        self.state[table] = {new if key == old else key: row for key, row in self.state[table].items()}
