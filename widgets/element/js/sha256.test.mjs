import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { sha256 } from './sha256.js';

test('SHA-256 agrees with another implementation around the borders of its blocks', () => {
  for (const length of [0, 1, 36, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const message = Uint8Array.from({ length }, (_, at) => at * 7 + length);
    const wanted = createHash('sha256').update(message).digest('hex');
    assert.equal(Buffer.from(sha256(message)).toString('hex'), wanted, `${length} bytes`);
  }
});
