// Booking as one sees it: what can be pressed can be read, arrows lead where they point, nothing is cut off or hidden.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Clinic } from './support/clinic.mjs';
import { contrasts } from './support/contrast.mjs';
import { book, choose, free, step, take } from './support/patient.mjs';
import { PHONE, Visitor } from './support/visitor.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

const STYLE = '<style>:root{color-scheme:light dark}</style>';

const visit = (attributes, { page, ...who } = {}) => clinic.visit(attributes, { page: { head: STYLE, ...page }, ...who });

/** Every part that can be pressed somewhere; its looks may be several. */
const PARTS = 'back change choice copy danger day line main manage map next quiet second slot soon submit switch turn';

for (const colorScheme of ['light', 'dark']) {
  test(`whatever can be pressed can be read and met with a finger, ${colorScheme}: at rest, under the pointer, pressed and focused`, async () => {
    const options = { ...PHONE, colorScheme };
    const found = [];
    const look = async (visitor) => found.push(...(await contrasts(visitor.page, visitor.page.locator(visitor.pick))));
    const visitor = await visit('', { options });
    await look(visitor);
    await visitor.find('[id=c-dentistry]').click();
    await visitor.find('[id=c-checkup]').click();
    await visitor.find('[part~=soon]').first().waitFor();
    await look(visitor);
    await visitor.find('[id=c-any]').click();
    await visitor.find('[part=grid]').waitFor();
    await look(visitor);
    await visitor.find('[id=b-as]').click();
    await visitor.find('[part=lines]').waitFor();
    await look(visitor);
    await free(visitor).last().click();
    await step(visitor, 'details');
    await look(visitor);
    await visitor.find('[id=c-time]').click();
    await visitor.call('reset');
    await book(visitor, 2);
    await look(visitor);
    await visitor.find('[id=b-cancel]').click();
    await step(visitor, 'cancel');
    await look(visitor);
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'cancelled');
    await look(visitor);
    const form = await Visitor.open(clinic.browser, clinic.page('<crm-contact form="registration"></crm-contact>', { head: STYLE }), { options });
    await form.hydrated();
    await form.field('name').fill('Mia');
    await form.field('born').fill('1990-04-01');
    await form.find('[name=visited][value=yes]').check();
    await form.button('next').click();
    await form.find('[data-page="1"]').waitFor({ state: 'visible' });
    await look(form);
    const tried = new Set(found.flatMap((one) => one.look.split(' ')));
    assert.deepEqual(PARTS.split(' ').filter((part) => !tried.has(part)), [], 'all parts were tried');
    assert.deepEqual(found.filter(({ ratio }) => ratio < 4.5), []);
    assert.deepEqual(found.filter(({ height }) => height < 44), []);
  });
}

/** Where the tip of an arrow is: its ink on half height against that at its ends, `left` or `right`. */
async function points(visitor, selector) {
  const picture = (await visitor.find(selector).screenshot()).toString('base64');
  return visitor.page.evaluate(async (picture) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const { width, height } = image;
    const canvas = new OffscreenCanvas(width, height).getContext('2d');
    canvas.drawImage(image, 0, 0);
    const { data } = canvas.getImageData(0, 0, width, height);
    const ink = [];
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) if (data[(y * width + x) * 4] < 160) ink.push({ x, y });
    }
    const mean = (all) => all.reduce((sum, { x }) => sum + x, 0) / all.length;
    const [top, bottom] = [Math.min, Math.max].map((of) => of(...ink.map(({ y }) => y)));
    const middle = ink.filter(({ y }) => Math.abs(y - (top + bottom) / 2) <= (bottom - top) / 6);
    return mean(middle) < mean(ink) ? 'left' : 'right';
  }, picture);
}

for (const [dir, forth, back] of [['ltr', 'right', 'left'], ['rtl', 'left', 'right']]) {
  test(`the arrows between months point where they lead, ${dir}`, async () => {
    const visitor = await visit('', { page: dir === 'rtl' ? { lang: 'ar', dir } : {} });
    await choose(visitor);
    assert.equal(await points(visitor, '[id=m-after]'), forth);
    await visitor.find('[id=m-after]').click();
    await visitor.find('[id=m-before]').waitFor();
    // The pointer leaves: what is under it has another ground.
    await visitor.page.mouse.move(0, 0);
    assert.equal(await points(visitor, '[id=m-before]'), back);
  });
}

test('what was chosen is never cut off: on a desktop it takes another line', async () => {
  const visitor = await visit('', { options: { viewport: { width: 640, height: 900 } } });
  await take(visitor, 2);
  const [shown, whole] = await visitor.find('[part=chosen]').evaluate((list) => [list.clientWidth, list.scrollWidth]);
  assert.equal(await visitor.find('[part=chosen] li').count(), 3);
  assert.ok(whole <= shown, `${whole} of ${shown} pixels`);
});

test('an alert about a lost slot comes into view below what stays in sight, and has the focus', async () => {
  const zhao = 'service="checkup" practitioner="zhao"';
  const [visitor, rival] = [await visit(zhao), await visit(zhao)];
  const start = await free(visitor).last().getAttribute('value');
  const news = clinic.proxy.hold(/^GET .*slots/);
  await rival.find(`[id="t-${start}"]`).click();
  await step(rival, 'details');
  await visitor.page.bringToFront();
  await visitor.find(`[id="t-${start}"]`).click();
  await visitor.find('[id=said]:focus').waitFor();
  const [alert, chosen] = await visitor.find('[part~=flow]').evaluate((flow) =>
    ['[id=said]', '[part=chosen]'].map((part) => flow.querySelector(part).getBoundingClientRect().toJSON()));
  news();
  assert.ok(alert.top >= chosen.bottom, `${alert.top} under ${chosen.bottom}`);
  assert.ok(alert.top < PHONE.viewport.height / 2, `${alert.top} is far down`);
});

test('an address where nothing can be booked speaks of booking', async () => {
  const page = await (await clinic.browser.newContext()).newPage();
  for (const [lang, words] of [['en', /Appointments/], ['zh-CN', /预约/]]) {
    const answer = await page.goto(`${clinic.gateway.url}/b/nowhere?lang=${lang}`);
    assert.equal(answer.status(), 404);
    assert.match(await page.locator('main').innerText(), words);
    assert.ok(!/form|表单/.test(await page.locator('main').innerText()));
  }
});
