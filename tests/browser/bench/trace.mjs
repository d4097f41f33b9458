// What the page's thread does, from a trace of the browser.

/** What has to be traced for it. */
export const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** Milliseconds that events took within [start, end] microseconds; of events inside others only the outer counts. */
function sum(events, start, end) {
  let covered = start;
  let total = 0;
  for (const { ts, dur, tdur } of events) {
    const until = Math.min(end, ts + dur);
    if (until <= covered) continue;
    // Thread time, where the trace has it: what other programs did meanwhile isn't the page's work.
    const share = (until - Math.max(ts, covered)) / dur;
    total += (tdur ?? dur) * share;
    covered = until;
  }
  return total / 1000;
}

/** What the page does itself: events with the text they insert, and all that scripts run. */
const own = /^(EventDispatch|FunctionCall|FireAnimationFrame|TimerFire|RunMicrotasks)$/;

/**
 * Milliseconds of work for each event of that type up to the end of the next frame: `whole`, with the browser's style,
 * layout and paint; `page`, what the page does itself; `script`, what of that runs in scripts.
 */
export function works(events, type) {
  const timed = events.filter(({ ph, dur }) => ph === 'X' && dur > 0);
  const begins = ({ name, args }) => name === 'EventDispatch' && args.data.type === type;
  const { pid, tid } = timed.find(begins);
  const main = timed.filter((event) => event.pid === pid && event.tid === tid).sort((a, b) => a.ts - b.ts);
  const starts = main.filter(begins);
  return starts.map(({ ts }, at) => {
    const next = starts[at + 1]?.ts ?? Infinity;
    const frame = main.find((event) => event.name === 'Commit' && event.ts >= ts && event.ts < next);
    const end = frame ? frame.ts + frame.dur : next;
    const within = (names) => sum(main.filter(({ name, ts }) => names.test(name) && ts < end), ts, end);
    return { whole: within(/^RunTask$/), page: within(own), script: within(/^FunctionCall$/) };
  });
}

/** The value of `works` that a share of them is not above. */
export const at = (works, what, share) =>
  works.map((work) => work[what]).sort((a, b) => a - b)[Math.round((works.length - 1) * share)];
