"""``python -m benchmarks.handwritten PORT [--doors]``: reads ``BENCH_DATABASE_URL`` and ``BENCH_STORE``."""

from __future__ import annotations

import os
import sys

import uvicorn

from benchmarks.handwritten.application import bare, behind_doors
from gateway.server import server_config

url, store, port = os.environ["BENCH_DATABASE_URL"], int(os.environ["BENCH_STORE"]), int(sys.argv[1])
if "--doors" in sys.argv:
    config = server_config(behind_doors(url, store), port=port, log_level="info")
else:
    config = uvicorn.Config(bare(url, store), port=port, log_level="warning", access_log=False, loop="uvloop")
uvicorn.Server(config).run()
