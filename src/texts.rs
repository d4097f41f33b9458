//! Our own texts in every language: the catalogues of `crm-protocol`, read once.

use std::sync::LazyLock;

use crm_protocol::catalogue::{Catalogue, FILES};
use crm_protocol::text::Lang;
use crm_protocol::{check, words};
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
    let day = check::date::parse(&date.to_string()).map(check::date::Date::to_unix);
    day.map(|day| words::day(words, day)).unwrap_or_default()
}
