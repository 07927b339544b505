// Stubs for nock, by ni-contract.
const CREDENTIALS = {{ credentials }};
const STUBS = {{ stubs }};
{% include "answers.js" %}
/** Answers lookups at *host* from now on; a number without a stub is no match, which nock reports. */
function load(nock, host = "https://api.nexmo.com") {
  const scope = nock(host).persist();
  const answer = (parametersOf) =>
    function (uri, body) {
      const path = uri.split("?")[0];
      const authorization = this.req.headers.authorization;
      const found = stubFor(path, parametersOf(uri, body), [authorization].flat()[0] ?? null);
      return found ? [200, found.body, { "Content-Type": found.contentType }] : [404, ""];
    };
  const inQuery = (uri) => new URLSearchParams(uri.split("?")[1] ?? "");
  const inForm = (_uri, body) => new URLSearchParams(body);
  const isKnown = (path, parameters) => STUBS.some((s) => s.path === path && s.number === (parameters.get("number") ?? ""));
  scope.get((uri) => isKnown(uri.split("?")[0], inQuery(uri))).reply(answer(inQuery));
  for (const path of new Set(STUBS.map((stub) => stub.path))) {
    scope.post(path, (body) => isKnown(path, new URLSearchParams(body))).reply(answer(inForm));
  }
  return scope;
}

module.exports = { load, stubFor, STUBS };
