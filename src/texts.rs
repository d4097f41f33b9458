//! Our own texts in every language: the catalogues of `crm-protocol`, read once.

use std::sync::LazyLock;

use crm_protocol::catalogue::Catalogue;
use crm_protocol::text::Lang;

static CATALOGUES: LazyLock<Vec<(&str, Catalogue)>> = LazyLock::new(|| {
    let read = |tag, json| (tag, serde_json::from_str(json).unwrap_or_default());
    vec![
        read("en", include_str!("../widgets/protocol/texts/en.json")),
        read("zh-CN", include_str!("../widgets/protocol/texts/zh-CN.json")),
        read("zh-TW", include_str!("../widgets/protocol/texts/zh-TW.json")),
    ]
});

/// The catalogue nearest to `lang`; English where there is none.
pub fn catalogue(lang: &Lang) -> &'static Catalogue {
    static EMPTY: LazyLock<Catalogue> = LazyLock::new(Catalogue::default);
    let tag = lang.best(CATALOGUES.iter().map(|(tag, _)| *tag)).unwrap_or("en");
    CATALOGUES.iter().find(|(known, _)| *known == tag).map_or(&*EMPTY, |(_, catalogue)| catalogue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text() {
        let keys = |(_, catalogue): &(&str, Catalogue)| catalogue.keys().map(str::to_owned).collect::<Vec<_>>();
        let all: Vec<Vec<String>> = CATALOGUES.iter().map(keys).collect();
        assert!(all.windows(2).all(|pair| pair.first() == pair.last()));
        assert!(all.iter().all(|keys| keys.len() > 50));
    }
}
