"""Every mistake that an author can make, one a case, with the exact words that the author reads.

A case is a file `cases/bad/AREA/MISTAKE.yaml` (or `.json`), or a folder `cases/bad/AREA/MISTAKE/` with one
file a layer, lowest first. `MISTAKE.expected` beside it holds what is printed. After a change run
`pytest --rebaseline` and read the diff.
"""

from __future__ import annotations

import pytest

from bad_cases import AREAS, FOLDER, cases, files_of
from followcue.base.diagnostic import InvalidInput


@pytest.mark.parametrize("case", cases())
def test_bad_case(case: str, request: pytest.FixtureRequest) -> None:
    path = FOLDER / case
    with pytest.raises(InvalidInput) as raised:
        AREAS[path.parent.name](files_of(path))
    said = f"{raised.value}\n"
    expected = path.with_suffix(".expected")
    if request.config.getoption("--rebaseline"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")
    assert raised.value.diagnostics
