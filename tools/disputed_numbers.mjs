// Prints the facts of libphonenumber-js about the numbers (a JSON list of digits) on stdin, as disputed_numbers.py does.
// Arguments: the module to load, such as FOLDER/node_modules/libphonenumber-js/max/index.js, and the main region of each
// calling code, as JSON.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [module, regions] = process.argv.slice(2);
const { parsePhoneNumberFromString } = await import(pathToFileURL(module));
const mainRegions = JSON.parse(regions);
const packageFile = join(dirname(dirname(module)), "package.json");

function lengthsOf(code) {
  const lengths = [...Array(17).keys()].map((length) => length + 1);
  return lengths.filter((length) =>
    ["2", "3", "9"].some((digit) => parsePhoneNumberFromString(`+${code}${digit.repeat(length)}`)?.isPossible()),
  );
}

const numbers = {};
for (const digits of JSON.parse(readFileSync(0, "utf-8"))) {
  const number = parsePhoneNumberFromString(`+${digits}`);
  if (number?.number === `+${digits}`) {
    numbers[digits] = [number.country ?? mainRegions[number.countryCallingCode], number.formatNational()];
  }
}
const lengths = Object.fromEntries(Object.keys(mainRegions).map((code) => [code, lengthsOf(code)]));
const version = `libphonenumber-js ${JSON.parse(readFileSync(packageFile, "utf-8")).version}`;
process.stdout.write(JSON.stringify({ version, lengths, numbers }));
