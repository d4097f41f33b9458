// Calendar files as another program reads them.
import { readFile } from 'node:fs/promises';
import { tool } from './tools.mjs';

const ical = tool('ical.js');

/** The one event of a file's text; instants in ISO 8601, `alarms` in seconds before the start. */
export function read(text) {
  const file = new ical.Component(ical.parse(text));
  const events = file.getAllSubcomponents('vevent');
  if (events.length !== 1) throw new Error(`${events.length} events`);
  const [component] = events;
  const event = new ical.Event(component, { strictExceptions: true });
  const instant = (time) => {
    if (time.zone !== ical.Timezone.utcTimezone) throw new Error(`${time} is no instant`);
    return time.toJSDate().toISOString();
  };
  return {
    method: file.getFirstPropertyValue('method'),
    uid: event.uid,
    sequence: event.sequence,
    start: instant(event.startDate),
    end: instant(event.endDate),
    summary: event.summary,
    location: event.location,
    status: component.getFirstPropertyValue('status'),
    alarms: component.getAllSubcomponents('valarm').map((alarm) => -alarm.getFirstPropertyValue('trigger').toSeconds()),
  };
}

/** Presses what gives the file, and reads what the browser has saved: its text and the event. */
export async function saved(page, press) {
  const [download] = await Promise.all([page.waitForEvent('download'), press()]);
  const text = await readFile(await download.path(), 'utf8');
  return { name: download.suggestedFilename(), text, ...read(text) };
}
