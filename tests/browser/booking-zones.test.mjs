// Whose clock a time is of: the place's, and beside it the visitor's own where that differs.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Clinic } from './support/clinic.mjs';
import { booked, choose, day, fill, free, step } from './support/patient.mjs';
import { token } from './support/visitor.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

const open = async (timezoneId) => {
  const visitor = await clinic.visit('', { options: { timezoneId, locale: 'en-GB' } });
  await choose(visitor);
  await day(visitor, 5);
  return visitor;
};
/** Time and day of the week of an instant in a zone, by the time-zone data of this program. */
const clock = (instant, timeZone) => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', weekday: 'long' });
  const { hour, minute, weekday } = Object.fromEntries(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]));
  return { time: `${hour}:${minute}`, weekday };
};

for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe']) {
  test(`in ${zone} each time is said by both clocks, until it is booked and after`, async () => {
    const visitor = await open(zone);
    for (const slot of await free(visitor).all()) {
      const start = (await slot.getAttribute('value')).split(',')[0];
      const [here, there] = [clock(start, 'Asia/Shanghai'), clock(start, zone)];
      const said = await slot.innerText();
      const other = here.weekday === there.weekday ? '' : `${there.weekday} `;
      assert.equal(said.replace(/\s+/g, ' '), `${here.time} yours ${other}${there.time}`, start);
    }
    const start = (await free(visitor).first().getAttribute('value')).split(',')[0];
    const own = async () => (await visitor.find('[part=own]').innerText()).match(/On your clock: .*(\d\d:\d\d)$/)[1];
    await free(visitor).first().click();
    await step(visitor, 'details');
    assert.equal(await own(), clock(start, zone).time);
    await fill(visitor, token());
    await visitor.submit();
    await booked(visitor);
    assert.equal(await own(), clock(start, zone).time);
    await visitor.find('[id=b-move]').click();
    await step(visitor, 'move');
    await day(visitor, 7);
    const to = (await free(visitor).first().getAttribute('value')).split(',')[0];
    await free(visitor).first().click();
    await step(visitor, 'confirm');
    assert.equal(await own(), clock(to, zone).time);
    assert.deepEqual(visitor.faults, []);
  });
}

test('where both clocks agree, one is said', async () => {
  const visitor = await open('Asia/Hong_Kong');
  assert.ok(!(await visitor.find('[part=stage]').innerText()).includes('yours'));
  await free(visitor).first().click();
  await step(visitor, 'details');
  assert.equal(await visitor.find('[part=own]').count(), 0);
});
