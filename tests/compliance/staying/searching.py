"""Known numbers and names looked for in whatever leaves or is kept, however it is written."""

import base64
import binascii
import html
import io
import re
import unicodedata
import zipfile
from urllib.parse import unquote

import pypdf
from django.contrib.messages.storage.cookie import CookieStorage

BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:<[^<>]*>|[\s.\-\u00a0\u2007\u2009\u202f])+(?=\d)")
IN_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
IN_HEXADECIMAL = re.compile(r"(?:[0-9a-fA-F]{2}){11,}")
PDF, ZIP = b"%PDF-", b"PK\x03\x04"


class Known:
    """What is looked for: texts by what they are called."""

    def __init__(self, texts):
        self.texts = {name: plain(text) for name, text in texts.items()}
        self.pattern = re.compile("|".join(re.escape(text) for text in self.texts.values()))

    def among(self, *texts):
        """Return the names of all that stand in any of these texts."""
        found = set()
        for text in texts:
            for way in ways(text):
                if self.pattern.search(way):
                    found |= {name for name, known in self.texts.items() if known in way}
        return found

    def of_answer(self, answer):
        """Return what stands anywhere in an answer: its content, its headers, where it leads and its cookies."""
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = [f"{name}: {value}" for name, value in answer.headers.items()]
        cookies = [told for cookie in answer.cookies.values() for told in (cookie.value, *messages_in(cookie))]
        return self.among(*headers, *cookies, *texts_of(content))


def messages_in(cookie):
    """Yield the messages that a cookie carries packed."""
    if cookie.key == CookieStorage.cookie_name and cookie.value:
        yield from (str(message) for message in CookieStorage(None)._decode(cookie.value) or ())


def texts_of(content):
    """Yield the texts of a content, those of a document or of an archive's members too."""
    if content.startswith(PDF):
        reader = pypdf.PdfReader(io.BytesIO(content))
        yield "\n".join(page.extract_text() for page in reader.pages)
        yield str(reader.metadata)
    elif content.startswith(ZIP):
        archive = zipfile.ZipFile(io.BytesIO(content))
        for name in archive.namelist():
            yield name
            yield from texts_of(archive.read(name))
    yield content.decode("utf-8", "replace")


def ways(text):
    """Yield every way in which a text may be read."""
    read = html.unescape(text)
    for way in dict.fromkeys((read, unquote(read))):
        yield plain(way)
    packed = {unpacked(one) for one in IN_BASE64.findall(read)}
    packed |= {bytes.fromhex(one).decode("utf-8", "replace") for one in IN_HEXADECIMAL.findall(read)}
    yield plain("\n".join(packed))


def unpacked(packed):
    try:
        bare = packed.rstrip("=")
        content = base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_" if set("-_") & set(bare) else None)
    except binascii.Error:
        return ""
    return content.decode("utf-8", "replace")


def plain(text):
    """Return a text in one spelling, with nothing between digits."""
    return BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text)).casefold()
