"""The OpenAPI document as one file, without references to other files, which every tool can load."""

import json
from pathlib import PurePosixPath
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
    return str(
        yaml.safe_dump(_Bundle().whole(yaml.safe_load(read_spec(name))), sort_keys=False, allow_unicode=True, width=120)
    )


class _Bundle:
    """A document of which each reference to a schema's file becomes one to a component, which has its content."""

    def __init__(self) -> None:
        self.schemas: dict[str, Any] = {}

    def whole(self, document: dict[str, Any]) -> dict[str, Any]:
        """*document* with its schemas."""
        whole: dict[str, Any] = self._rewritten(document, "")
        whole["components"]["schemas"] |= self.schemas
        return whole

    def _rewritten(self, node: Any, file: str) -> Any:
        """*node* of *file* ("" is the document) with every reference to or in a schema replaced by a component's."""
        if isinstance(node, list):
            return [self._rewritten(one, file) for one in node]
        if not isinstance(node, dict):
            return node
        whole = {key: self._rewritten(value, file) for key, value in node.items()}
        if isinstance(node.get("$ref"), str):
            whole["$ref"] = self._component(node["$ref"], file)
        # Converters, to Postman collections for example, read OpenAPI's `example`, not JSON Schema's `examples`.
        if file and isinstance(node.get("examples"), list):
            whole["example"] = node["examples"][0]
        return whole

    def _component(self, reference: str, file: str) -> str:
        target, _, pointer = reference.partition("#")
        if not target and not file:
            return reference
        path = (PurePosixPath(file).parent / target).as_posix() if target else file
        name = "".join(map(str.capitalize, PurePosixPath(path).name.removesuffix(_SUFFIX).split("."))) + "Schema"
        if name not in self.schemas:
            # Named first, because a schema can refer to itself.
            self.schemas[name] = {}
            schema = {key: value for key, value in json.loads(read_spec(path)).items() if key != "$schema"}
            self.schemas[name] = self._rewritten(schema, path)
        return f"#/components/schemas/{name}{pointer}"
