"""What differs between two packs and in their advice, as data."""

from __future__ import annotations

import json

from followcue.authoring.versions.run import Blamed, Compared


def render(compared: Compared, scope_key: str) -> str:
    """All of it as JSON; edits are meant by their numbers, from 1."""
    numbers = {edit: number for number, edit in enumerate(compared.edits, 1)}

    def told(each: Blamed) -> dict[str, object]:
        change = each.change
        return {
            "kind": change.kind,
            "sort": change.key.sort,
            "name": change.key.name,
            scope_key: change.key.scope,
            "to": change.key.to,
            "about": change.key.about,
            "fields": list(change.fields),
            "old": change.old,
            "new": change.new,
            "by": {
                part or "all": [sorted(numbers[edit] for edit in group) for group in groups]
                for part, groups in each.blame.parts.items()
            },
        }

    data = {
        "edits": [
            {"number": number, **edit._asdict(), "situations": compared.blamed[edit]}
            for edit, number in numbers.items()
        ],
        "situations": {
            "asked": compared.asked,
            "changed": compared.changed,
            "judged by one side": compared.lone,
        },
        "differences": [
            {"name": d.name, "changes": [told(each) for each in d.changes], "situation": d.data}
            for d in compared.kept
        ],
        "unjudged": [
            {"name": lone.name, "by": "old" if lone.by_old else "new", "reason": lone.reason}
            for lone in compared.unjudged
        ],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
