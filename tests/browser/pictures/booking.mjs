// The states of a booking.
import { book, booked, choose, day, fill, free, step, take } from '../support/patient.mjs';
import { token } from '../support/visitor.mjs';
import { until } from '../support/wait.mjs';

const BOOKING = '<crm-booking></crm-booking>';
const CHECKUP = '<crm-booking service="checkup"></crm-booking>';
const CONSULTATION = '<crm-booking service="consultation"></crm-booking>';
const LI = '<crm-booking service="checkup" practitioner="li"></crm-booking>';
const PLAIN = '<crm-booking wasm="off"></crm-booking>';
const RARE = '<crm-booking service="rare"></crm-booking>';
const SLOTS = /^GET .*slots/;
const APPOINTMENT = /appointments\/apt_/;
const ABROAD = { timezoneId: 'America/New_York' };

/** Follows the link to an appointment or a place on the waitlist. */
async function follow(visitor, clinic, hash) {
  const lang = await visitor.page.evaluate(() => document.documentElement.lang);
  await visitor.page.goto(clinic.hosted(`?lang=${lang}${hash}`));
}

/** Somebody who waits is offered what has become free, and leaves it to others in the end. */
async function offered(visitor, clinic) {
  const { taken, place, hash } = await clinic.queue();
  await clinic.desk.cancel(taken);
  await until('the offer', async () => (await clinic.desk.waiting(place)).turn === 'offered');
  await follow(visitor, clinic, hash);
  await step(visitor, 'details');
  visitor.undo = () => clinic.desk.leave(place);
}

/** Leaves the waitlist. */
async function leave(visitor) {
  await visitor.find('[id=b-leave]').click();
  await visitor.find('[id=b-new]').waitFor();
}

/** State → what is on the page, what the visitor does until it is there, and what is special about their browser. */
export const bookings = {
  'booking-01-department': [BOOKING, (visitor) => visitor.hydrated()],
  'booking-02-service': [BOOKING, async (visitor) => {
    await visitor.find('[id=c-dentistry]').click();
    await step(visitor, 'service');
  }],
  'booking-03-practitioner': [CHECKUP, (visitor) => visitor.find('[part~=soon]').first().waitFor()],
  'booking-04-loading': [CHECKUP, async (visitor, clinic) => {
    visitor.undo = clinic.proxy.hold(SLOTS);
    await visitor.page.reload();
    await visitor.hydrated();
    await until('it is asked', () => clinic.proxy.seen(SLOTS).length > 0);
  }],
  'booking-05-unavailable': [BOOKING, async (visitor, clinic) => {
    await visitor.hydrated();
    clinic.proxy.rule({ match: SLOTS, before: () => 503 });
    await visitor.find('[id=c-dentistry]').click();
    await visitor.find('[id=c-checkup]').click();
    await visitor.find('[id=b-again]').waitFor();
  }],
  'booking-06-offline': [BOOKING, async (visitor) => {
    await visitor.hydrated();
    await visitor.context.setOffline(true);
    await visitor.find('[id=c-dentistry]').click();
    await visitor.find('[id=c-checkup]').click();
    await visitor.page.waitForTimeout(1_000);
  }],
  'booking-07-month': [BOOKING, choose],
  'booking-08-day': [BOOKING, async (visitor) => {
    await choose(visitor);
    await day(visitor, 5);
  }],
  'booking-09-list': [BOOKING, async (visitor) => {
    await choose(visitor);
    await visitor.find('[id=b-as]').click();
    await visitor.find('[part=lines]').waitFor();
  }],
  'booking-10-details': [BOOKING, (visitor) => take(visitor, 3)],
  'booking-11-errors': [BOOKING, async (visitor) => {
    await take(visitor, 4);
    await visitor.submit();
    await visitor.find('[data-error=phone]').waitFor({ state: 'visible' });
  }],
  'booking-12-taken': [LI, async (visitor, clinic) => {
    const rival = await clinic.visit('service="checkup" practitioner="li"');
    await visitor.hydrated();
    for (const one of [visitor, rival]) await day(one, 6);
    const start = await free(visitor).first().getAttribute('value');
    visitor.undo = clinic.proxy.hold(SLOTS);
    await rival.find(`[id="t-${start}"]`).click();
    await step(rival, 'details');
    await rival.close();
    await visitor.find(`[id="t-${start}"]`).click();
    await visitor.find('[part=alert] [part~=soon]').first().waitFor();
  }],
  'booking-13-waits': [BOOKING, async (visitor, clinic) => {
    await take(visitor, 7);
    await fill(visitor, '王小明');
    clinic.proxy.cut(/^POST .*appointments/);
    await visitor.submit();
    await visitor.find('[part=status][data-phase=waiting]').waitFor();
  }],
  'booking-14-booked': [BOOKING, (visitor) => book(visitor, 8)],
  'booking-15-moving': [BOOKING, async (visitor) => {
    await book(visitor, 9);
    await visitor.find('[id=b-move]').click();
    await visitor.find('[part=grid]').waitFor();
  }],
  'booking-16-cancelling': [BOOKING, async (visitor) => {
    await book(visitor, 10);
    await visitor.find('[id=b-cancel]').click();
    await step(visitor, 'cancel');
  }],
  'booking-17-cancelled': [BOOKING, async (visitor) => {
    await book(visitor, 11);
    await visitor.find('[id=b-cancel]').click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'cancelled');
  }],
  'booking-18-requested': [CONSULTATION, async (visitor) => {
    await visitor.hydrated();
    await day(visitor, 6);
    await free(visitor).first().click();
    await step(visitor, 'details');
    await fill(visitor, token());
    await visitor.submit();
    await step(visitor, 'requested');
  }],
  'booking-19-full': [RARE, (visitor) => visitor.find('[part=empty]').waitFor()],
  'booking-20-waiting': [RARE, async (visitor) => {
    await visitor.hydrated();
    await visitor.find('[id=b-join]').click();
    await step(visitor, 'waitlist');
    await fill(visitor, token());
    await visitor.submit();
    await step(visitor, 'waiting');
    // Who waits longer than the others is offered what becomes free.
    visitor.undo = () => leave(visitor);
  }],
  'booking-22-over': [BOOKING, async (visitor) => {
    await visitor.context.clock.install();
    await visitor.page.reload();
    await take(visitor, 13);
    await visitor.context.clock.fastForward(125_000);
    await visitor.find('[part=alert] [part~=soon]').first().waitFor();
  }],
  'booking-23-moved': [BOOKING, async (visitor) => {
    await book(visitor, 14);
    await visitor.find('[id=b-move]').click();
    await visitor.find('[part=grid]').waitFor();
    await free(visitor).last().click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'booked');
  }],
  'booking-27-confirm': [BOOKING, async (visitor) => {
    await book(visitor, 16);
    await visitor.find('[id=b-move]').click();
    await visitor.find('[part=grid]').waitFor();
    await free(visitor).last().click();
    await step(visitor, 'confirm');
  }],
  'booking-24-opened': [BOOKING, async (visitor, clinic) => {
    await book(visitor, 15);
    const link = await visitor.find('[id=b-manage]').getAttribute('href');
    await visitor.page.goto(link.replace(clinic.proxy.url, clinic.gateway.url));
    await booked(visitor);
  }],
  'booking-25-refused': [BOOKING, async (visitor, clinic) => {
    await book(visitor, 16);
    await visitor.find('[id=b-cancel]').click();
    await step(visitor, 'cancel');
    clinic.proxy.rule({ match: /^DELETE /, before: () => 503 });
    await visitor.find('[id=b-yes]').click();
    await visitor.find('[id=said]').waitFor();
  }],
  'booking-26-waitlist': [RARE, async (visitor) => {
    await visitor.hydrated();
    await visitor.find('[id=b-join]').click();
    await step(visitor, 'waitlist');
  }],
  'booking-21-plain': [PLAIN, (visitor) => take(visitor, 12)],
  'booking-28-opening': [BOOKING, async (visitor, clinic) => {
    const { hash } = await clinic.appointment('vaccine');
    await visitor.page.route(APPOINTMENT, () => {});
    await follow(visitor, clinic, hash);
    await step(visitor, 'opening');
  }],
  'booking-29-opening-again': [BOOKING, async (visitor, clinic) => {
    const { hash } = await clinic.appointment('vaccine');
    await visitor.page.route(APPOINTMENT, (route) => route.abort());
    await follow(visitor, clinic, hash);
    await visitor.find('[id=b-again]').waitFor();
  }],
  'booking-30-too-late': [BOOKING, async (visitor, clinic) => {
    const { hash } = await clinic.appointment('vaccine');
    await clinic.apply((site) => {
      const service = site.booking.services.find(({ key }) => key === 'vaccine');
      service.cancel = service.move = 100_000;
    });
    await follow(visitor, clinic, hash);
    // The gateway may know the change a moment later.
    await until('the deadline to be over', async () => {
      await visitor.page.reload();
      await booked(visitor);
      return (await visitor.find('[id=b-move]').count()) === 0;
    });
  }],
  'booking-31-offered': [BOOKING, (visitor, clinic) => offered(visitor, clinic)],
  'booking-32-offer-over': [BOOKING, async (visitor, clinic) => {
    await visitor.context.clock.install();
    await offered(visitor, clinic);
    await visitor.context.clock.fastForward(31 * 60_000);
    await visitor.find('[part=alert]').waitFor();
    // The page has given it back.
    visitor.undo = undefined;
  }],
  'booking-33-offer-gone': [BOOKING, async (visitor, clinic) => {
    await offered(visitor, clinic);
    await visitor.undo();
    visitor.undo = undefined;
    await fill(visitor, '王小明');
    await visitor.submit();
    await visitor.find('[id=said]').waitFor();
  }],
  'booking-34-waiting-opened': [BOOKING, async (visitor, clinic) => {
    const { hash } = await clinic.waits();
    await follow(visitor, clinic, hash);
    await step(visitor, 'waiting');
    visitor.undo = () => leave(visitor);
  }],
  'booking-35-left': [BOOKING, async (visitor, clinic) => {
    const { hash } = await clinic.waits();
    await follow(visitor, clinic, hash);
    await leave(visitor);
  }],
  'booking-36-zone': [BOOKING, async (visitor) => {
    await choose(visitor);
    await day(visitor, 5);
  }, ABROAD],
  'booking-37-zone-details': [BOOKING, (visitor) => take(visitor, 5), ABROAD],
  'booking-38-zone-booked': [BOOKING, (visitor) => book(visitor, 5), ABROAD],
};

/** The same of the hosted page without scripts: its path, and what the visitor does. */
export const scriptless = {
  'hosted-booking-1-department': ['/b/clinic', () => {}],
  'hosted-booking-2-service': ['/b/clinic', async (visitor) => {
    await visitor.find('[id=c-dentistry]').click();
    await step(visitor, 'service');
  }],
  'hosted-booking-3-practitioner': ['/b/clinic?service=checkup', (visitor) => step(visitor, 'practitioner')],
  'hosted-booking-4-month': ['/b/clinic', choose],
  'hosted-booking-5-day': ['/b/clinic', async (visitor) => {
    await choose(visitor);
    await day(visitor, 5);
  }],
  'hosted-booking-6-details': ['/b/clinic', (visitor) => take(visitor, 5)],
  'hosted-booking-7-errors': ['/b/clinic', async (visitor) => {
    await take(visitor, 5);
    await visitor.field('name').fill('王小明');
    await visitor.field('phone').fill('123');
    await visitor.submit();
    await visitor.find('[data-error=phone]').waitFor();
  }],
  'hosted-booking-8-booked': ['/b/clinic', (visitor) => book(visitor, 5)],
  'hosted-booking-9-confirm': ['/b/clinic', async (visitor) => {
    await book(visitor, 6);
    await visitor.find('[id=b-move]').click();
    await free(visitor).last().click();
    await step(visitor, 'confirm');
  }],
};
