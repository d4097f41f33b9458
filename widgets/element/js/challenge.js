/** Proof of work (ALTCHA v2, SHA-256), solved between frames: a worker would need a permission few pages give. */

import { sha256 } from './sha256.js';
import { after } from './when.js';

/** Milliseconds after which a request counts as unanswered. */
const PATIENCE = 30_000;

/** Seconds before its end from which on a challenge counts as too old: sending takes time too. */
const MARGIN = 20;

/** How long one slice of work may keep the page from answering, in milliseconds. */
const SLICE = 6;

const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The first counter whose key starts with the prefix. */
const search = async ({ salt, nonce, keyPrefix, keyLength, cost }) => {
  const head = bytes(salt + nonce);
  const message = new Uint8Array(head.length + 4);
  message.set(head);
  const view = new DataView(message.buffer);
  let until = performance.now() + SLICE;
  for (let counter = 0; ; counter++) {
    view.setUint32(head.length, counter);
    let key = sha256(message);
    for (let again = 1; again < cost; again++) key = sha256(key);
    if (hex(key.subarray(0, keyLength)).startsWith(keyPrefix)) return counter;
    if (performance.now() < until) continue;
    await after(0);
    until = performance.now() + SLICE;
  }
};

/**
 * Fetches a challenge and solves it.
 * @returns {Promise<{proof: string, until: number}>} the value of the header `Crm-Challenge`, and the Unix time in seconds
 *   up to which it is taken
 */
export const solve = async (address) => {
  const response = await fetch(address, { cache: 'no-store', signal: AbortSignal.timeout?.(PATIENCE) });
  if (!response.ok) throw new Error(`challenge: ${response.status}`);
  const challenge = await response.json();
  const proof = btoa(JSON.stringify({ challenge, counter: await search(challenge.parameters) }));
  return { proof, until: challenge.parameters.expiresAt };
};

/** The challenges of one address, the next one solved ahead. */
export const challenges = (address) => {
  let next;
  const prepare = () => (next ??= solve(address).catch(() => undefined));
  return {
    prepare,
    /** A fresh solution, used up by this. Empty where the gateway did not answer. */
    async take() {
      for (;;) {
        const taken = prepare();
        next = undefined;
        const solved = await taken;
        if (!solved) return '';
        if (solved.until - MARGIN > Date.now() / 1000) return solved.proof;
      }
    },
  };
};
