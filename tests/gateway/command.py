"""The ``gateway`` command in this process: a process of its own takes seconds to start."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from gateway import cli


def gateway_here(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What ``gateway`` comes to with these words and, of the environment's settings, these alone."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, {**kept, **settings, "COLUMNS": "1000"}, clear=True),
        mock.patch.object(sys, "argv", ["gateway", *arguments]),
        mock.patch.object(cli, "stop_on_sigterm"),  # the signals of this process are pytest's
        redirect_stdout(out),
        redirect_stderr(err),
        ThreadPoolExecutor(1) as beside,  # where no loop runs
    ):
        code = beside.submit(_code).result(120)
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def _code() -> int:
    try:
        cli.main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
