// The browser's way back and forward through a booking, on a page of ours.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Clinic } from './support/clinic.mjs';
import { book, booked, fill, free, step, take } from './support/patient.mjs';
import { token } from './support/visitor.mjs';
import { pause, until } from './support/wait.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

const open = async () => {
  const visitor = await clinic.open(clinic.hosted('?utm_source=mail'));
  await visitor.hydrated();
  return visitor;
};

test('back leads step by step to what was asked before, and hands back what was kept', async () => {
  const visitor = await open();
  await take(visitor, 16);
  const requests = [];
  visitor.page.on('request', (request) => requests.push(request.method()));
  await visitor.page.goBack();
  await step(visitor, 'time');
  await until('the slot to be handed back', () => requests.includes('DELETE'));
  await visitor.page.goBack();
  await step(visitor, 'practitioner');
  assert.match(visitor.page.url(), /utm_source=mail/);
  await visitor.page.goForward();
  await step(visitor, 'time');
  assert.deepEqual(visitor.faults, []);
});

test('back from an appointment leads to the calendar, forward to the appointment', async () => {
  const visitor = await open();
  const { code } = await book(visitor, 9);
  await visitor.page.goBack();
  await step(visitor, 'time');
  await visitor.page.goForward();
  assert.equal(await booked(visitor), code);
  await visitor.page.reload();
  assert.equal(await booked(visitor), code);
});

test('what changes every second is no entry of the history, and changes none', async () => {
  const visitor = await open();
  await take(visitor, 12);
  await visitor.page.evaluate(() => {
    globalThis.noted = 0;
    for (const name of ['pushState', 'replaceState']) history[name] = () => noted++;
  });
  const shown = await visitor.find('[part=clock]').innerText();
  await until('the clock to go on', async () => (await visitor.find('[part=clock]').innerText()) !== shown);
  await pause(2_000);
  assert.equal(await visitor.page.evaluate(() => noted), 0);
});

test('back from a move leads to the calendar of a new appointment, and moves nothing', async () => {
  const visitor = await open();
  await book(visitor, 8);
  await visitor.find('[id=b-move]').click();
  await step(visitor, 'move');
  await visitor.page.goBack();
  await step(visitor, 'time');
  await free(visitor).first().click();
  await step(visitor, 'details');
  await visitor.page.goBack();
  await step(visitor, 'time');
  await visitor.page.goBack();
  await step(visitor, 'practitioner');
  assert.deepEqual(visitor.faults, []);
});

test('back from what a waitlist offers gives nothing away, and forward leads to it again', async () => {
  const taken = await clinic.full();
  const visitor = await clinic.open(clinic.hosted('?service=rare'));
  await visitor.hydrated();
  await visitor.find('[id=b-join]').click();
  await fill(visitor, token());
  await visitor.submit();
  await step(visitor, 'waiting');
  await clinic.desk.cancel(taken);
  await visitor.find('[data-step=details]').waitFor({ timeout: 40_000 });
  const released = [];
  visitor.page.on('request', (request) => request.method() === 'DELETE' && released.push(request.url()));
  await visitor.page.goBack();
  await step(visitor, 'time');
  await visitor.page.goForward();
  await step(visitor, 'details');
  await fill(visitor, token());
  await visitor.submit();
  await booked(visitor);
  assert.deepEqual(released, []);
});
