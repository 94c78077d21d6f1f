"""What schemathesis is told about this API beyond its description.

Identifiers that exist are mixed in, so that not every request ends at "not found"; and the statuses are the closed list
of docs/api.md, which the description's "default" response would leave open.
"""

import json
import os
import pathlib
import re
import zlib

import schemathesis
import yaml

# By name of the path or query parameter or the body's member: identifiers of the city that is fuzzed.
KNOWN = json.loads(os.environ.get("CRG_KNOWN", "{}"))
ANSWERS = {200, 201, 202, 204, 400, 401, 403, 404, 405, 406, 408, 409, 412, 413, 415, 422, 429}


def patterns():
    """The pattern that the description gives the identifiers, by name."""
    spec = yaml.safe_load(pathlib.Path("../openapi.yaml").read_text())
    schemas = spec["components"]["schemas"]
    named = [(parameter["name"], parameter["schema"]) for parameter in spec["components"]["parameters"].values()]
    for schema in schemas.values():
        named += schema.get("properties", {}).items()
    found = {}
    for name, schema in named:
        schema = schemas.get(schema.get("$ref", "").rpartition("/")[2], schema)
        if "pattern" in schema:
            found.setdefault(name, re.compile(schema["pattern"]))
    return found


PATTERNS = patterns()


def fits(name, value):
    """Whether a generated value is a valid identifier: what is wrong on purpose has to stay so."""
    return isinstance(value, str) and (name not in PATTERNS or PATTERNS[name].search(value))


def mix_in(values):
    """Puts what exists in the place of two thirds of the valid identifiers, the same for the same value."""
    if not isinstance(values, dict):
        return values
    for name, value in values.items():
        if name in KNOWN and fits(name, value):
            lot = zlib.crc32(value.encode("utf-8", "surrogatepass"))
            if lot % 3:
                values[name] = KNOWN[name][lot % len(KNOWN[name])]
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
