"""Searches kept on the server for their next pages, so that no number travels back: a session's newest, sealed."""

import json
import uuid
from base64 import b64decode, b64encode
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.sessions.backends.base import SessionBase

from audit.secrecy import NotRevealed, reveal, seal
from compliance.finding.criteria import Criteria

PLACE, COLUMN, MOST = "desk_searches", "desk_search", 10


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for, and why: `reason` and `case_reference` as the access log keeps them."""

    criteria: Criteria
    why: dict[str, str] = field(default_factory=dict)


def keep(session: SessionBase, search: Search) -> uuid.UUID:
    """Keep a search and return the id under which it is found again, in this session alone."""
    name = uuid.uuid4()
    whole = json.dumps({**asdict(search), "criteria": search.criteria.as_mapping()})
    sealed = b64encode(seal(whole, column=COLUMN, record=name)).decode()
    session[PLACE] = {**dict([*session.get(PLACE, {}).items()][1 - MOST :]), str(name): sealed}
    return name


def kept(session: SessionBase, name: uuid.UUID) -> Search | None:
    """Return a kept search; None when there is none of that id, or no longer."""
    try:
        whole: Any = json.loads(reveal(b64decode(session[PLACE][str(name)]), column=COLUMN, record=name))
    except (KeyError, NotRevealed):
        return None
    return Search(Criteria.parse(whole["criteria"]), whole["why"])
