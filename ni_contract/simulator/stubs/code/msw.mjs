// Handlers for MSW, by ni-contract.
import { http, HttpResponse } from "msw";

const CREDENTIALS = {{ credentials }};
const STUBS = {{ stubs }};
{% include "answers.js" %}
/** Handlers for lookups at *host*; a number without a stub is left to your other handlers. */
export function handlersFor(host = "https://api.nexmo.com") {
  return [...new Set(STUBS.map((stub) => stub.path))].flatMap((path) => [
    http.get(host + path, ({ request }) => answer(path, request, new URL(request.url).searchParams)),
    http.post(host + path, async ({ request }) => {
      const type = request.headers.get("content-type") ?? "";
      if (type.toLowerCase().startsWith("application/x-www-form-urlencoded")) {
        return answer(path, request, new URLSearchParams(await request.clone().text()));
      }
    }),
  ]);
}

function answer(path, request, parameters) {
  const found = stubFor(path, parameters, request.headers.get("authorization"));
  return found && new HttpResponse(found.body, { headers: { "Content-Type": found.contentType } });
}

export const handlers = handlersFor();
