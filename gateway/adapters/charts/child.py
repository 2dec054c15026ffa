"""Draws charts, in a process of its own: Vega holds the interpreter's lock while it draws.

It is started by its path and imports nothing of the gateway, so that it takes no more memory than Vega does. A request
is its length and JSON (``spec``, ``locale``, ``format``), the response whether it succeeded, a length, and a picture
or the message of an error. It ends with the input, so also if the server is killed.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from typing import BinaryIO

import vl_convert
from fontpkg_noto_sans import ROOT

REQUEST_HEAD, RESPONSE_HEAD = struct.Struct("!I"), struct.Struct("!?I")
NICENESS = 5
"""Requests come first."""
PNG_SCALE = 2.0
"""Dots of a PNG for each pixel of the SVG."""


def main() -> None:
    """Draw until the input ends. The argument: seconds that one chart may take."""
    seconds = float(sys.argv[1])
    requests, responses = os.fdopen(0, "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no picture
    os.nice(NICENESS)
    vl_convert.register_font_directory(str(ROOT / "files"))
    while request := _read(requests):
        # A drawing that hangs runs no Python; the kernel ends the process, even where no parent is left to do it.
        signal.setitimer(signal.ITIMER_REAL, seconds)
        succeeded, response = _answer(request)
        signal.setitimer(signal.ITIMER_REAL, 0)
        responses.write(RESPONSE_HEAD.pack(succeeded, len(response)) + response)
        responses.flush()


def _read(requests: BinaryIO) -> bytes:
    """The next request; nothing at the end of the input."""
    head = requests.read(REQUEST_HEAD.size)
    return requests.read(REQUEST_HEAD.unpack(head)[0]) if len(head) == REQUEST_HEAD.size else b""


def _answer(request: bytes) -> tuple[bool, bytes]:
    asked = json.loads(request)
    spec, locale = json.dumps(asked["spec"]), asked["locale"]
    try:
        if asked["format"] == "image/png":
            return True, vl_convert.vegalite_to_png(spec, scale=PNG_SCALE, allowed_base_urls=[], format_locale=locale)
        return True, vl_convert.vegalite_to_svg(spec, allowed_base_urls=[], format_locale=locale).encode()
    except ValueError as error:
        return False, str(error).encode()


if __name__ == "__main__":
    main()
