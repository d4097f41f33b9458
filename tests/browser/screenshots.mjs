// Takes a picture of every state, or of those whose name a pattern matches: `node tests/browser/screenshots.mjs FOLDER
// [PATTERN]`. Not a test: a person looks at them.
import { mkdirSync } from 'node:fs';
import { bookings, scriptless as steps } from './pictures/booking.mjs';
import { forms, scriptless as posts } from './pictures/forms.mjs';
import { Clinic } from './support/clinic.mjs';
import { SCRIPTLESS, Visitor } from './support/visitor.mjs';

const [folder = 'target/screenshots', pattern = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

const SIZES = { phone: { width: 360, height: 780 }, desktop: { width: 1280, height: 900 } };
const SCHEMES = ['light', 'dark'];
const STYLE = `<style>body{margin:0;font-family:system-ui,sans-serif;background:light-dark(#fff,#14171a);color:light-dark(#111,#eee)}
:root{color-scheme:light dark}main{max-width:680px;margin:0 auto;padding:16px}</style>`;

/** Pages of the gateway itself. */
const pages = {
  'demo': '/',
  'demo-crm': '/demo/crm',
  'hosted-enquiry': '/f/clinic/enquiry',
  'hosted-booking': '/b/clinic',
  'hosted-booking-nothing': '/b/nowhere',
  'hosted-registration': '/f/clinic/registration',
};

async function picture(name, open, act) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      const file = `${name}-${size}-${colorScheme}.png`;
      if (!file.match(pattern)) continue;
      const visitor = await open({ viewport, colorScheme });
      try {
        await act(visitor, clinic);
        await visitor.page.waitForTimeout(250);
      } catch (error) {
        console.error(`${file}: ${error.message.split('\n')[0]}`);
      }
      // What sticks to the top would be in the middle of a picture of the whole page.
      await visitor.page.evaluate(() => scrollTo(0, 0));
      await visitor.page.screenshot({ path: `${folder}/${file}`, fullPage: true });
      await visitor.undo?.();
      await clinic.tidy();
    }
  }
}

const clinic = await Clinic.start(['--demo']);
const visit = (url, options) => Visitor.open(clinic.browser, url, options);

for (const lang of ['zh-CN', 'en', 'ar']) {
  const dir = lang === 'ar' ? 'rtl' : 'ltr';
  for (const [state, [body, act, more]] of Object.entries({ ...forms, ...bookings })) {
    if (lang === 'ar' && /registration/.test(state)) continue;
    const pick = body.match(/crm-\w+/)[0];
    const open = (options) => visit(clinic.page(body, { lang, dir, head: STYLE }), { pick, options: { ...options, ...more } });
    await picture(`${state}-${lang}`, open, act);
  }
  for (const [state, [path, act]] of Object.entries({ ...posts, ...steps })) {
    const pick = path.startsWith('/b/') ? 'crm-booking' : 'crm-contact';
    const url = `${clinic.gateway.url}${path}${path.includes('?') ? '&' : '?'}lang=${lang}`;
    await picture(`${state}-${lang}`, (options) => visit(url, { pick, options: { ...options, ...SCRIPTLESS } }), act);
  }
}
for (const [name, path] of Object.entries(pages)) {
  await picture(name, (options) => visit(clinic.gateway.url + path, { options }), (visitor) => visitor.page.waitForTimeout(1_000));
}
await clinic.stop();
