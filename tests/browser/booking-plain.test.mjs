// Booking without WebAssembly, and without scripts.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { clean } from './support/axe.mjs';
import { Clinic } from './support/clinic.mjs';
import { book, booked, day, fill, free, step, take } from './support/patient.mjs';
import { PHONE, token } from './support/visitor.mjs';
import { until } from './support/wait.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

for (const [name, csp, wasm] of [
  ["script-src 'self'", "default-src 'self'; script-src 'self' gateway; connect-src 'self' gateway", undefined],
  ['Trusted Types', "script-src gateway; connect-src gateway; require-trusted-types-for 'script'; trusted-types 'none'", 'off'],
]) {
  test(`without WebAssembly, under ${name}: booked, moved and cancelled`, async () => {
    const policy = csp.replaceAll('gateway', clinic.proxy.url);
    const visitor = await clinic.open(clinic.booking(wasm ? `wasm="${wasm}"` : '', { csp: policy }));
    const { mark } = await book(visitor);
    assert.ok(await visitor.isPlain());
    assert.equal((await clinic.gateway.stored(mark)).length, 1);
    await visitor.find('[id=b-move]').click();
    await step(visitor, 'move');
    await free(visitor).last().click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'booked');
    await visitor.find('[id=b-cancel]').click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'cancelled');
    assert.deepEqual(await visitor.violations(), []);
    assert.ok(clinic.proxy.requests.every((request) => !/_token|apt_\w+\.[\w-]+/.test(request)));
  });
}

test('without scripts: chosen by links, booked, moved and cancelled, and errors keep what was typed', async () => {
  const visitor = await clinic.unscripted('?lang=zh-CN');
  const mark = token();
  await take(visitor, 9);
  await fill(visitor, mark, false);
  await visitor.submit();
  await visitor.find('[data-error=privacy]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), mark);
  await visitor.field('privacy').check();
  await visitor.submit();
  const code = await booked(visitor);
  assert.ok(!/token|apt_/.test(visitor.page.url()));
  assert.equal((await clinic.gateway.stored(mark)).length, 1);
  await visitor.find('[id=b-move]').click();
  await step(visitor, 'move');
  await day(visitor, 4);
  await step(visitor, 'move');
  await free(visitor).last().click();
  await visitor.find('[id=b-yes]').click();
  assert.equal(await booked(visitor), code);
  await visitor.find('[id=b-cancel]').click();
  await visitor.find('[id=b-yes]').click();
  await step(visitor, 'cancelled');
});

test('without scripts: every step of the hosted page is clean for axe and 360 pixels wide', async () => {
  // The checker is a script itself, so that only the page's own are kept from it.
  const visitor = await clinic.open(clinic.hosted(), { options: { ...PHONE, colorScheme: 'dark' } });
  await visitor.page.route(/\.js$|\.js\?/, (route) => route.abort());
  for (const query of ['', '?department=dentistry', '?service=checkup', '?service=checkup&practitioner=any', '?service=rare', '?service=checkup&practitioner=li&as=list']) {
    await visitor.page.goto(clinic.hosted(query));
    assert.equal(await visitor.find('[part~=base][data-by]').count(), 0);
    await clean(visitor, query);
    assert.ok((await visitor.page.evaluate(() => document.documentElement.scrollWidth)) <= 360, query);
  }
});

/** Opens the element on a host page, and waits until the plain way has taken it over. */
const plainly = async (attributes = '') => {
  const visitor = await clinic.open(clinic.booking(`wasm="off" ${attributes}`));
  await visitor.plain();
  return visitor;
};

test('without WebAssembly: free times come by themselves, of the practitioner who is named', async () => {
  const visitor = await plainly('service="cleaning"');
  await visitor.page.mouse.move(0, 0);
  await free(visitor).first().waitFor();
  const other = await plainly('service="checkup" practitioner="li"');
  await step(other, 'time');
  assert.match(await other.find('[part=chosen]').innerText(), /Li Jing/);
});

test('without WebAssembly: the link to keep leads to the gateway', async () => {
  const visitor = await plainly();
  await book(visitor, 3);
  assert.ok((await visitor.find('[id=b-manage]').getAttribute('href')).startsWith(`${clinic.proxy.url}/b/clinic?`));
});

test('without WebAssembly: what the visitor wrote stays over errors and steps, and what was kept is handed back', async () => {
  const visitor = await plainly(`fields='{"name":"Given"}'`);
  await take(visitor, 4);
  assert.equal(await visitor.field('name').inputValue(), 'Given');
  await visitor.field('name').fill('Mia');
  await visitor.submit();
  await visitor.find('[data-error=phone]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  await visitor.field('reason').fill('Pain');
  const before = clinic.released();
  await visitor.find('[id=c-time]').click();
  await step(visitor, 'time');
  assert.equal(clinic.released(), before + 1);
  await day(visitor, 4);
  await free(visitor).first().click();
  await step(visitor, 'details');
  assert.equal(await visitor.field('reason').inputValue(), 'Pain');
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
});

test('without WebAssembly: each event is heard once, with the same detail', async () => {
  const visitor = await plainly();
  await book(visitor, 5);
  await visitor.find('[id=b-move]').click();
  await step(visitor, 'move');
  await visitor.find('[id=b-keep]').click();
  await step(visitor, 'booked');
  const detail = async (name) => (await visitor.heard(name)).map(({ detail }) => detail);
  const [held, ...more] = await detail('crm-held');
  assert.deepEqual([Object.keys(held).sort(), more.length], [['practitioner', 'seconds', 'service', 'start'], 0]);
  assert.ok(held.seconds > 60 && held.service === 'checkup');
  const [done, ...others] = await detail('crm-booked');
  assert.deepEqual([Object.keys(done).sort(), others.length], [['code', 'id', 'practitioner', 'service', 'start', 'status'], 0]);
  assert.equal(done.start, held.start);
  assert.deepEqual((await detail('crm-submit')).map(({ form }) => form), ['visit']);
});

test('without WebAssembly: a request that is never answered ends, and the element works on', async () => {
  const visitor = await plainly();
  await visitor.page.evaluate(() => {
    const { open } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (...args) {
      open.apply(this, args);
      Object.defineProperty(this, 'timeout', { set: (time) => (window.patience = time) });
      setTimeout(() => window.patience && this.ontimeout(), 100);
    };
  });
  const answer = clinic.proxy.hold(/^GET \/b\/clinic/);
  await visitor.find('[id=c-dentistry]').click();
  await until('that it did not work', async () => /again/.test(await visitor.find('[part~=alert]').innerText()));
  answer();
  await visitor.find('[id=c-dentistry]').click();
  await step(visitor, 'service');
});
