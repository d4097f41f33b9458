// The work of one keystroke on a slow phone, taken from a trace of the browser.
import { readFileSync } from 'node:fs';
import { launch } from '../support/browser.mjs';
import { Host } from '../support/host.mjs';
import { Visitor } from '../support/visitor.mjs';
import { pause } from '../support/wait.mjs';
import { page, startGateway } from './clinic.mjs';

const TEXT = 'Could I come on Saturday morning? What should I bring along?';
const categories = ['devtools.timeline', 'disabled-by-default-devtools.timeline'];

const own = (name) => readFileSync(new URL(`vanilla/${name}`, import.meta.url), 'utf8');

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

/** Milliseconds of work for each key: `whole` up to the end of the next frame, `script` of it in scripts. */
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
    const within = (name) => sum(main.filter((event) => event.name === name && event.ts < end), ts, end);
    return { whole: within('RunTask'), script: within('FunctionCall'), framed: Boolean(frame) };
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

const hand = `<style>${own('form.css')}</style><script type="module">${own('form.js')}</script>`;
const vanilla = await Visitor.open(browser, host.page(page(hand, own('form.html'))), { pick: 'body' });
const compared = keys(await trace(browser, vanilla));

const at = (numbers, share) => numbers.sort((a, b) => a - b)[Math.round((numbers.length - 1) * share)];
const whole = measured.map((key) => key.whole);
if (measured.length !== TEXT.length) throw new Error(`${measured.length} keys in the trace`);
console.log(JSON.stringify({
  median: at(whole, 0.5), p95: at(whole, 0.95), worst: at(whole, 1),
  script: at(measured.map((key) => key.script), 0.5),
  vanilla: at(compared.map((key) => key.whole), 0.5),
  frames: measured.filter((key) => key.framed).length,
}));
await browser.close();
await gateway.stop();
host.stop();
