"""The oracle's command line, many times in one process: starting Python costs more than the work.

One command a line on standard input, as a JSON list of arguments; one line of JSON for each on
standard output: {"code": exit status, "out": text, "err": text}.
"""

import contextlib
import io
import json
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "oracle"))

from dmoracle import cli  # noqa: E402


def run(arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(arguments)
        except SystemExit as end:
            code = end.code
        except Exception:  # what would end the process: status 1 and a traceback
            traceback.print_exc()
            code = 1
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
