"""The language of a PDF, in which it is read aloud, and its title in the window's frame.

Matplotlib writes neither, so both are added as the format foresees it: a newer version of the file's catalog,
with its place, after the end (ISO 32000-1, 7.5.6, incremental updates).
"""

from __future__ import annotations

import re


def with_language(pdf: bytes, lang: str) -> bytes:
    r"""The same file with a language.

    Parameters
    ----------
    pdf : bytes
        From Matplotlib.
    lang : str
        Such as de.

    Examples
    --------
    >>> pdf = b"1 0 obj\n<< /Pages 2 0 R >>\nendobj\ntrailer\n<< /Size 3 /Root 1 0 R >>\n"
    >>> b"<< /Pages 2 0 R /Lang (de)" in with_language(pdf + b"startxref\n9\n%%EOF\n", "de")
    True
    """
    end = re.search(rb"trailer\s*<<(.*?)>>\s*startxref\s*(\d+)\s*%%EOF\s*\Z", pdf, flags=re.DOTALL)
    root = re.search(rb"/Root (\d+) 0 R", end[1]) if end else None
    catalog = (
        re.search(rb"(?:\A|\n)%b 0 obj\s*<<(.*?)>>\s*endobj" % root[1], pdf, flags=re.DOTALL)
        if root
        else None
    )
    if end is None or root is None or catalog is None:
        return pdf  # another kind of file: readable, without its language
    start = len(pdf)
    more = b"/Lang (%b) /ViewerPreferences << /DisplayDocTitle true >>" % lang.encode("ascii")
    update = b"%b 0 obj\n<< %b %b >>\nendobj\n" % (root[1], catalog[1].strip(), more)
    table = b"xref\n%b 1\n%010d 00000 n \n" % (root[1], start)
    trailer = b"trailer\n<< %b /Prev %b >>\n" % (end[1].strip(), end[2])
    return pdf + update + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (start + len(update))
