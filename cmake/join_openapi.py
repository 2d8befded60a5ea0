#!/usr/bin/env python3
"""Joins the fragments of the API's description into one OpenAPI 3.1 document,
as JSON and as YAML.

usage: join_openapi.py VERSION OUTPUT_DIRECTORY DOCUMENT FRAGMENT…

DOCUMENT has everything but paths. A fragment has `paths` and `schemas`; an
operation says with `x-scope` which scope a key needs (absent: no key), and gets
its security and its `default` answer, a problem, here.
"""
import json
import pathlib
import sys

import yaml


def read(path):
    return yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))


def add_all(target, more, path):
    for name, value in (more or {}).items():
        if name in target:
            sys.exit(f"{path}: {name} is described twice")
        target[name] = value


def complete(operation):
    scope = operation.get("x-scope")
    if scope:
        operation["security"] = [{"key": [scope]}]
    else:
        operation["security"] = []
    operation["responses"] = {str(status): answer for status, answer in operation["responses"].items()}
    operation["responses"].setdefault("default", {"$ref": "#/components/responses/Problem"})


def main():
    version, output, document_path, *fragments = sys.argv[1:]
    document = read(document_path)
    document["info"]["version"] = version
    document["paths"] = {}
    for path in sorted(fragments):
        fragment = read(path)
        for pattern, methods in fragment["paths"].items():
            add_all(document["paths"].setdefault(pattern, {}), methods, path)
        for kind in ("schemas", "responses", "requestBodies", "parameters"):
            add_all(document["components"].setdefault(kind, {}), fragment.get(kind), path)
    for methods in document["paths"].values():
        for operation in methods.values():
            complete(operation)
    document["paths"] = dict(sorted(document["paths"].items()))
    folder = pathlib.Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "openapi.json").write_text(
        json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "openapi.yaml").write_text(
        yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100), encoding="utf-8")


main()
