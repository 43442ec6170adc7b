"""The API answers as its description says, whatever it is asked: schemathesis asks, of a server on loopback over a real store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = "200" if os.environ.get("SOAK") else "20"
# What a request that is as described may be answered beside success: it was taken down; the address cannot be followed.
CONFIG = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "410", "424"]
"""
# Not all that is well formed can be looked for: nothing but unwanted words, say.
SEARCHES = "".join(
    f"""
[[operations]]
include-name = "GET /search/{what}"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "404", "422"]
"""
    for what in ("articles", "changes")
)
# In half of the runs the paths lead to what there is, so that what comes after them is tried too.
KNOWN = """
[parameters]
"path.source" = "bbc"
"path.article" = {article}
"path.revision" = {new}
"path.old" = {old}
"path.new" = {new}
"path.event" = 1
"path.number" = 1
"""


@pytest.mark.timeout(1800 if os.environ.get("SOAK") else 180)
@pytest.mark.parametrize(("phases", "parameters"), [("coverage,stateful", ""), ("fuzzing", KNOWN)])
def test_every_answer_is_one_that_is_described(base, seeded, token, tmp_path, phases, parameters):
    config = tmp_path / "schemathesis.toml"
    known = parameters.format(article=seeded.article, old=seeded.old, new=seeded.new)
    config.write_text(CONFIG + known + SEARCHES, encoding="utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    words = token("operator")["authorization"]
    command = [program, "--config-file", config, "--no-color", "run", f"{base}/api/v1/openapi.json", "--url", f"{base}/api/v1"]
    command += ["--header", f"Authorization:{words}", "--checks", "all", "--phases", phases, "--max-examples", EXAMPLES]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
