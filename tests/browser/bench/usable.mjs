// Time from the start of a page to its first usable field, over a slow line on a slow phone: our element, and in turns
// with it the same form written by hand; and to booking's first choice.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { launch } from '../support/browser.mjs';
import { page, startGateway } from './clinic.mjs';
import { Front, certificate } from './front.mjs';
import { Line } from './line.mjs';

const ROUNDS = 9;

const own = (name) => readFileSync(new URL(`vanilla/${name}`, import.meta.url), 'utf8');
const packed = (type, text) => ({ type, body: brotliCompressSync(text), encoding: 'br' });

const folder = mkdtempSync(join(tmpdir(), 'crm-front-'));
const { pem, flag } = await certificate(folder);
const line = new Line();
const pages = new Map();
const website = await Front.start(pem, pages);
const origin = `https://localhost:${await line.to(website.port)}`;
const gateway = await startGateway(origin);
const files = new Map([['/form.css', packed('text/css', own('form.css'))], ['/form.js', packed('text/javascript', own('form.js'))]]);
const other = await Front.start(pem, files, gateway.port);
const elsewhere = `https://127.0.0.1:${await line.to(other.port)}`;

const style = `<link rel="stylesheet" href="${elsewhere}/form.css"><script defer src="${elsewhere}/form.js"></script>`;
pages.set('/vanilla', packed('text/html', page(style, own('form.html'))));
const script = `<script type="module" src="${elsewhere}/embed.js?site=clinic"></script>`;
pages.set('/ours', packed('text/html', page(script, '<crm-contact form="enquiry"></crm-contact>')));
pages.set('/booking', packed('text/html', page(script, '<crm-booking></crm-booking>')));
const browser = await launch([flag]);

/** Runs in the page: notes the first frame in which the field or the choice is there, visible, enabled and styled. */
const watch = () => {
  const isUsable = (field) => {
    const look = getComputedStyle(field);
    return field.checkVisibility() && field.offsetHeight > 0 && !field.disabled && parseFloat(look.fontSize) >= 16 && look.borderTopStyle === 'solid';
  };
  const look = () => {
    const root = document.querySelector('crm-contact, crm-booking')?.shadowRoot ?? document;
    const field = root.querySelector('[name=name], [part~=choice]');
    if (field && isUsable(field)) window.usable = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
};

/** Types into the field, which must take it. */
async function type(tab, url) {
  const field = tab.locator('[name=name]').first();
  await field.focus();
  await tab.keyboard.type('Mia');
  if ((await field.inputValue()) !== 'Mia') throw new Error(`${url} took no text`);
}

/** Makes the first choice, which must lead on. */
async function choose(tab) {
  await tab.locator('[part~=choice]').first().click();
  await tab.locator('[part~=flow]:not([data-step=department])').waitFor();
}

/** Milliseconds from the start of the navigation. What is usable then must do what it is for. */
async function measure(url, act) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
  const tab = await context.newPage();
  await tab.addInitScript(watch);
  const debug = await context.newCDPSession(tab);
  await debug.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await tab.goto(url, { waitUntil: 'commit' });
  const usable = await tab.waitForFunction(() => window.usable, undefined, { polling: 100 }).then((handle) => handle.jsonValue());
  await act(tab, url);
  await context.close();
  return usable;
}

const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

const urls = { ours: `${origin}/ours`, vanilla: `${origin}/vanilla`, hosted: `${elsewhere}/f/clinic/enquiry?lang=zh-CN`, booking: `${origin}/booking` };
const times = { ours: [], vanilla: [], hosted: [], booking: [] };
// The first round warms up what is shared: the browser, the gateway's compressed views.
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, url] of Object.entries(urls)) {
    const time = await measure(url, name === 'booking' ? choose : type);
    if (round > 0) times[name].push(time);
  }
}
const found = Object.fromEntries(Object.entries(times).map(([name, times]) => [name, median(times)]));
console.log(JSON.stringify({ ...found, ratio: found.ours / found.vanilla }));
await browser.close();
line.stop();
website.stop();
other.stop();
await gateway.stop();
rmSync(folder, { recursive: true });
process.exit();
