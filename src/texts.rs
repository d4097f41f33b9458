//! Our own texts in every language: the catalogues of `crm-protocol`, read once.

use std::sync::LazyLock;

use crm_protocol::catalogue::{Catalogue, FILES};
use crm_protocol::text::Lang;
use jiff::civil::Date;

static CATALOGUES: LazyLock<Vec<(&str, Catalogue)>> = LazyLock::new(|| {
    let read = |(tag, json): (&'static str, &str)| (tag, serde_json::from_str(json).unwrap_or_default());
    FILES.into_iter().map(read).collect()
});

/// The catalogue nearest to `lang`; English where there is none.
pub fn catalogue(lang: &Lang) -> &'static Catalogue {
    static EMPTY: LazyLock<Catalogue> = LazyLock::new(Catalogue::default);
    let tag = lang.best(CATALOGUES.iter().map(|(tag, _)| *tag)).unwrap_or("en");
    CATALOGUES.iter().find(|(known, _)| *known == tag).map_or(&*EMPTY, |(_, catalogue)| catalogue)
}

/// A day in words, with the day of the week: `Monday, 23 November 2026`, `2026年11月23日 星期一`.
pub fn date(words: &Catalogue, date: Date) -> String {
    let nth = |key: &str, at: i8| {
        let at = usize::try_from(at - 1).unwrap_or_default();
        words.get(key).split('|').nth(at).unwrap_or_default().to_owned()
    };
    let weekday = nth("mail.weekdays", date.weekday().to_monday_one_offset());
    let month = nth("mail.months", date.month());
    let (year, day) = (date.year().to_string(), date.day().to_string());
    let values = [("weekday", weekday), ("year", year), ("month", month), ("day", day)];
    words.fill("mail.date", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}
