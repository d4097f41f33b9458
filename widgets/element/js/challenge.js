/** Proof of work (ALTCHA v2, SHA-256), solved between frames: a worker would need a permission few pages give. */

import { sha256 } from './sha256.js';
import { after } from './when.js';

/** How long one slice of work may keep the page from answering, in milliseconds. */
const SLICE = 12;

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

/** Fetches a challenge and solves it: the value of the header `Crm-Challenge`. */
export const solve = async (address) => {
  const response = await fetch(address, { cache: 'no-store' });
  if (!response.ok) throw new Error(`challenge: ${response.status}`);
  const challenge = await response.json();
  return btoa(JSON.stringify({ challenge, counter: await search(challenge.parameters) }));
};
