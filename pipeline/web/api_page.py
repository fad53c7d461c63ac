"""The page of the API, drawn from the document that describes it to programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse

from pipeline.web.rendering import render

router = APIRouter(include_in_schema=False)


class Field(NamedTuple):
    """What goes in or comes out under a name."""

    name: str
    kind: str
    needed: bool
    description: str


class Route(NamedTuple):
    """One route.

    Attributes:
        method, path, description: of it.
        sent, answered: fields of the body, and of the answer; of several kinds of it the first.
        query: fields of the address.
        curl: a command that asks it.
        answer: to that command; empty where it is a file.
    """

    method: str
    path: str
    description: str
    sent: list[Field]
    query: list[Field]
    answered: list[Field]
    curl: str
    answer: str


@router.get("/api")
def api(request: Request) -> HTMLResponse:
    """Return the page."""
    document = request.app.openapi()
    routes = list(routes_of(document, str(request.base_url).rstrip("/")))
    failures = document["paths"]["/api/tag"]["post"]["responses"].items()
    return render(
        request,
        "api.html",
        routes=routes,
        failures={status: said["description"] for status, said in failures if status != "200"},
    )


def routes_of(document: dict[str, Any], address: str) -> Iterator[Route]:
    """Yield the routes of an OpenAPI document, with examples that ask a server at an address."""
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {})
            sent = _first(body.get("application/json", {}).get("schema", {}), schemas)
            content = operation["responses"]["200"].get("content", {})
            answered = _first(content.get("application/json", {}).get("schema", {}), schemas)
            query = [
                Field(each["name"], _kind(each["schema"]), False, each.get("description", ""))
                for each in operation.get("parameters", ())
            ]
            curl = f"curl {address}{path}"
            if sent:
                example = json.dumps(sent["examples"][0], ensure_ascii=False)
                curl += f" \\\n  -H 'Content-Type: application/json' \\\n  -d '{example}'"
            elif body:
                curl = f"curl '{address}{path}?name=ofertas.csv' \\\n"
                curl += "  --data-binary @ofertas.csv -o tagged.csv"
            (answer,) = answered.get("examples", [""])[:1] or [""]
            yield Route(
                method.upper(),
                path,
                operation["description"],
                _fields(sent),
                query,
                _fields(answered),
                curl,
                json.dumps(answer, ensure_ascii=False, indent=2) if answer else "",
            )


def _first(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that another one names, the first where it names several."""
    schema = schema.get("anyOf", [schema])[0]
    named: dict[str, Any] = schemas.get(schema.get("$ref", "").rpartition("/")[2], {})
    return named


def _fields(schema: dict[str, Any]) -> list[Field]:
    needed = schema.get("required", ())
    return [
        Field(name, _kind(held), name in needed, held.get("description", ""))
        for name, held in schema.get("properties", {}).items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """Return what a value may be, in a few words."""
    if "anyOf" in schema:
        return " | ".join(_kind(each) for each in schema["anyOf"])
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array" and "items" in schema:
        return f"[{_kind(schema['items'])}]"
    if "prefixItems" in schema:
        return f"[{', '.join(map(_kind, schema['prefixItems']))}]"
    return str(schema.get("type", ""))
