// The work of one keystroke on a slow phone, taken from a trace of the browser.
import { readFileSync } from 'node:fs';
import { launch } from '../support/browser.mjs';
import { Host } from '../support/host.mjs';
import { Visitor } from '../support/visitor.mjs';
import { pause } from '../support/wait.mjs';
import { page, startGateway } from './clinic.mjs';

const TEXT = 'Could I come on Saturday morning? What should I bring along?';
const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

const hand = (name) => readFileSync(new URL(`vanilla/${name}`, import.meta.url), 'utf8');

/** Types `TEXT` key by key on a slowed processor and returns the trace. */
async function trace(browser, visitor) {
  const debug = await visitor.context.newCDPSession(visitor.page);
  await debug.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await visitor.field('question').focus();
  await visitor.page.keyboard.type('Warm', { delay: 100 });
  await browser.startTracing(visitor.page, { categories });
  for (const letter of TEXT) {
    await visitor.page.keyboard.press(letter);
    // Far enough apart that no key waits for another.
    await pause(60);
  }
  return JSON.parse(await browser.stopTracing()).traceEvents;
}

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
 * Milliseconds of work for each key up to the end of the next frame: `whole`, with the browser's style, layout and
 * paint; `page`, what the page does itself; `script`, what of that runs in scripts.
 */
function keys(events) {
  const timed = events.filter(({ ph, dur }) => ph === 'X' && dur > 0);
  const isKey = ({ name, args }) => name === 'EventDispatch' && args.data.type === 'keydown';
  const { pid, tid } = timed.find(isKey);
  const main = timed.filter((event) => event.pid === pid && event.tid === tid).sort((a, b) => a.ts - b.ts);
  const downs = main.filter(isKey);
  return downs.map(({ ts }, at) => {
    const next = downs[at + 1]?.ts ?? Infinity;
    const frame = main.find((event) => event.name === 'Commit' && event.ts >= ts && event.ts < next);
    const end = frame ? frame.ts + frame.dur : next;
    const within = (names) => sum(main.filter(({ name, ts }) => names.test(name) && ts < end), ts, end);
    return { whole: within(/^RunTask$/), page: within(own), script: within(/^FunctionCall$/) };
  });
}

const host = await Host.start();
const gateway = await startGateway(host.origin);
const browser = await launch();

const script = `<script type="module" src="${gateway.url}/embed.js?site=clinic"></script>`;
const ours = await Visitor.open(browser, host.page(page(script, '<crm-contact form="enquiry"></crm-contact>')));
await ours.field('name').fill('Mia');
await ours.hydrated();
const measured = keys(await trace(browser, ours));
await ours.close();

const byHand = `<style>${hand('form.css')}</style><script type="module">${hand('form.js')}</script>`;
const vanilla = await Visitor.open(browser, host.page(page(byHand, hand('form.html'))), { pick: 'body' });
const compared = keys(await trace(browser, vanilla));

if (measured.length !== TEXT.length) throw new Error(`${measured.length} keys in the trace`);
const at = (keys, what, share) => keys.map((key) => key[what]).sort((a, b) => a - b)[Math.round((keys.length - 1) * share)];
const found = (keys) => ({
  page: at(keys, 'page', 0.5), p95: at(keys, 'page', 0.95), script: at(keys, 'script', 0.5), whole: at(keys, 'whole', 0.5),
});
console.log(JSON.stringify({ ours: found(measured), vanilla: found(compared) }));
await browser.close();
await gateway.stop();
host.stop();
