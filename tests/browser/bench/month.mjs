// The work of another month and of another practitioner on a slow phone, in a clinic as large as they come.
import { launch } from '../support/browser.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Host } from '../support/host.mjs';
import { Visitor } from '../support/visitor.mjs';
import { pause } from '../support/wait.mjs';
import { page } from './clinic.mjs';
import { at, categories, works } from './trace.mjs';

const PRACTITIONERS = 50;
const DAYS = 60;
const ROUNDS = 20;

/** Every twenty minutes from 8 to 18, so that a day of one practitioner has 30 times. */
function definitions(origin) {
  const keys = Array.from({ length: PRACTITIONERS }, (_, at) => `p${at}`);
  const fields = [{ name: 'name', type: 'text', label: 'Name', required: true }];
  const hours = [{ from: '08:00', to: '18:00' }];
  return {
    sites: [{
      key: 'clinic', name: 'Clinic', origins: [origin], languages: ['en'], timeZone: 'UTC',
      forms: [{ id: 'visit', title: 'Visit', pages: [{ fields }] }],
      booking: {
        departments: [{ key: 'general', name: 'General' }],
        services: [{ key: 'visit', department: 'general', name: 'Visit', minutes: 20, window: DAYS, practitioners: keys, form: 'visit' }],
        practitioners: keys.map((key) => ({ key, name: `Dr ${key}` })),
        places: [{ key: 'house', name: 'House' }],
        schedules: keys.map((who) => ({ who, place: 'house', days: ['daily'], hours })),
      },
    }],
  };
}

/** Free slots are looked at again and again by themselves, while the page is seen: here only what a press asks counts. */
const unseen = () => Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
const seen = () => {
  delete document.visibilityState;
  window.tasks = [0];
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => window.tasks.push(duration))).observe({ type: 'longtask' });
};

const host = await Host.start();
const gateway = await Gateway.start(definitions(host.origin));
const browser = await launch();
const script = `<script type="module" src="${gateway.url}/embed.js?site=clinic"></script>`;
const url = host.page(page(script, '<crm-booking service="visit"></crm-booking>'));
const options = { viewport: { width: 390, height: 844 } };
const visitor = await Visitor.open(browser, url, { pick: 'crm-booking', options });
const asked = [];
visitor.page.on('request', (request) => /\/slots\?/.test(request.url()) && asked.push(request.url()));
const debug = await visitor.context.newCDPSession(visitor.page);
await visitor.hydrated();
await visitor.find('[id=c-any]').click();
await visitor.find('[part=grid]').waitFor();
await debug.send('Emulation.setCPUThrottlingRate', { rate: 4 });
await visitor.page.evaluate(unseen);

const month = () => visitor.find('[id=month]').innerText();
const clicks = [];
const press = async (what, selector) => {
  await visitor.find(selector).click();
  clicks.push(what);
  await pause(150);
};
await browser.startTracing(visitor.page, { categories });
asked.length = 0;
// Back and forth; each practitioner begins at the first month again. The first round warms up.
for (let round = 0; round <= ROUNDS; round += 1) {
  const before = await month();
  await press('month', '[id=m-after]');
  if ((await month()) === before) throw new Error(`${before} stayed`);
  await press('month', '[id=m-before]');
  if ((await month()) !== before) throw new Error(`${before} did not come back`);
  await press('people', '[id=c-practitioner]');
  await press('practitioner', `[id=c-p${round}]`);
  await visitor.find('[part=grid]').waitFor({ timeout: 1_000 });
}
const measured = works(JSON.parse(await browser.stopTracing()).traceEvents, 'click');
if (asked.length > 0) throw new Error(`asked ${asked.length} times for slots: ${asked[0]}`);
if (measured.length !== clicks.length) throw new Error(`${measured.length} of ${clicks.length} clicks in the trace`);

// What goes on by itself is seen too: the slots are looked at again every ten seconds.
await visitor.page.evaluate(seen);
await pause(12_000);
const again = await visitor.page.evaluate(() => Math.max(...window.tasks));
if (asked.length === 0) throw new Error('the slots were not looked at again');

const found = (what) => {
  const of = measured.filter((_, number) => number >= 4 && clicks[number] === what);
  return { whole: at(of, 'whole', 0.5), p95: at(of, 'whole', 0.95), script: at(of, 'script', 0.5) };
};
console.log(JSON.stringify({ month: found('month'), practitioner: found('practitioner'), people: found('people'), again }));
await browser.close();
await gateway.stop();
host.stop();
