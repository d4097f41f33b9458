// What somebody does with an appointment that is theirs: looks at it from its link, moves it, cancels it.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { saved } from './support/calendar.mjs';
import { Clinic } from './support/clinic.mjs';
import { book, booked, free, step } from './support/patient.mjs';
import { until } from './support/wait.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

test('moved, put into a calendar and cancelled, by its link and with the token in headers only', async () => {
  const visitor = await clinic.open(clinic.booking());
  const { code } = await book(visitor);
  const link = await visitor.find('[id=b-manage]').getAttribute('href');
  assert.match(link, /\/b\/clinic\?lang=en#apt_[0-9a-f]{32}\.[\w-]+$/);
  const [id, secret] = link.split('#')[1].split('.');
  const start = async (visitor) => new Date(await visitor.find('[part=facts] time').getAttribute('datetime'));
  const first = await saved(visitor.page, () => visitor.find('[id=b-calendar]').click());
  const half = 30 * 60_000;
  const expected = (start, sequence, status, method) => ({
    method, uid: `${id}@crm-widgets`, sequence, status, start: start.toISOString(), end: new Date(+start + half).toISOString(),
    summary: first.summary, location: 'Lakeside clinic, 18 Lakeside Road',
  });
  const facts = ({ name, text, alarms, ...facts }) => facts;
  assert.match(first.summary, /^Dental check-up · Dr (Li Jing|Zhao Ming)$/);
  assert.deepEqual(facts(first), expected(await start(visitor), 0, 'CONFIRMED', 'PUBLISH'));
  assert.deepEqual(first.alarms, [24 * 3_600, 2 * 3_600]);
  assert.equal(first.name, 'appointment.ics');
  await visitor.close();
  // The proxy stands for no public address of the gateway.
  const owner = await clinic.open(link.replace(clinic.proxy.url, clinic.gateway.url));
  const requests = [];
  owner.page.on('request', (request) => requests.push({ url: request.url(), referer: request.headers().referer ?? '' }));
  assert.equal(await booked(owner), code);
  assert.ok(!owner.page.url().includes(secret), 'the token left the address');
  await owner.find('[id=b-move]').click();
  await owner.find('[part=grid]').waitFor();
  await free(owner).last().click();
  await owner.find('[id=b-yes]').click();
  await step(owner, 'booked');
  await until('moved', async () => /moved/i.test(await owner.find('[id=title]').innerText()));
  const moved = await saved(owner.page, () => owner.find('[id=b-calendar]').click());
  assert.notEqual(moved.start, first.start);
  assert.deepEqual(facts(moved), expected(await start(owner), 1, 'CONFIRMED', 'PUBLISH'));
  assert.ok(!first.text.includes(secret) && !moved.text.includes(secret));
  await owner.find('[id=b-cancel]').click();
  await owner.find('[id=b-yes]').click();
  await step(owner, 'cancelled');
  const cancelled = await saved(owner.page, () => owner.find('[id=b-calendar]').click());
  assert.deepEqual(facts(cancelled), expected(new Date(moved.start), 2, 'CANCELLED', 'CANCEL'));
  assert.deepEqual(cancelled.alarms, []);
  for (const { url, referer } of requests) assert.ok(!url.includes(secret) && !referer.includes(secret), url);
  assert.ok(requests.length > 3);
});

for (const wasm of ['on', 'off']) {
  test(`a reload shows the appointment again, and "book another" forgets it, wasm="${wasm}"`, async () => {
    const { hash } = await clinic.appointment('vaccine');
    const visitor = await clinic.open(`${clinic.booking(`wasm="${wasm}"`)}${hash}`);
    const code = await booked(visitor);
    await visitor.page.reload();
    assert.equal(await booked(visitor), code);
    await visitor.find('[id=b-cancel]').click();
    await visitor.find('[id=b-yes]').click();
    await visitor.find('[id=b-new]').click();
    await step(visitor, 'department');
    await visitor.page.reload();
    await visitor.find('[id=c-dentistry]').click();
    await step(visitor, 'service');
  });
}

test('a link whose answer does not come is tried again, and then by a button', async () => {
  const { hash } = await clinic.appointment('vaccine');
  const calm = clinic.proxy.cut(/^GET .*appointments/);
  const visitor = await clinic.open(`${clinic.booking()}${hash}`);
  await visitor.find('[id=b-again]').waitFor();
  assert.equal(await visitor.find('[id=c-dentistry]').count(), 0);
  assert.ok(clinic.proxy.seen(/^GET .*appointments/).length >= 3);
  calm();
  await visitor.find('[id=b-again]').click();
  await booked(visitor);
});

for (const way of ['WebAssembly', 'the plain way', 'no scripts']) {
  test(`an appointment is moved once that is confirmed, by ${way}`, async () => {
    const { hash, start } = await clinic.appointment('checkup');
    let visitor;
    if (way === 'no scripts') {
      // Without scripts nobody reads what is behind `#`.
      visitor = await clinic.unscripted();
      await book(visitor, 15);
    } else {
      visitor = await clinic.open(`${clinic.booking(way === 'the plain way' ? 'wasm="off"' : '')}${hash}`);
      await booked(visitor);
    }
    const shown = () => visitor.find('[part=facts] time').getAttribute('datetime');
    const before = await shown();
    if (way !== 'no scripts') assert.equal(before, start);
    await visitor.find('[id=b-move]').click();
    await step(visitor, 'move');
    assert.match(await visitor.find('[part=stage] [part=intro]').first().innerText(), /At present/);
    await free(visitor).last().click();
    await step(visitor, 'confirm');
    await visitor.find('[id=b-keep]').click();
    await step(visitor, 'booked');
    assert.equal(await shown(), before);
    await visitor.find('[id=b-move]').click();
    await free(visitor).last().click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'booked');
    assert.notEqual(await shown(), before);
  });
}

test('past its deadlines an appointment says so, and before them until when it may be changed', async () => {
  const { hash } = await clinic.appointment('vaccine');
  const visitor = await clinic.open(`${clinic.booking()}${hash}`);
  await booked(visitor);
  assert.match(await visitor.find('[part=stage]').innerText(), /possible until \w+/);
  await clinic.apply((site) => {
    const service = site.booking.services.find(({ key }) => key === 'vaccine');
    service.cancel = service.move = 100_000;
  });
  await until('the deadline to be over', async () => {
    await visitor.page.reload();
    await booked(visitor);
    return /too late/.test(await visitor.find('[part=stage]').innerText());
  });
  assert.equal(await visitor.find('[id=b-move], [id=b-cancel]').count(), 0);
});

test('reset while an appointment is being moved leads to the first question', async () => {
  const { hash } = await clinic.appointment('checkup');
  const visitor = await clinic.open(`${clinic.booking()}${hash}`);
  await visitor.find('[id=b-move]').click();
  await visitor.find('[id=c-practitioner]').click();
  await visitor.find('[id=c-any]').waitFor();
  await visitor.find('[id=b-keep]').waitFor();
  await visitor.call('reset');
  await step(visitor, 'department');
});

test('a press to copy says that it copied', async () => {
  const { hash } = await clinic.appointment('vaccine');
  const visitor = await clinic.open(`${clinic.booking()}${hash}`);
  await booked(visitor);
  await visitor.find('[id=b-copy]').click();
  await until('it to be said', async () => (await visitor.find('[id=b-copy]').innerText()) === 'Copied');
});
