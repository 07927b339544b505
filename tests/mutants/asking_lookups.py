"""For each clause about requests, a whole client that breaks it."""

from __future__ import annotations

import time
from urllib.parse import quote

from mutants.registered import mutant
from mutants.right_clients import (
    FORM,
    Client,
    JsonPostClient,
    Members,
    PostClient,
    Reply,
    RetryingClient,
    SigningClient,
)
from ni_contract.drivers.client.server import Server

# ---------------------------------------------------------------- requests


@mutant("NIB-CLI-001")
class AsksForAnotherProduct(Client):
    def path(self) -> str:
        return "/ni/standard/json"


@mutant("NIB-CLI-002")
class Puts(Client):
    method = "PUT"


@mutant("NIB-CLI-003")
class LeavesTheMachineInTheClear(Client):
    def headers(self, server: Server) -> dict[str, str]:
        return {"Host": "api.nexmo.com"}


@mutant("NIB-CLI-004")
class SendsTheNumberTwice(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return [("number", number), *super().params(server, number, country)]


@mutant("NIB-CLI-005")
class SendsATelUri(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return super().params(server, f"tel:{number}", country)


@mutant("NIB-CLI-006")
class LosesThePlus(Client):
    def encoded(self, params: list[tuple[str, str]]) -> str:
        return "&".join(f"{name}={quote(value, safe='+')}" for name, value in params)


@mutant("NIB-CLI-007")
class SendsTheCountryInSmallLetters(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return super().params(server, number, country and country.lower())


@mutant("NIB-CLI-008")
class SendsAPythonTruth(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return [*super().params(server, number, country), ("cnam", str(False))]


@mutant("NIB-CLI-009")
class EncodesInLatin1(Client):
    def encoded(self, params: list[tuple[str, str]]) -> str:
        return f"{super().encoded(params)}&note=%E9"


@mutant("NIB-CLI-010")
class LabelsJsonAsAForm(JsonPostClient):
    content_type = FORM


@mutant("NIB-CLI-011")
class SendsCredentialsTwice(PostClient):
    def path(self) -> str:
        return f"{super().path()}?api_key=n3xm0rocks&api_secret=12ab34cd"


@mutant("NIB-CLI-012")
class SignsWithTheWrongSecret(SigningClient):
    def secret(self, server: Server) -> str:
        return server.api_secret


@mutant("NIB-CLI-013")
class SignsWithMilliseconds(SigningClient):
    def now(self) -> int:
        return int(time.time() * 1000)


@mutant("NIB-CLI-014")
class SendsTheSecretWithTheSignature(SigningClient):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return [*super().params(server, number, country), ("api_secret", server.api_secret)]


@mutant("NIB-CLI-015")
class SendsAPageIndex(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return [*super().params(server, number, country), ("page_index", "1")]


@mutant("NIB-CLI-016")
class CutsTheLastDigit(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return super().params(server, number if country else number[:-1], country)


@mutant("NIB-CLI-017")
class ForgetsTheCountry(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return super().params(server, number, None)


@mutant("NIB-CLI-018")
class HasCredentialsOfItsOwn(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return [(n, "built-in" if n == "api_secret" else v) for n, v in super().params(server, number, country)]


@mutant("NIB-CLI-019")
class SendsBasic(Client):
    def params(self, server: Server, number: str, country: str | None) -> list[tuple[str, str]]:
        return [(n, v) for n, v in super().params(server, number, country) if not n.startswith("api_")]

    def headers(self, server: Server) -> dict[str, str]:
        return {"Authorization": "Basic bjN4bTByb2NrczoxMmFiMzRjZA=="}


@mutant("NIB-CLI-020")
class SendsTheNumberAsAnInteger(JsonPostClient):
    def object(self, members: dict[str, str]) -> Members:
        digits = "".join(filter(str.isdigit, members["number"]))
        return {**members, "number": members["number"] if "country" in members else int(digits)}


@mutant("NIB-CLI-021")
class AsksTwice(Client):
    def send(self, server: Server, params: list[tuple[str, str]]) -> Reply:
        super().send(server, params)
        return super().send(server, params)


@mutant("NIB-CLI-022")
class RetriesForEver(RetryingClient):
    tries = 10_000
