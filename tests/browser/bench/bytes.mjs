// What a visitor downloads until the form can be typed in, or the first choice be made, and until everything is there.
import { launch } from '../support/browser.mjs';
import { Host } from '../support/host.mjs';
import { Visitor } from '../support/visitor.mjs';
import { pause } from '../support/wait.mjs';
import { page, startGateway } from './clinic.mjs';

/** Every request of a tab to the gateway that went over the network, with its times in milliseconds since 1970. */
async function record(tab, gateway) {
  const requests = new Map();
  const debug = await tab.context().newCDPSession(tab);
  await debug.send('Network.enable');
  debug.on('Network.requestWillBeSent', ({ requestId, request, wallTime, timestamp }) => {
    if (!request.url.startsWith(gateway)) return;
    requests.set(requestId, { url: request.url, start: wallTime * 1000, offset: wallTime - timestamp, bytes: 0 });
  });
  debug.on('Network.requestServedFromCache', ({ requestId }) => requests.delete(requestId));
  debug.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.fromDiskCache) requests.delete(requestId);
  });
  debug.on('Network.dataReceived', ({ requestId, encodedDataLength }) => {
    if (requests.has(requestId)) requests.get(requestId).bytes += encodedDataLength;
  });
  debug.on('Network.loadingFinished', ({ requestId, timestamp, encodedDataLength }) => {
    const request = requests.get(requestId);
    if (request) Object.assign(request, { end: (timestamp + request.offset) * 1000, whole: encodedDataLength });
  });
  return () => [...requests.values()].filter(({ end }) => end);
}

/** The longest chain in which each request began after the one before had ended. */
function trips(requests) {
  const chain = (request) => 1 + Math.max(0, ...requests.filter(({ end }) => end <= request.start).map(chain));
  return Math.max(0, ...requests.map(chain));
}

function sum(requests) {
  const bytes = requests.reduce((sum, request) => sum + request.bytes, 0);
  const whole = requests.reduce((sum, request) => sum + request.whole, 0);
  return { bytes, headers: whole - bytes, requests: requests.length, trips: trips(requests) };
}

const host = await Host.start();
const gateway = await startGateway(host.origin);
const browser = await launch();

/** Opens a page with `element` in a fresh tab whose requests are recorded. */
async function visit(element) {
  const [pick] = element.match(/crm-\w+/);
  const script = `<script type="module" src="${gateway.url}/embed.js?site=clinic"></script>`;
  const url = host.page(page(script, element));
  const visitor = await Visitor.open(browser, 'about:blank', { pick });
  const recorded = await record(visitor.page, gateway.url);
  await visitor.page.addInitScript(() => document.addEventListener('crm-ready', () => (window.ready = Date.now())));
  await visitor.page.goto(url);
  return { visitor, recorded };
}

/** Until `element` is ready, and with everything loaded once the visitor has done the first thing. */
async function use(element, act) {
  const { visitor, recorded } = await visit(element);
  const ready = await visitor.page.waitForFunction(() => window.ready).then((handle) => handle.jsonValue());
  await act(visitor);
  await visitor.hydrated();
  await pause(2_000);
  const all = recorded();
  for (const { url, bytes, whole } of all) console.error(`  ${String(bytes).padStart(6)} + ${String(whole - bytes).padStart(3)}  ${url.slice(gateway.url.length)}`);
  return { first: sum(all.filter(({ end }) => end <= ready + 1)), all: sum(all) };
}

const contact = await use('<crm-contact form="enquiry"></crm-contact>', (visitor) => visitor.field('name').fill('王小明'));
const booking = await use('<crm-booking></crm-booking>', (visitor) => visitor.find('[part~=choice]').first().hover());

const shut = await visit('<crm-contact form="enquiry" mode="popup"></crm-contact>');
await pause(2_000);

console.log(JSON.stringify({ typable: contact.first, all: contact.all, choosable: booking.first, booking: booking.all, closed: sum(shut.recorded()) }));
await browser.close();
await gateway.stop();
host.stop();
