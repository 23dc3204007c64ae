"""The events' contract, from the AsyncAPI document: which there are, and what they look like."""

import json

from jsonschema import Draft7Validator


class Contract:
    """Checks events against the document; knows nothing that is not in it."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        components = document["components"]
        self._validators = {}
        for name, message in components["messages"].items():
            part = lambda what: Draft7Validator(
                {"allOf": [{"$ref": f"#/components/messages/{name}/{what}"}], "components": components}
            )
            self._validators[message["name"]] = (part("headers"), part("payload"), message["x-partition-key"])

    def faults(self, headers, body):
        """What is wrong with an event, as the places of the faults; never as the values that are there."""
        known = self._validators.get(headers.get("ce-type"))
        if known is None:
            return ["unknown type"]
        of_headers, of_body, key = known
        found = [f"header {where(error)}" for error in of_headers.iter_errors(headers)]
        found += [f"body {where(error)}" for error in of_body.iter_errors(body)]
        if key and at(body, key) != headers.get("ce-partitionkey"):
            found.append(f"key {key}")
        return found


def where(error):
    path = ".".join(str(part) for part in error.absolute_path)
    return f"{path or '(whole)'}: {error.validator}"


def at(body, path):
    for name in path.split("."):
        body = body.get(name, {}) if isinstance(body, dict) else {}
    return body
