// The states of a form.
import { until } from '../support/wait.mjs';

const POSTS = /^POST .*submissions/;
const ENQUIRY = '<crm-contact form="enquiry"></crm-contact>';
const REGISTRATION = '<crm-contact form="registration"></crm-contact>';
const callback = (mode) => `<crm-contact form="callback" mode="${mode}"><button type="button" id="opener">Call me back</button></crm-contact>`;
const filled = { name: '王小明', email: 'wang@example.com', phone: '138 1234 5678', message: '请问周六可以看牙吗？\nIs Saturday possible?' };
const report = { name: '检查报告 2026.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') };

/** An enquiry waits, and its page is left and opened again. */
async function comesBack(visitor, clinic) {
  await visitor.fill(filled);
  visitor.undo = clinic.proxy.cut(POSTS);
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

/** State → what is on the page, and what the visitor does until it is there. */
export const forms = {
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
  'enquiry-4-sending': [ENQUIRY, async (visitor, clinic) => {
    await visitor.fill(filled);
    visitor.undo = clinic.proxy.hold(POSTS);
    await visitor.submit();
    await until('sending', async () => (await visitor.find('[data-status]').innerText()).trim());
  }],
  'enquiry-5-waiting': [ENQUIRY, async (visitor, clinic) => {
    await visitor.fill(filled);
    visitor.undo = clinic.proxy.cut(POSTS);
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
  'notice-2-sent': [ENQUIRY, async (visitor, clinic) => {
    await comesBack(visitor, clinic);
    visitor.undo();
    await visitor.find('[part=notice][data-state=sent]').waitFor();
  }],
  'notice-3-refused': [ENQUIRY, async (visitor, clinic) => {
    await comesBack(visitor, clinic);
    await clinic.apply(({ forms: [form] }) => (form.pages[0].fields.find(({ name }) => name === 'topic').required = true));
    await visitor.field('message').fill('Something else');
    visitor.undo();
    await visitor.find('[part=notice][data-state=refused]').waitFor();
  }],
  'registration-1': [REGISTRATION, (visitor) => visitor.hydrated()],
  'registration-2': [REGISTRATION, (visitor) => toPage(visitor, 1)],
  'registration-3': [REGISTRATION, async (visitor) => {
    await toPage(visitor, 2);
    await visitor.field('report').setInputFiles(report);
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
};

/** The same of a hosted page without scripts: its path, and what the visitor does. */
export const scriptless = {
  'hosted-kept-file': ['/f/clinic/registration', async (visitor) => {
    await visitor.field('report').setInputFiles(report);
    await visitor.submit();
    await visitor.find('[part=files] li').waitFor();
  }],
};
