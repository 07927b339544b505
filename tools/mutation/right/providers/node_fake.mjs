// A right provider in node, without packages: node node_fake.mjs, which prints its port. Numbers are a matter of another
// service, at NUMBERS_URL: it answers ?number=…&country=… with the facts of the number, or null.
import { createHash, createHmac, randomUUID } from "node:crypto";
import { createServer } from "node:http";

const account = { key: "n3xm0rocks", secret: "12ab34cd", signatureSecret: "SIGSECRET" };
const jsonTypes = [
  "application/json",
  "application/jsonrequest",
  "application/x-javascript",
  "text/json",
  "text/javascript",
  "text/x-javascript",
  "text/x-json",
];

class Refused extends Error {
  constructor(status, text) {
    super(text);
    this.status = status;
  }
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url, "http://localhost");
  const format = { "/ni/basic/json": "json", "/ni/basic/xml": "xml" }[url.pathname];
  if (format === undefined) return send(response, 404, "text/plain", "no such page");
  if (!["GET", "HEAD", "POST"].includes(request.method)) return send(response, 405, "text/plain", "no such method");
  const answer = await answerTo(request, url, Buffer.concat(chunks).toString("utf8"), format);
  if (format === "json") return send(response, 200, "application/json; charset=utf-8", JSON.stringify(answer));
  return send(response, 200, "application/xml", toXml(answer));
});

function send(response, status, type, text) {
  const body = Buffer.from(text, "utf8");
  response.writeHead(status, { "Content-Type": type, "Content-Length": body.length });
  response.end(body);
}

async function answerTo(request, url, body, format) {
  const id = { request_id: randomUUID() };
  try {
    const params = paramsOf(request, url, body, format);
    checkCredentials(params, request.headers.authorization ?? "");
    const facts = await lookUp(params);
    return { status: 0, status_message: "Success", ...id, ...facts };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: error.status, error_text: error.message, ...id };
  }
}

function paramsOf(request, url, body, format) {
  if (request.method !== "POST") return fromForm(url.searchParams);
  const type = (request.headers["content-type"] ?? "").split(";")[0].trim().toLowerCase();
  if (format === "json" && jsonTypes.includes(type)) return fromJson(body);
  return fromForm(new URLSearchParams(body));
}

function fromForm(pairs) {
  const params = {};
  for (const [name, value] of pairs) params[name] ??= value;
  return params;
}

function fromJson(body) {
  let members;
  try {
    members = JSON.parse(body);
  } catch {
    throw new Refused(3, "Invalid request: the body is no JSON");
  }
  if (members === null || typeof members !== "object" || Array.isArray(members)) {
    throw new Refused(3, "Invalid request: the body is no JSON object");
  }
  const params = {};
  for (const [name, value] of Object.entries(members)) params[name] = String(value);
  return params;
}

function checkCredentials(params, authorization) {
  if (params.sig !== undefined) return checkSignature(params);
  let key = params.api_key;
  let secret = params.api_secret;
  if (key === undefined && secret === undefined && /^basic /i.test(authorization)) {
    const pair = Buffer.from(authorization.slice(6), "base64").toString("utf8");
    key = pair.slice(0, pair.indexOf(":"));
    secret = pair.slice(pair.indexOf(":") + 1);
  }
  if (key !== account.key || secret !== account.secret) throw new Refused(4, "Invalid credentials");
}

function checkSignature(params) {
  const age = Date.now() / 1000 - Number(params.timestamp || NaN);
  const isRecent = Math.abs(age) <= 300;
  if (params.api_key !== account.key || !isRecent) throw new Refused(4, "Invalid credentials");
  let text = "";
  for (const name of Object.keys(params).sort()) {
    if (name !== "sig" && name !== "api_secret") text += `&${name}=${params[name].replace(/[&=]/g, "_")}`;
  }
  const right = [createHash("md5").update(text + account.signatureSecret).digest("hex")];
  for (const method of ["md5", "sha1", "sha256", "sha512"]) {
    right.push(createHmac(method, account.signatureSecret).update(text).digest("hex"));
  }
  if (!right.includes(params.sig.toLowerCase())) throw new Refused(4, "Invalid credentials");
}

async function lookUp(params) {
  const number = params.number ?? "";
  const country = params.country ?? "";
  if (number.trim() === "") throw new Refused(3, "Invalid request: the number is missing");
  if (country !== "" && !/^[A-Z]{2}$/.test(country)) throw new Refused(3, "Invalid request: the country is not valid");
  const digits = number.replace(/[\s()+-]/g, "");
  if (!/^[0-9]{1,64}$/.test(digits)) throw new Refused(5, "The format of the number is not valid");
  const asked = new URLSearchParams({ number: /^[ (]*[+]/.test(number) ? `+${digits}` : digits, country });
  const answer = await fetch(`${process.env.NUMBERS_URL}?${asked}`);
  const facts = await answer.json();
  if (facts === null) throw new Refused(5, "The format of the number is not valid");
  return facts;
}

function toXml(answer) {
  const attributes = ["country_code", "country_code_iso3", "country_name", "country_prefix"]
    .map((name) => `${name}="${escape(answer[name])}"`)
    .join(" ");
  const facts =
    answer.status === 0
      ? `<international_format_number>${answer.international_format_number}</international_format_number>
  <local_number ${attributes}>${escape(answer.national_format_number)}</local_number>`
      : "";
  const text = answer.status === 0 ? answer.status_message : answer.error_text;
  return `<?xml version="1.0" encoding="UTF-8"?>
<format>
  <request_id>${answer.request_id}</request_id>
  ${facts}
  <error code="${answer.status}">${escape(text)}</error>
</format>`;
}

function escape(text) {
  return String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

server.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => console.log(server.address().port));
