// Waiting for something to become free: seen from a link, offered, booked, left.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Clinic } from './support/clinic.mjs';
import { booked, fill, free, step } from './support/patient.mjs';
import { PHONE, token } from './support/visitor.mjs';
import { until } from './support/wait.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

/** Waits until one who waits is offered something. */
const offered = (place) => until('the offer', async () => (await clinic.desk.waiting(place)).turn === 'offered');

test('who waits sees from the link that they wait, hears of what becomes free, and books it', async () => {
  const { taken, place, hash } = await clinic.queue();
  const context = await clinic.clocked();
  const visitor = await clinic.open(clinic.hosted(hash), { context });
  await step(visitor, 'waiting');
  assert.ok(!visitor.page.url().includes('wait_'));
  await clinic.desk.cancel(taken);
  await offered(place);
  await context.clock.runFor(30_000);
  await step(visitor, 'details');
  assert.match(await visitor.find('[id=title]').innerText(), /free/);
  assert.ok(await visitor.find('[part=clock]').isVisible());
  const mark = token();
  await fill(visitor, mark);
  await visitor.submit();
  await booked(visitor);
  assert.equal(await visitor.find('[part=facts] time').getAttribute('datetime'), taken.start);
  assert.deepEqual(visitor.faults, []);
});

test('an offer that waits already is shown from its link at once', async () => {
  const { taken, place, hash } = await clinic.queue();
  await clinic.desk.cancel(taken);
  await offered(place);
  const visitor = await clinic.open(clinic.hosted(hash));
  await step(visitor, 'details');
  await visitor.find('[part=clock]').waitFor();
  // Another time would give up the offer.
  assert.equal(await visitor.find('[part~=change]').count(), 0);
});

test('without WebAssembly: an offer is shown from its link, and booked', async () => {
  const { taken, place, hash } = await clinic.queue();
  const visitor = await clinic.open(`${clinic.booking('wasm="off"')}${hash}`);
  await step(visitor, 'waiting');
  await clinic.desk.cancel(taken);
  await offered(place);
  await visitor.find('[id=b-look]').click();
  await step(visitor, 'details');
  await fill(visitor, token());
  await visitor.submit();
  await booked(visitor);
});

test('without scripts: who waits looks again, and books what was offered', async () => {
  const taken = await clinic.full();
  const visitor = await clinic.unscripted('?service=rare');
  await visitor.find('[id=b-join]').click();
  await step(visitor, 'waitlist');
  await fill(visitor, token());
  await visitor.submit();
  await step(visitor, 'waiting');
  await clinic.desk.cancel(taken);
  await until('the offer on the page', async () => {
    await visitor.find('[id=b-look]').click();
    await visitor.page.waitForLoadState();
    return (await visitor.find('[part~=flow]').getAttribute('data-step')) === 'details';
  });
  await fill(visitor, token());
  await visitor.submit();
  await booked(visitor);
});

for (const wasm of ['on', 'off']) {
  test(`who no longer waits leaves the list, wasm="${wasm}"`, async () => {
    const place = await clinic.waits();
    const visitor = await clinic.open(`${clinic.booking(`wasm="${wasm}"`)}${place.hash}`);
    await visitor.find('[id=b-leave]').click();
    await until('the place to be over', async () => (await clinic.desk.waiting(place)).turn === 'over');
    await visitor.find('[id=b-new]').waitFor();
  });
}

test('a place on the waitlist that could not be sent is asked for again when its visitor returns', async () => {
  const context = await clinic.browser.newContext(PHONE);
  const visitor = await clinic.visit('service="rare"', { context });
  await visitor.find('[id=b-join]').click();
  const mark = token();
  await fill(visitor, mark);
  const calm = clinic.proxy.cut(/^POST .*waitlist/);
  await visitor.submit();
  await visitor.find('[data-phase=waiting]').waitFor();
  await visitor.page.close();
  calm();
  const again = await clinic.open(clinic.booking(), { context });
  await step(again, 'waiting');
  assert.equal((await clinic.gateway.stored(mark)).length, 1);
});
