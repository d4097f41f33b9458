// The work of one keystroke on a slow phone, taken from a trace of the browser.
import { readFileSync } from 'node:fs';
import { launch } from '../support/browser.mjs';
import { Host } from '../support/host.mjs';
import { Visitor } from '../support/visitor.mjs';
import { pause } from '../support/wait.mjs';
import { page, startGateway } from './clinic.mjs';
import { at, categories, works } from './trace.mjs';

const TEXT = 'Could I come on Saturday morning? What should I bring along?';

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

const host = await Host.start();
const gateway = await startGateway(host.origin);
const browser = await launch();

const script = `<script type="module" src="${gateway.url}/embed.js?site=clinic"></script>`;
const ours = await Visitor.open(browser, host.page(page(script, '<crm-contact form="enquiry"></crm-contact>')));
await ours.field('name').fill('Mia');
await ours.hydrated();
const measured = works(await trace(browser, ours), 'keydown');
await ours.close();

const byHand = `<style>${hand('form.css')}</style><script type="module">${hand('form.js')}</script>`;
const vanilla = await Visitor.open(browser, host.page(page(byHand, hand('form.html'))), { pick: 'body' });
const compared = works(await trace(browser, vanilla), 'keydown');

if (measured.length !== TEXT.length) throw new Error(`${measured.length} keys in the trace`);
const found = (keys) => ({
  page: at(keys, 'page', 0.5), p95: at(keys, 'page', 0.95), script: at(keys, 'script', 0.5), whole: at(keys, 'whole', 0.5),
});
console.log(JSON.stringify({ ours: found(measured), vanilla: found(compared) }));
await browser.close();
await gateway.stop();
host.stop();
