"""Small packs for tests: one about a library, with a scope; one about animals, without scope or events."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LIBRARY = {
    "vocabulary.yaml": """\
pack: {name: library, title: Lending books}
situation:
  scope: loan
  whole: library
  records:
    loan: {in: loans, says: One book lent., fields: {book: text, kind: book_kind}, require: [book]}
    reader: {in: loans.readers, says: Somebody who has the book., fields: {name: text}}
  events: [loans.events, events]
types:
  book_kind: {one of: [novel, reference, magazine]}
events:
  lent: {says: The book left the shelf., fields: {to: reader, until: date}, require: [to]}
  reminded: {says: The reader was reminded., fields: {to: reader}}
  returned: {says: The book is back.}
  stocktaking: {says: All books were counted.}
conclusions:
  out: {says: The book is out., fields: {to: reader, until: date}}
actions:
  remind: {title: Remind the reader, priority: high}
  phone: {title: Phone the reader}
  count_books: {title: Count all books}
parameters:
  grace: {says: Days of patience., value: 3 days, profiles: {strict: 0 days}, cites: [own default]}
  max_reminders: {says: Reminders before the phone., value: 2, cites: [own default]}
profiles:
  friendly: {says: Let people be late., default: true}
  strict: {says: Ask at once.}
""",
    "rules.yaml": """\
rules:
  a-book-is-out:
    when:
      - newest lent: {to: $reader, until: $day, at: $at}
      - no returned: {at: after $at}
    conclude: {out: {to: $reader, until: $day}}
  remind-of-late-book:
    title: Remind the reader of a late book
    cites: [own default]
    when:
      - out: {to: $reader, until: $day}
    recommend:
      action: remind
      to: $reader
      open: $day + grace
      due: $day + 1 week
      done_when: {reminded: {date: on or after $day}}
  phone-at-last:
    title: Phone the reader
    cites: [own default]
    when:
      - out: {to: $reader}
      - count reminded as $n
      - where: $n at least max_reminders
    recommend: {action: phone, to: $reader}
  count-when-much-is-out:
    title: Count the books
    cites: [own default]
    for: library
    when:
      - count lent as $n
      - where: $n at least 2
      - no stocktaking: {date: after today - 30 days}
    recommend: {action: count_books}
""",
    "tests/late.yaml": """\
situation:
  loans:
    emma:
      book: Emma
      readers: {ann: {name: Ann}}
      events: [{date: 2026-02-20, event: lent, to: ann, until: 2026-03-10}]
tests:
  late: {as_of: 2026-03-13, expect: [{action: remind, to: ann, open: 2026-03-13}]}
  not-late: {as_of: 2026-03-09, reject: [{action: remind, status: due}]}
""",
}

ANIMALS = {
    "vocabulary.yaml": """\
pack: {name: animals, title: Animals}
situation:
  whole: zoo
  records:
    animal: {in: animals, says: One animal., fields: {cover: cover, legs: number, parent: animal}}
types: {cover: {one of: [fur, feathers]}}
conclusions:
  bird: {says: It is a bird., fields: {who: animal}}
actions: {build_aviary: {title: Build an aviary}}
""",
    "rules.yaml": """\
rules:
  feathers-make-birds:
    when: [animal: {id: $a, cover: feathers, legs: 2}]
    conclude: {bird: {who: $a}}
  children-of-birds:
    when: [animal: {id: $a, parent: $p}, bird: {who: $p}]
    conclude: {bird: {who: $a}}
  many-birds:
    title: Build an aviary
    cites: [own default]
    when: [count bird as $n, where: $n at least 2]
    recommend: {action: build_aviary}
""",
}


def write_pack(folder: Path, files: Mapping[str, str]) -> Path:
    """The files in that folder, which is made."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
