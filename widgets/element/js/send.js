/** Sending what is in the outbox: until it is acknowledged or refused, never twice with effect. */

import { solve } from './challenge.js';
import { outbox } from './outbox.js';

/** Pauses before the next try in seconds; the last one repeats. */
const PAUSES = [1, 2, 5, 10, 30, 60];

/** Milliseconds after which a request counts as unanswered. */
const PATIENCE = 30_000;

const pause = (seconds) =>
  new Promise((done) => {
    setTimeout(done, seconds * 1000);
    addEventListener('online', done, { once: true });
  });

const problemOf = async (response) => {
  const problem = await response.json().catch(() => ({}));
  return { code: (problem.type ?? '').split('/').pop(), errors: problem.errors ?? [] };
};

const post = async ({ url, form, key, body }, challenged) => {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const address = url.replace(/submissions$/, `challenge?form=${encodeURIComponent(form)}`);
  if (challenged) headers['crm-challenge'] = (await solve(address)).proof;
  const signal = AbortSignal.timeout?.(PATIENCE);
  return fetch(url, { method: 'POST', headers, body, keepalive: body.length < 60_000, signal });
};

/**
 * One try.
 * @returns {Promise<{accepted: object} | {refused: object} | {later: number} | {challenge: true}>} the receipt,
 *   what is wrong, the seconds to wait at least, or that a challenge must be solved
 */
const tryOnce = async (entry, challenged) => {
  try {
    const response = await post(entry, challenged);
    if (response.ok) return { accepted: await response.json() };
    if ([400, 404, 409, 413, 415, 422].includes(response.status)) return { refused: await problemOf(response) };
    if (response.status === 403) return { challenge: true };
    return { later: Number(response.headers.get('retry-after')) || 0 };
  } catch {
    return { later: 0 };
  }
};

/**
 * Sends an entry that is in the outbox, and takes it out once it is acknowledged or refused.
 * @param {object} entry
 * @param {{challenge: boolean, keep?: boolean, waiting?: () => void, gone?: () => boolean}} options `keep` leaves what is
 *   refused in the outbox; `waiting` is called after each
 *   try that came to nothing; `gone` says that nobody waits any more, and the entry is left to the next page
 * @returns {Promise<{accepted?: object, refused?: object}>}
 */
export const send = async (entry, { challenge, keep, waiting, gone }) => {
  let challenged = challenge;
  for (let tries = 0; !gone?.(); tries++) {
    const answer = await tryOnce(entry, challenged);
    if (answer.accepted || answer.refused) {
      if (answer.accepted || !keep) await outbox.remove(entry.key);
      return answer;
    }
    // The first refusal for want of a challenge is answered at once, with a fresh one.
    const fresh = answer.challenge && tries === 0;
    challenged ||= Boolean(answer.challenge);
    if (fresh) continue;
    waiting?.();
    await pause(Math.max(answer.later ?? 0, PAUSES[Math.min(tries, PAUSES.length - 1)]));
  }
  return {};
};
