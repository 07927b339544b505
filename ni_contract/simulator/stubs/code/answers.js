
/** The stub for a request, or undefined: *parameters* are URLSearchParams, *authorization* a header's value or null. */
function stubFor(path, parameters, authorization) {
  const wrong = !hasRightCredentials(parameters, authorization);
  const number = parameters.get("number") ?? "";
  const country = parameters.get("country") ?? "";
  const stubs = STUBS.filter((stub) => stub.path === path);
  return (
    (wrong && stubs.find((stub) => stub.wrongCredentials)) ||
    stubs.find(
      (stub) =>
        !stub.wrongCredentials && stub.number === number && (number === "" || stub.countries.includes(country)),
    )
  );
}

function hasRightCredentials(parameters, authorization) {
  const key = parameters.get("api_key");
  const secret = parameters.get("api_secret");
  if (CREDENTIALS === null) {
    return secret !== null || parameters.has("sig") || Boolean(authorization);
  }
  if (secret !== null) {
    return secret === CREDENTIALS.secret && key === CREDENTIALS.key;
  }
  const basic = /^basic +(\S+)\s*$/i.exec(authorization ?? "");
  return basic !== null && basic[1] === CREDENTIALS.basic && (key === null || key === CREDENTIALS.key);
}
