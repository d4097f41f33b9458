/** SHA-256 (FIPS 180-4) of short messages: the browser's own is asynchronous and missing on pages without TLS. */

const firstBits = (root) => {
  const words = [];
  for (let n = 2; words.length < 64; n++) {
    const prime = !Array.from({ length: n - 2 }, (_, at) => at + 2).some((divisor) => n % divisor === 0);
    if (prime) words.push(((n ** (1 / root)) % 1) * 2 ** 32 | 0);
  }
  return words;
};

const K = new Int32Array(firstBits(3));
const START = firstBits(2).slice(0, 8);
const W = new Int32Array(64);

const turn = (word, by) => (word >>> by) | (word << (32 - by));

const schedule = (view, at) => {
  for (let i = 0; i < 16; i++) W[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const s0 = turn(W[i - 15], 7) ^ turn(W[i - 15], 18) ^ (W[i - 15] >>> 3);
    const s1 = turn(W[i - 2], 17) ^ turn(W[i - 2], 19) ^ (W[i - 2] >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
};

const compress = (state) => {
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + state[i]) | 0);
};

/** @param {Uint8Array} message @returns {Uint8Array} 32 bytes */
export const sha256 = (message) => {
  const padded = new Uint8Array((message.length + 72) & ~63);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  let state = START;
  for (let at = 0; at < padded.length; at += 64) {
    schedule(view, at);
    state = compress(state);
  }
  state.forEach((word, i) => view.setInt32(4 * i, word));
  return padded.slice(0, 32);
};
