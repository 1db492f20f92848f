// Opens the answers on standard input, one a line, with the private key in the file named; prints one line for each.

import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { compactDecrypt } from "jose";

const key = createPrivateKey(readFileSync(process.argv[2]));
const answers = readFileSync(0, "utf8").split("\n").filter(Boolean);
for (const answer of answers) {
  const { plaintext, protectedHeader } = await compactDecrypt(answer, key);
  const document = Buffer.from(plaintext).toString("base64");
  process.stdout.write(`${JSON.stringify({ header: protectedHeader, document })}\n`);
}
