"""What schemathesis is told about this API beyond its description.

Identifiers that exist are mixed in, so that not every request ends at "not found"; and the statuses are the closed list
of docs/api.md, which the description's "default" response would leave open.
"""

import json
import os
import random

import schemathesis

# By name of the path or query parameter or the body's member: identifiers of the city that is fuzzed.
KNOWN = json.loads(os.environ.get("CRG_KNOWN", "{}"))
ANSWERS = {200, 201, 202, 400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 422, 429}


def mix_in(values):
    """Puts what exists in the place of two thirds of the generated values."""
    if not isinstance(values, dict):
        return values
    for name in values:
        if name in KNOWN and random.random() < 2 / 3:
            values[name] = random.choice(KNOWN[name])
    return values


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    return mix_in(path_parameters)


@schemathesis.hook
def map_query(context, query):
    return mix_in(query)


@schemathesis.hook
def map_body(context, body):
    return mix_in(body)


@schemathesis.check
def a_status_that_the_guide_lists(ctx, response, case):
    if response.status_code not in ANSWERS:
        raise AssertionError(f"status {response.status_code} is not in docs/api.md")
    if response.status_code >= 400:
        problem = response.json()
        if not problem.get("type", "").startswith("urn:crg:problem:") or not problem.get("request_id"):
            raise AssertionError(f"not one of our problems: {problem}")
