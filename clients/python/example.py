"""Starts a matching run, waits for it, sees what a no would cost, and approves a match.

    CRG_API=http://127.0.0.1:8080 CRG_MATCHER_KEY=crg_... CRG_APPROVER_KEY=crg_... python example.py
"""

import os
import time
import uuid

from crg_client import AuthenticatedClient
from crg_client.api.matches import decide_match, get_match, list_approvals
from crg_client.api.matching import get_run, start_run
from crg_client.models import NewDecision, NewDecisionDecision, NewRun, Party, Problem
from crg_client.types import UNSET


def connect(key):
    """A client that signs its requests with an API key."""
    return AuthenticatedClient(base_url=os.environ["CRG_API"], token=os.environ[key])


def new_key():
    """A fresh Idempotency-Key: one for each intended effect. Repeat it when you repeat the request."""
    return str(uuid.uuid4())


def must(answer):
    """The answer, or its problem as an error."""
    if answer is None or isinstance(answer, Problem):
        raise RuntimeError(f"the API answered {answer}")
    return answer


def until(ask, patience=60):
    """Asks again until there is an answer."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if (answer := ask()) is not None:
            return answer
        time.sleep(0.2)
    raise TimeoutError("it took too long")


def main():
    matcher, approver = connect("CRG_MATCHER_KEY"), connect("CRG_APPROVER_KEY")
    started = must(start_run.sync(client=matcher, body=NewRun(), idempotency_key=new_key()))

    def completed():
        now = must(get_run.sync(started.id, client=matcher))
        if now.state in ("failed", "cancelled"):
            raise RuntimeError(f"the run ended {now.state}")
        return now if now.state == "completed" else None

    run = until(completed)
    print(f"run {run.id}: {run.counts.proposals} proposals, achieved {run.achieved.amount} of {run.bound.amount}")

    def waiting():
        page = must(list_approvals.sync(client=approver, limit=100))
        return next((item for item in page.items if item.match.run == run.id and Party.CITY in item.sign_as), None)

    item = until(waiting)
    match = item.match.id
    print(f"{match}: {item.refusing.sentence if item.refusing is not UNSET else item.refusing_unknown}")
    body = NewDecision(decision=NewDecisionDecision.APPROVE, party=Party.CITY)
    decision = must(decide_match.sync(match, client=approver, body=body, idempotency_key=new_key()))

    def applied():
        given = must(get_match.sync(match, client=approver)).decisions
        return next((d for d in given if d.id == decision.id and d.outcome != "pending"), None)

    print(f"approved {match}: {until(applied).outcome}")


if __name__ == "__main__":
    main()
