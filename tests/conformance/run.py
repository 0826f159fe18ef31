"""The service is asked by schemathesis whatever its OpenAPI document allows and what it forbids.

    nox -s conformance        some thousand requests; about two minutes

Each answer must have a status and a content that the document names, what is forbidden must be refused, and
nothing may be answered by a failure of the service. The rules are those of a small pack: its document has
all paths, and few enough kinds of event to go through all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).parent
RULES = HERE.parents[1] / "examples/packs/invoice-reminders"


def main() -> int:
    """Serve, ask, and give what schemathesis ended with."""
    # A busy machine may take several seconds for one of processor time, and that is not what is asked here.
    serve = (
        "-m",
        "followcue",
        "serve",
        "--rules",
        str(RULES),
        "--no-reload",
        "--port",
        "0",
        "--limit",
        "seconds=60",
    )
    service = subprocess.Popen([sys.executable, *serve], stderr=subprocess.PIPE, text=True)
    assert service.stderr is not None
    address = service.stderr.readline().split()[-1]
    threading.Thread(target=sys.stderr.writelines, args=(service.stderr,), daemon=True).start()
    try:
        command = [Path(sys.executable).with_name("schemathesis"), "run", f"{address}/openapi.json"]
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get("PYTHONPATH")]))
        env = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": path}
        return subprocess.run([*command, *sys.argv[1:]], cwd=HERE, env=env, check=False).returncode
    finally:
        service.terminate()
        service.wait(20)


if __name__ == "__main__":
    sys.exit(main())
