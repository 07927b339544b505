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
    return str(yaml.safe_dump(_bundle(yaml.safe_load(read_spec(name))), sort_keys=False, allow_unicode=True, width=120))


def _bundle(document: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = {}

    def rewritten(node: Any, file: str) -> Any:
        """*node* of *file* ("" is the document) with every reference to or in a schema replaced by a component's."""
        if isinstance(node, list):
            return [rewritten(one, file) for one in node]
        if not isinstance(node, dict):
            return node
        whole = {key: rewritten(value, file) for key, value in node.items()}
        if isinstance(node.get("$ref"), str):
            whole["$ref"] = component(node["$ref"], file)
        # Converters, to Postman collections for example, read OpenAPI's `example`, not JSON Schema's `examples`.
        if file and isinstance(node.get("examples"), list):
            whole["example"] = node["examples"][0]
        return whole

    def component(reference: str, file: str) -> str:
        target, _, pointer = reference.partition("#")
        if not target and not file:
            return reference
        path = (PurePosixPath(file).parent / target).as_posix() if target else file
        name = "".join(map(str.capitalize, PurePosixPath(path).name.removesuffix(_SUFFIX).split("."))) + "Schema"
        if name not in schemas:
            schemas[name] = {}
            schema = {key: value for key, value in json.loads(read_spec(path)).items() if key != "$schema"}
            schemas[name] = rewritten(schema, path)
        return f"#/components/schemas/{name}{pointer}"

    whole: dict[str, Any] = rewritten(document, "")
    whole["components"]["schemas"] |= schemas
    return whole
