"""How long `followcue check` takes for packs of more and more rules.

    python benchmarks/check_growth.py            # 500, 1,000, 2,000 and 4,000 rules
    python benchmarks/check_growth.py 500 1000

The rules of a pack are as different as people would write them: conclusions of conclusions, days, counts and
words. One rule of each hundred contradicts itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

SIZES = (500, 1_000, 2_000, 4_000)


def vocabulary(size: int) -> str:
    """Words for so many rules: an action for each ten, a conclusion for each four."""
    events = "".join(
        f"  event_{i}: {{says: It was so., fields: {{to: person, by: date, n: number, way: way}}}}\n"
        for i in range(max(4, size // 20))
    )
    conclusions = "".join(
        f"  term_{i}: {{says: A term., fields: {{day: date, n: number}}}}\n" for i in range(size // 4)
    )
    actions = "".join(f"  action_{i}: {{title: Do it}}\n" for i in range(max(2, size // 10)))
    parameters = "".join(
        f"  wait_{i}: {{says: How long., value: {i % 20 + 1} days, cites: [own default]}}\n"
        for i in range(20)
    )
    return f"""\
pack: {{name: grown}}
situation:
  scope: case
  whole: cases
  records:
    case: {{in: cases, says: A case., fields: {{name: text, way: way}}}}
    person: {{in: cases.people, says: A person., fields: {{name: text}}}}
  events: [cases.events]
types:
  way: {{one of: [phone, email, letter]}}
events:
{events}conclusions:
{conclusions}actions:
{actions}parameters:
{parameters}"""


def rules(size: int) -> str:
    """So many rules, the same for the same number."""
    random = Random(size)
    return "rules:\n" + "".join(_rule(i, size, random) for i in range(size))


def _rule(i: int, size: int, random: Random) -> str:
    event = f"event_{random.randrange(max(4, size // 20))}"
    other = f"event_{random.randrange(max(4, size // 20))}"
    action = f"action_{random.randrange(max(2, size // 10))}"
    wait = f"wait_{random.randrange(20)}"
    if i % 4 == 0:
        return f"""\
  rule-{i}:
    cites: [own default]
    when:
      - {event}: {{by: $day, n: $n}}
      - where: $n at least {i % 7}
    conclude: {{term_{i // 4}: {{day: $day + {wait}, n: $n}}}}
"""
    mistake = (
        "\n      - where: $day after $from + 9 days and $day before $from + 3 days" if i % 100 == 51 else ""
    )
    return f"""\
  rule-{i}:
    title: Do what rule {i} says
    cites: [own default]
    when:
      - term_{random.randrange(size // 4)}: {{day: $day, n: at most {i % 5 + 7}}}
      - {event}: {{to: $person, date: $from, way: {random.choice(("phone", "email", "letter"))}}}
      - count {other} as $count: {{to: $person}}
      - where: $count at most {i % 6}
      - no {other}: {{date: after $day}}{mistake}
    recommend:
      action: {action}
      to: $person
      open: $day
      due: $day + {wait}
      close: $day + {wait} + 30 days
      done_when: {{{event}: {{to: $person, date: on or after $day}}}}
"""


def measured(size: int, folder: Path) -> tuple[float, str]:
    """The processor time of a check in a process of its own, in seconds, and its last line."""
    pack = folder / f"grown-{size}"
    pack.mkdir()
    (pack / "vocabulary.yaml").write_text(vocabulary(size), "utf-8")
    (pack / "rules.yaml").write_text(rules(size), "utf-8")
    command = [sys.executable, "-c", "from followcue.cli import main; main()", "check", str(pack)]
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, (done.stdout or done.stderr).strip().rpartition("\n")[2]


def main(sizes: tuple[int, ...]) -> None:
    before: tuple[int, float] | None = None
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            seconds, said = measured(size, Path(folder))
            growth = f"{seconds / before[1]:.2f} times that of {before[0]:,}" if before else ""
            each = f"{seconds / size * 1000:5.2f} ms a rule"
            print(f"{size:>6,} rules  {seconds:6.2f} s  {each}  {growth:26}  {said}")
            before = size, seconds


if __name__ == "__main__":
    main(tuple(int(size.replace(",", "")) for size in sys.argv[1:]) or SIZES)
