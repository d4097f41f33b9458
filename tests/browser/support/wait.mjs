// Waiting for something to become true, and for a while to pass.

/** Resolves after `ms` milliseconds. */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Polls `probe` until it answers something truthy and returns that.
 * Throws with `what` in the message after `ms` milliseconds.
 */
export async function until(what, probe, ms = 20_000) {
  const end = Date.now() + ms;
  for (let last; ; await pause(50)) {
    try {
      const answer = await probe();
      if (answer) return answer;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${ms} ms for: ${what}`, { cause: last });
  }
}

/** What the promise gives; throws with `what` in the message if that takes more than `ms` milliseconds. */
export async function within(what, promise, ms) {
  let timer;
  const late = new Promise((_, failed) => {
    timer = setTimeout(() => failed(new Error(`waited ${ms} ms for: ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
