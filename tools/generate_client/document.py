"""An OpenAPI document and the schemas beside it, with references followed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from ni_contract.errors import UsageError


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the document: its value, its file, and its path of keys."""

    value: Any
    file: str
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        """The key of the place, such as `FormOrJson` in `#/components/requestBodies/FormOrJson`."""
        return self.keys[-1]

    def get(self, key: str, default: Any = None) -> Any:
        """The plain value at *key*."""
        return self.value.get(key, default)


@dataclass(frozen=True, slots=True)
class Document:
    """The files that *root* refers to, which *read* returns by name."""

    root: str
    read: Callable[[str], str]
    _files: dict[str, Any] = field(default_factory=dict)

    def at(self, *keys: str) -> Node:
        """The node at *keys*, references followed on the way. Raises UsageError where there is none."""
        return self.below(Node(self._load(self.root), self.root, ()), *keys)

    def below(self, node: Node, *keys: str) -> Node:
        """The node at *keys* below *node*, references followed on the way and at the end."""
        for key in keys:
            node = self._follow(_child(node, key))
        return node

    def has(self, node: Node, key: str) -> bool:
        """Whether *node* has the key *key*."""
        return isinstance(node.value, dict) and key in node.value

    def children(self, node: Node, *keys: str) -> Iterator[tuple[str, Node]]:
        """Each key below *keys* of *node* with its node; nothing where that does not exist."""
        for key in keys:
            if not self.has(node, key):
                return
            node = self.below(node, key)
        names = [str(i) for i in range(len(node.value))] if isinstance(node.value, list) else list(node.value)
        for name in names:
            yield name, self.below(node, name)

    def _follow(self, node: Node) -> Node:
        while isinstance(node.value, dict) and "$ref" in node.value:
            file, _, pointer = node.value["$ref"].partition("#")
            file = file or node.file
            node = Node(self._load(file), file, ())
            for key in pointer.strip("/").split("/") if pointer else ():
                node = _child(node, key.replace("~1", "/").replace("~0", "~"))
        return node

    def _load(self, file: str) -> Any:
        if file not in self._files:
            text = self.read(file)
            self._files[file] = json.loads(text) if file.endswith(".json") else yaml.safe_load(text)
        return self._files[file]


def _child(node: Node, key: str) -> Node:
    try:
        value = node.value[int(key)] if isinstance(node.value, list) else node.value[key]
    except (KeyError, IndexError, ValueError, TypeError):
        raise UsageError(f"{node.file} has nothing at #/{'/'.join((*node.keys, key))}; the client needs it") from None
    return Node(value, node.file, (*node.keys, key))
