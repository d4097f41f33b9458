// What happens to a booking on its way: answers get lost, tabs are closed, time runs out.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { clean } from './support/axe.mjs';
import { Clinic } from './support/clinic.mjs';
import { booked, day, fill, free, step, take } from './support/patient.mjs';
import { PHONE, token } from './support/visitor.mjs';
import { pause, until } from './support/wait.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

/** Lets so many matching requests fail after the gateway has answered them, by other bytes. */
const garbled = (match, times) => {
  let left = times;
  return clinic.proxy.rule({ match, change: (body) => (left-- > 0 ? Buffer.from('<p>Please log in</p>') : body) });
};

/** A visitor whose kept time is over, by the page's clock. */
const late = async (mark) => {
  const context = await clinic.clocked();
  const visitor = await clinic.visit('', { context });
  await take(visitor, 11);
  await fill(visitor, mark);
  await context.clock.fastForward(125_000);
  await visitor.find('[data-phase=over]').waitFor();
  return visitor;
};

test('a kept time that is over is taken again by "Book", and booked in one go', async () => {
  const mark = token();
  const visitor = await late(mark);
  await visitor.submit();
  await booked(visitor);
  assert.equal((await clinic.gateway.stored(mark)).length, 1);
});

test('who books after the time was over, and was refused at first, is never put on the waitlist', async () => {
  const before = clinic.sent('waitlist');
  const visitor = await late(token());
  const good = clinic.proxy.rule({ match: /^POST .*holds/, before: () => 429 });
  await visitor.submit();
  await until('the refusal', async () => /try again/.test(await visitor.find('[id=said]').innerText()));
  good();
  await visitor.submit();
  await booked(visitor);
  assert.equal(clinic.sent('waitlist'), before);
});

test('the kept time runs out: it is said, what was typed stays, and the time can be taken again', async () => {
  const context = await clinic.clocked();
  const visitor = await clinic.visit('service="checkup"', { context });
  await visitor.find('[id=c-any]').click();
  await day(visitor, 6);
  await free(visitor).first().click();
  await step(visitor, 'details');
  await visitor.field('name').fill('Mia');
  assert.match(await visitor.find('[part=clock]').innerText(), /0[12]:\d\d/);
  await context.clock.fastForward(125_000);
  const again = visitor.find('[part=alert] [part~=soon]');
  await again.first().waitFor();
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  assert.ok((await visitor.heard('crm-error')).some(({ detail }) => detail.code === 'hold-over'));
  await clean(visitor, 'over');
  // For the gateway, whose clock went on as usual, the first is still kept.
  await again.last().click();
  await visitor.find('[part=clock]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
});

test('a lost answer books once', async () => {
  const visitor = await clinic.open(clinic.booking());
  const mark = token();
  await take(visitor, 7);
  await fill(visitor, mark);
  let lost = 0;
  const calm = clinic.proxy.rule({ match: /^POST .*appointments/, after: () => (lost++ < 1 ? 'drop' : undefined) });
  await visitor.submit();
  await booked(visitor);
  calm();
  assert.ok(lost >= 2, 'sent again');
  assert.equal((await clinic.gateway.stored(mark)).length, 1);
});

test('an answer that comes garbled is no answer: held once, booked once', async () => {
  const visitor = await clinic.visit();
  const mark = token();
  garbled(/^POST .*holds/, 1);
  await take(visitor, 10);
  await fill(visitor, mark);
  garbled(/^POST .*appointments/, 2);
  await visitor.submit();
  await booked(visitor);
  assert.ok(clinic.sent('appointments') >= 3 && clinic.sent('holds') >= 2);
  assert.equal((await clinic.gateway.stored(mark)).length, 1);
});

test('a slot whose answer comes after another service was chosen is handed back', async () => {
  const visitor = await clinic.visit('service="checkup" practitioner="li"');
  await day(visitor, 12);
  const before = clinic.released();
  const answer = clinic.proxy.hold(/^POST .*holds/);
  await free(visitor).first().click();
  await visitor.find('[id=c-service]').click();
  await step(visitor, 'service');
  answer();
  await until('the slot to be handed back', () => clinic.released() > before);
  assert.equal(await visitor.find('[part~=flow]').getAttribute('data-step'), 'service');
});

test('what is being sent is not given up by a link', async () => {
  const visitor = await clinic.visit();
  const mark = token();
  await take(visitor, 13);
  await fill(visitor, mark);
  const answer = clinic.proxy.hold(/^POST .*appointments/);
  await visitor.submit();
  await visitor.find('[data-phase=sending]').waitFor();
  await visitor.find('[id=c-time]').click();
  answer();
  await booked(visitor);
  assert.equal((await clinic.gateway.stored(mark)).length, 1);
});

/** Somebody books in a tab, without a network, and closes it. */
const leaves = async (mark) => {
  const context = await clinic.browser.newContext(PHONE);
  const visitor = await clinic.visit('', { context });
  await take(visitor, 14);
  await fill(visitor, mark);
  const calm = clinic.proxy.cut(/^POST .*(appointments|waitlist)/);
  await visitor.submit();
  await visitor.find('[data-phase=waiting]').waitFor();
  await visitor.page.close();
  return { context, calm };
};

test('a booking that could not be sent is shown with its answers when its visitor returns, and is booked', async () => {
  const mark = token();
  const { context, calm } = await leaves(mark);
  const again = await clinic.open(clinic.booking(), { context });
  await step(again, 'details');
  assert.equal(await again.field('name').inputValue(), mark);
  await again.find('[data-phase=waiting]').waitFor();
  calm();
  await booked(again);
  assert.equal((await clinic.gateway.stored(mark)).length, 1);
});

test('a booking that could not be sent can be given up, and something else done', async () => {
  const mark = token();
  const { context, calm } = await leaves(mark);
  const again = await clinic.open(clinic.booking(), { context });
  await again.find('[id=b-discard]').click();
  await again.find('[data-phase=""], [data-phase=over]').first().waitFor();
  // Another one is on its way when the pause of the one that was given up is over.
  const other = token();
  await again.find('[id=c-service]').click();
  await step(again, 'service');
  await again.find('[id=c-checkup]').click();
  await again.find('[id=c-any]').click();
  await day(again, 6);
  await free(again).first().click();
  await step(again, 'details');
  await fill(again, other);
  await again.submit();
  await again.find('[data-phase=waiting]').waitFor();
  calm();
  await booked(again);
  await pause(3_000);
  assert.deepEqual([(await clinic.gateway.stored(mark)).length, (await clinic.gateway.stored(other)).length], [0, 1]);
});

test('a reload keeps the slot and what was typed; what was agreed to is asked again', async () => {
  const visitor = await clinic.visit();
  await take(visitor, 18);
  const mark = token();
  await fill(visitor, mark);
  const holds = clinic.sent('holds');
  await visitor.page.reload();
  await step(visitor, 'details');
  assert.equal(await visitor.field('name').inputValue(), mark);
  assert.equal(await visitor.field('privacy').isChecked(), false);
  assert.ok(await visitor.find('[part=clock]').isVisible());
  await visitor.field('privacy').check();
  await visitor.submit();
  await booked(visitor);
  assert.equal(clinic.sent('holds'), holds);
});

test('an element in another language keeps slot and answers; one that is gone hands the slot back', async () => {
  const before = clinic.released();
  const context = await clinic.clocked();
  const visitor = await clinic.visit('', { context });
  await take(visitor, 19);
  await visitor.field('name').fill('Mia');
  await visitor.page.locator('crm-booking').evaluate((element) => element.setAttribute('lang', 'zh-CN'));
  await visitor.find('[part~=base][lang="zh-CN"][data-by=wasm]').waitFor({ state: 'attached' });
  await step(visitor, 'details');
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  await context.clock.runFor(4_000);
  await pause(300);
  assert.equal(clinic.released(), before);
  await visitor.page.locator('crm-booking').evaluate((element) => element.remove());
  await context.clock.runFor(4_000);
  await until('the slot to be handed back', () => clinic.released() === before + 1);
});

test('free slots that cannot be had are asked for less and less often, and that is said once', async () => {
  const context = await clinic.clocked();
  const visitor = await clinic.visit('service="cleaning"', { context });
  await free(visitor).first().waitFor();
  clinic.proxy.cut(/^GET .*slots/);
  const before = clinic.proxy.seen(/^GET .*slots/).length;
  for (let second = 0; second < 120; second += 1) {
    await context.clock.runFor(1_000);
    await pause(20);
  }
  const asked = clinic.proxy.seen(/^GET .*slots/).length - before;
  assert.ok(asked >= 2 && asked <= 5, `${asked} in two minutes`);
  assert.equal((await visitor.heard('crm-error')).length, 1);
});

test('free slots are not asked for out of sight, and at once when they are seen again', async () => {
  const context = await clinic.clocked();
  const url = clinic.page('<crm-booking service="cleaning"></crm-booking><div style="height:5000px"></div><p id="end">End</p>');
  const visitor = await clinic.open(url, { context });
  await visitor.hydrated();
  await free(visitor).first().waitFor();
  await visitor.page.evaluate(() => scrollTo(0, 1e6));
  const asked = () => clinic.proxy.seen(/^GET .*slots/).length;
  await context.clock.runFor(2_000);
  const before = asked();
  await context.clock.runFor(60_000);
  await pause(300);
  assert.equal(asked(), before);
  await visitor.page.evaluate(() => scrollTo(0, 0));
  await context.clock.runFor(1_500);
  await until('a look', () => asked() > before);
});

test('a time that is pressed before somebody can act is taken', async () => {
  const context = await clinic.browser.newContext(PHONE);
  let pressed;
  const first = new Promise((done) => (pressed = done));
  await context.route(/booking-.*wasm/, async (route) => (await first, route.continue()));
  await context.route(/slots\?/, (route) => route.abort());
  const visitor = await clinic.open(clinic.hosted('?service=checkup&practitioner=li'), { context });
  await free(visitor).last().click();
  pressed();
  await step(visitor, 'details');
});
