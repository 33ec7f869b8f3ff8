# SPDX-License-Identifier: GPL-3.0-or-later
"""A site's folder: out/ holds what is to be imported, in/ what the product says of it."""

import os


def export(site, product):
    os.makedirs(os.path.join(site, "in"), exist_ok=True)
    for file, content in product.export().items():
        with open(os.path.join(site, "in", file), "wb") as stream:
            stream.write(content)
