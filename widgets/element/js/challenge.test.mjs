import assert from 'node:assert/strict';
import { test } from 'node:test';
import { challenges } from './challenge.js';

/** A gateway whose challenges are solved by the first counter; each lives for so many seconds. */
const issuing = (...lives) => {
  const counts = { asked: 0 };
  globalThis.fetch = async () => {
    const life = lives[counts.asked++];
    if (life === undefined) return { ok: false, status: 503 };
    const parameters = { salt: '00', nonce: `0${counts.asked}`, keyPrefix: '', keyLength: 32, cost: 1 };
    return { ok: true, json: async () => ({ parameters: { ...parameters, expiresAt: Date.now() / 1000 + life } }) };
  };
  return counts;
};

const nonce = (proof) => JSON.parse(atob(proof)).challenge.parameters.nonce;

test('a challenge is solved ahead, and each solution is used once', async () => {
  const counts = issuing(300, 300);
  const { prepare, take } = challenges('https://gateway.example/challenge');
  prepare();
  prepare();
  assert.equal(counts.asked, 1);
  const proofs = await Promise.all([take(), take()]);
  assert.deepEqual(proofs.map(nonce), ['01', '02']);
});

test('a solution that is about to end is not used', async () => {
  issuing(10, 300);
  assert.equal(nonce(await challenges('https://gateway.example/challenge').take()), '02');
});

test('without an answer there is no solution, and the next one is asked for again', async () => {
  const counts = issuing();
  const { take } = challenges('https://gateway.example/challenge');
  assert.equal(await take(), '');
  assert.equal(await take(), '');
  assert.equal(counts.asked, 2);
});
