// Chromium, driven by Playwright.
import { tool } from './tools.mjs';

const { chromium } = tool('playwright-core');

const settings = {
  executablePath: process.env.CRM_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
  ],
};

/** Starts a browser, with `more` flags; every test takes a fresh context of it. */
export const launch = (more = []) => chromium.launch({ ...settings, args: [...settings.args, ...more] });

/** Starts a browser whose profile is in `folder`, and stays there. */
export const launchIn = (folder) => chromium.launchPersistentContext(folder, settings);
