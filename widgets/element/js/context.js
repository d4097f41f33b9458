/** What a submission says about where it was typed: this and nothing else. */

/** The campaign parameters that are kept, as in `protocol::submission::CAMPAIGN`. */
const CAMPAIGN =
  'utm_source utm_medium utm_campaign utm_term utm_content utm_id gclid gbraid wbraid dclid fbclid ttclid msclkid ' +
  'bd_vid qhclickid li_fat_id';

const cut = (text) => text.slice(0, 2000);

/** The address without its fragment and without parameters other than campaign's. */
const withoutPrivate = (address, campaign) => {
  const query = new URLSearchParams(campaign).toString();
  return cut(address.origin + address.pathname + (query && `?${query}`));
};

export const context = () => {
  const address = new URL(location.href);
  const known = CAMPAIGN.split(' ').filter((name) => address.searchParams.get(name));
  const campaign = Object.fromEntries(known.map((name) => [name, cut(address.searchParams.get(name))]));
  const referrer = document.referrer ? withoutPrivate(new URL(document.referrer), {}) : undefined;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return { page: withoutPrivate(address, campaign), referrer, campaign, language: navigator.language, timeZone };
};
