// `@vonage/number-insights` for node, asked line by line. It resolves to the answer as it came, whatever its status.
const { NumberInsights } = require("@vonage/number-insights");
const readline = require("readline");

const credentials = { apiKey: process.env.NI_API_KEY, apiSecret: process.env.NI_API_SECRET };

async function lookUp(asked) {
  const options = { apiHost: new URL(process.env.NI_BASE_URL).origin, timeout: asked.timeout * 1000 };
  const sdk = new NumberInsights(credentials, options);
  const answer = await sdk.basicLookup(asked.number, asked.country ? { country: asked.country } : {});
  if (answer.status === 0) return { ok: true, result: answer };
  return { ok: false, status: answer.status, reason: answer.error_text || answer.status_message };
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    const outcome = await lookUp(asked).catch((error) => ({ ok: false, status: null, reason: String(error) }));
    process.stdout.write(JSON.stringify({ id: asked.id, ...outcome }) + "\n");
  }
}

main();
