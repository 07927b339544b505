"""The OpenAPI document as one file, without references to other files, which every tool can load."""

from __future__ import annotations

import json
from typing import Any

from ni_contract.contract.spec_files import read_spec
from ni_contract.errors import UsageError

_SUFFIX = ".schema.json"


def bundled(name: str) -> str:
    """The text of the OpenAPI document *name*, with each schema that it refers to as a component.

    Raises UsageError where PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError:
        raise UsageError("--bundle needs PyYAML: pip install 'ni-contract[schemas]'") from None
    return str(yaml.safe_dump(_bundle(yaml.safe_load(read_spec(name))), sort_keys=False, allow_unicode=True, width=120))


def _bundle(document: dict[str, Any]) -> dict[str, Any]:
    waiting = _Components()
    whole: dict[str, Any] = waiting.rewritten(document, "")
    while waiting.files:
        file = waiting.files.pop()
        schema = {key: value for key, value in json.loads(read_spec(file)).items() if key != "$schema"}
        whole["components"]["schemas"][_component(file)] = waiting.rewritten(schema, file)
    return whole


def _component(file: str) -> str:
    return "".join(part.capitalize() for part in file.rpartition("/")[2].removesuffix(_SUFFIX).split(".")) + "Schema"


class _Components:
    """Rewrites references and collects the files that they need."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self._seen: set[str] = set()

    def rewritten(self, node: Any, file: str) -> Any:
        """*node* of *file* ("" is the document) with every reference to or in a schema replaced by a component's."""
        if isinstance(node, list):
            return [self.rewritten(one, file) for one in node]
        if not isinstance(node, dict):
            return node
        whole = {key: self._member(key, value, file) for key, value in node.items()}
        # Converters, to Postman collections for example, read OpenAPI's `example`, not JSON Schema's `examples`.
        if file and isinstance(node.get("examples"), list):
            whole["example"] = node["examples"][0]
        return whole

    def _member(self, key: str, value: Any, file: str) -> Any:
        if key != "$ref" or not isinstance(value, str):
            return self.rewritten(value, file)
        target, _, pointer = value.partition("#")
        if not target and not file:
            return value
        path = self._path(target, file)
        if path not in self._seen:
            self._seen.add(path)
            self.files.append(path)
        return f"#/components/schemas/{_component(path)}{pointer}"

    def _path(self, target: str, file: str) -> str:
        folder = file.rpartition("/")[0]
        if not target:
            return file
        return f"{folder}/{target}" if folder else target
