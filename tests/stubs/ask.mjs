// Reads requests as JSON from stdin, sends them by fetch, writes the answers as JSON.
// First argument: the tool that stands in for the network ("nock", "msw" or "network"), second: its file.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [tool, file] = process.argv.slice(2);
const requests = JSON.parse(readFileSync(0, "utf8"));
if (tool === "nock") {
  const require = createRequire(import.meta.url);
  const nock = require("nock");
  nock.disableNetConnect();
  require(file).load(nock);
} else if (tool === "msw") {
  const { setupServer } = await import("msw/node");
  const { handlers } = await import(pathToFileURL(file));
  setupServer(...handlers).listen({ onUnhandledRequest: "error" });
}
const answers = [];
for (const { method, url, headers, body } of requests) {
  try {
    const answer = await fetch(url, { method, headers, body });
    answers.push({ status: answer.status, type: answer.headers.get("content-type"), body: await answer.text() });
  } catch (error) {
    answers.push({ status: 0, type: "", body: String(error.cause ?? error) });
  }
}
console.log(JSON.stringify(answers));
