// Version 2 of `nexmo` for node, asked line by line. It hands over the answer as it came, whatever its status.
const Nexmo = require("nexmo");
const readline = require("readline");

const api = new URL(process.env.NI_BASE_URL);
const silent = { info() {}, error() {}, warn() {} };

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const asked = JSON.parse(line);
  let isTold = false;
  const tell = (outcome) => {
    if (!isTold) process.stdout.write(JSON.stringify({ id: asked.id, ...outcome }) + "\n");
    isTold = true;
  };
  const fail = (error) => tell({ ok: false, status: null, reason: String((error && error.message) || error) });
  // It leaves an answer that does not come to its user.
  setTimeout(() => fail("no answer in time"), asked.timeout * 1000);
  const sdk = new Nexmo(
    { apiKey: process.env.NI_API_KEY, apiSecret: process.env.NI_API_SECRET },
    { apiHost: api.hostname, port: Number(api.port), logger: silent },
  );
  const options = { level: "basic", number: asked.number, ...(asked.country ? { country: asked.country } : {}) };
  try {
    sdk.numberInsight.get(options, (error, answer) => {
      if (error || !answer) fail(error);
      else if (answer.status === 0) tell({ ok: true, result: answer });
      else tell({ ok: false, status: answer.status, reason: answer.error_text || answer.status_message });
    });
  } catch (error) {
    fail(error);
  }
});
// It throws what it cannot read from an event, where nobody can catch it.
process.on("uncaughtException", () => {});
