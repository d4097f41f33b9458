import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permits } from './policy.js';

const allowing = [
  '',
  "img-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "default-src 'none'; script-src 'self' 'unsafe-eval'",
  "SCRIPT-SRC https://a.example 'WASM-UNSAFE-EVAL' ; style-src 'none'",
];
const forbidding = [
  "script-src 'self'",
  "default-src 'self'",
  "default-src 'wasm-unsafe-eval'; script-src 'nonce-abc' 'strict-dynamic'",
];

test('a policy permits WebAssembly unless it governs scripts without saying so', () => {
  for (const policy of allowing) assert.equal(permits(policy), true, policy);
  for (const policy of forbidding) assert.equal(permits(policy), false, policy);
});
