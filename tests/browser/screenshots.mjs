// Takes a picture of every state, or of those whose name a pattern matches: `node tests/browser/screenshots.mjs FOLDER
// [PATTERN]`. Not a test: a person looks at them.
import { mkdirSync } from 'node:fs';
import { launch } from './support/browser.mjs';
import { book, booked, choose, day, fill, free, step, take } from './support/patient.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, token } from './support/visitor.mjs';
import { until } from './support/wait.mjs';

const [folder = 'target/screenshots', pattern = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const SIZES = { phone: { width: 360, height: 780 }, desktop: { width: 1280, height: 900 } };
const SCHEMES = ['light', 'dark'];
const STYLE = `<style>body{margin:0;font-family:system-ui,sans-serif;background:light-dark(#fff,#14171a);color:light-dark(#111,#eee)}
:root{color-scheme:light dark}main{max-width:680px;margin:0 auto;padding:16px}</style>`;
const POSTS = /^POST .*submissions/;

const ENQUIRY = '<crm-contact form="enquiry"></crm-contact>';
const BOOKING = '<crm-booking></crm-booking>';
const LI = '<crm-booking service="checkup" practitioner="li"></crm-booking>';
const SLOTS = /^GET .*slots/;
const REGISTRATION = '<crm-contact form="registration"></crm-contact>';
const callback = (mode) => `<crm-contact form="callback" mode="${mode}"><button type="button" id="opener">Call me back</button></crm-contact>`;
const filled = { name: '王小明', email: 'wang@example.com', phone: '138 1234 5678', message: '请问周六可以看牙吗？\nIs Saturday possible?' };

/** State → what is on the page and what the visitor does until it is there. */
const states = {
  'enquiry-1-initial': [ENQUIRY, async () => {}],
  'enquiry-2-errors': [ENQUIRY, async (visitor) => {
    await visitor.hydrated();
    await visitor.field('email').fill('wang@');
    await visitor.submit();
    await visitor.find('[data-error="name"]').waitFor({ state: 'visible' });
  }],
  'enquiry-3-filled': [ENQUIRY, async (visitor) => {
    await visitor.hydrated();
    await visitor.fill(filled);
    await visitor.field('topic').selectOption('other');
    await visitor.field('subject').fill('X');
  }],
  'enquiry-4-sending': [ENQUIRY, async (visitor, stage) => {
    await visitor.fill(filled);
    visitor.undo = stage.proxy.hold(POSTS);
    await visitor.submit();
    await until('sending', async () => (await visitor.find('[data-status]').innerText()).trim());
  }],
  'enquiry-5-waiting': [ENQUIRY, async (visitor, stage) => {
    await visitor.fill(filled);
    visitor.undo = stage.proxy.cut(POSTS);
    await visitor.submit();
    await visitor.waits();
  }],
  'enquiry-6-sent': [ENQUIRY, async (visitor) => {
    await visitor.fill(filled);
    await visitor.submit();
    await visitor.thanked();
  }],
  'enquiry-7-plain': ['<crm-contact form="enquiry" wasm="off"></crm-contact>', async (visitor) => {
    await visitor.submit();
    await visitor.find('[data-error="name"]').waitFor({ state: 'visible' });
  }],
  'notice-1-waiting': [ENQUIRY, comesBack],
  'notice-2-sent': [ENQUIRY, async (visitor, stage) => {
    await comesBack(visitor, stage);
    visitor.undo();
    await visitor.find('[part=notice][data-state=sent]').waitFor();
  }],
  'notice-3-refused': [ENQUIRY, async (visitor, stage) => {
    await comesBack(visitor, stage);
    await stage.apply(({ forms: [form] }) => (form.pages[0].fields.find(({ name }) => name === 'topic').required = true));
    await visitor.field('message').fill('Something else');
    visitor.undo();
    await visitor.find('[part=notice][data-state=refused]').waitFor();
  }],
  'registration-1': [REGISTRATION, (visitor) => visitor.hydrated()],
  'registration-2': [REGISTRATION, (visitor) => toPage(visitor, 1)],
  'registration-3': [REGISTRATION, async (visitor) => {
    await toPage(visitor, 2);
    await visitor.field('report').setInputFiles({ name: '检查报告 2026.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') });
  }],
  'registration-4-errors': [REGISTRATION, async (visitor) => {
    await toPage(visitor, 1);
    await visitor.button('next').click();
    await visitor.find('[data-error="stars"]').waitFor({ state: 'visible' });
  }],
  'registration-5-plain': ['<crm-contact form="registration" wasm="off"></crm-contact>', async (visitor) => {
    await visitor.field('name').fill('王');
    await until('plain', () => visitor.isPlain());
  }],
  'popup-open': [callback('popup'), async (visitor) => {
    await visitor.page.locator('#opener').click();
    await visitor.field('name').waitFor({ state: 'visible' });
  }],
  'launcher-closed': [callback('launcher'), (visitor) => visitor.button('launcher').waitFor({ state: 'visible' })],
  'launcher-open': [callback('launcher'), async (visitor) => {
    await visitor.button('launcher').click();
    await visitor.field('name').waitFor({ state: 'visible' });
  }],
  'booking-01-department': [BOOKING, (visitor) => visitor.hydrated()],
  'booking-02-service': [BOOKING, async (visitor) => {
    await visitor.find('[id=c-dentistry]').click();
    await step(visitor, 'service');
  }],
  'booking-03-practitioner': ['<crm-booking service="checkup"></crm-booking>', (visitor) => visitor.find('[part~=soon]').first().waitFor()],
  'booking-04-loading': ['<crm-booking service="checkup"></crm-booking>', async (visitor, stage) => {
    visitor.undo = stage.proxy.hold(SLOTS);
    await visitor.page.reload();
    await visitor.hydrated();
    await until('it is asked', () => stage.proxy.seen(SLOTS).length > 0);
  }],
  'booking-05-unavailable': [BOOKING, async (visitor, stage) => {
    await visitor.hydrated();
    stage.proxy.rule({ match: SLOTS, before: () => 503 });
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
  'booking-12-taken': [LI, async (visitor, stage) => {
    const rival = await Visitor.open(browser, stage.page(LI), { pick: 'crm-booking' });
    for (const one of [visitor, rival]) {
      await one.hydrated();
      await day(one, 6);
    }
    const start = await free(visitor).first().getAttribute('value');
    visitor.undo = stage.proxy.hold(SLOTS);
    await rival.find(`[id="t-${start}"]`).click();
    await step(rival, 'details');
    await rival.close();
    await visitor.find(`[id="t-${start}"]`).click();
    await visitor.find('[part=alert] [part~=soon]').first().waitFor();
  }],
  'booking-13-waits': [BOOKING, async (visitor, stage) => {
    await take(visitor, 7);
    await fill(visitor, '王小明');
    stage.proxy.cut(/^POST .*appointments/);
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
  'booking-18-requested': ['<crm-booking service="consultation"></crm-booking>', async (visitor) => {
    await visitor.hydrated();
    await day(visitor, 6);
    await free(visitor).first().click();
    await step(visitor, 'details');
    await fill(visitor, token());
    await visitor.submit();
    await step(visitor, 'requested');
  }],
  'booking-19-full': ['<crm-booking service="rare"></crm-booking>', (visitor) => visitor.find('[part=empty]').waitFor()],
  'booking-20-waiting': ['<crm-booking service="rare"></crm-booking>', async (visitor) => {
    await visitor.hydrated();
    await visitor.find('[id=b-join]').click();
    await step(visitor, 'waitlist');
    await fill(visitor, token());
    await visitor.submit();
    await step(visitor, 'waiting');
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
  'booking-24-opened': [BOOKING, async (visitor, stage) => {
    await book(visitor, 15);
    const link = await visitor.find('[id=b-manage]').getAttribute('href');
    await visitor.page.goto(link.replace(stage.proxy.url, stage.gateway.url));
    await booked(visitor);
  }],
  'booking-25-refused': [BOOKING, async (visitor, stage) => {
    await book(visitor, 16);
    await visitor.find('[id=b-cancel]').click();
    await step(visitor, 'cancel');
    stage.proxy.rule({ match: /^DELETE /, before: () => 503 });
    await visitor.find('[id=b-yes]').click();
    await visitor.find('[id=said]').waitFor();
  }],
  'booking-26-waitlist': ['<crm-booking service="rare"></crm-booking>', async (visitor) => {
    await visitor.hydrated();
    await visitor.find('[id=b-join]').click();
    await step(visitor, 'waitlist');
  }],
  'booking-21-plain': ['<crm-booking wasm="off"></crm-booking>', (visitor) => take(visitor, 12)],
};

/** A file is kept while something else is put right, without scripts. */
async function keepsFile(visitor) {
  const report = { name: '检查报告 2026.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') };
  await visitor.field('report').setInputFiles(report);
  await visitor.submit();
  await visitor.find('[part=files] li').waitFor();
}

/** Pages of the gateway itself. */
const pages = {
  'demo': '/', 'demo-crm': '/demo/crm', 'hosted-enquiry': '/f/clinic/enquiry', 'hosted-booking': '/b/clinic', 'hosted-booking-nothing': '/b/nowhere', 'hosted-registration': '/f/clinic/registration',
};

/** An enquiry waits, and its page is left and opened again. */
async function comesBack(visitor, stage) {
  await visitor.fill(filled);
  visitor.undo = stage.proxy.cut(POSTS);
  await visitor.submit();
  await visitor.waits();
  await visitor.page.reload();
  await visitor.find('[part=notice]').waitFor();
}

async function toPage(visitor, page) {
  await visitor.hydrated();
  await visitor.field('name').fill('王小明');
  await visitor.field('born').fill('1990-04-01');
  await visitor.find('[name="visited"][value="yes"]').check();
  await visitor.button('next').click();
  await visitor.find('[data-page="1"]').waitFor({ state: 'visible' });
  if (page < 2) return;
  await visitor.find('[name="stars"][value="4"]').check({ force: true });
  await visitor.button('next').click();
  await visitor.find('[data-page="2"]').waitFor({ state: 'visible' });
}

async function picture(name, open, act) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const file = `${name}-${size}-${colorScheme}.png`;
      if (!file.match(pattern)) continue;
      const visitor = await open({ viewport, colorScheme });
      try {
        await act(visitor);
        await visitor.page.waitForTimeout(250);
      } catch (error) {
        console.error(`${file}: ${error.message.split('\n')[0]}`);
      }
      await visitor.page.screenshot({ path: `${folder}/${file}`, fullPage: true });
      visitor.undo?.();
      await stage.tidy(browser);
    }
  }
}

const [stage, browser] = await Promise.all([Stage.start(['--demo']), launch()]);
for (const lang of ['zh-CN', 'en', 'ar']) {
  for (const [state, [body, act]] of Object.entries(states)) {
    if (lang === 'ar' && !/enquiry|notice|popup|launcher|booking/.test(state)) continue;
    const dir = lang === 'ar' ? 'rtl' : 'ltr';
    const pick = body.match(/crm-\w+/)[0];
    const open = (options) => Visitor.open(browser, stage.page(body, { lang, dir, head: STYLE }), { pick, options });
    await picture(`${state}-${lang}`, open, (visitor) => act(visitor, stage));
  }
}
for (const [name, path] of Object.entries(pages)) {
  const open = (options) => Visitor.open(browser, stage.gateway.url + path, { options });
  await picture(name, open, (visitor) => visitor.page.waitForTimeout(1_000));
}
const scriptless = (options) =>
  Visitor.open(browser, `${stage.gateway.url}/f/clinic/registration?lang=zh-CN`, { options: { ...options, javaScriptEnabled: false } });
await picture('hosted-kept-file', scriptless, keepsFile);
await browser.close();
await stage.stop();
