//! Languages, and texts that exist in several of them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A language tag as in BCP 47, e.g. `en`, `zh-CN`, `ar`. At most 35 characters, subtags of letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Lang(String);

impl Lang {
    /// Parses a tag. `None` when it is not a BCP 47 tag in shape (its subtags are not looked up).
    pub fn parse(tag: &str) -> Option<Self> {
        let shaped = tag.len() <= 35
            && tag.split('-').enumerate().all(|(at, subtag)| {
                let letters_only = at > 0 || subtag.bytes().all(|byte| byte.is_ascii_alphabetic());
                let long_enough = at > 0 || subtag.len() >= 2;
                letters_only
                    && long_enough
                    && (1..=8).contains(&subtag.len())
                    && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
            });
        shaped.then(|| Self(tag.to_owned()))
    }

    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the language is written from right to left.
    pub fn is_rtl(&self) -> bool {
        matches!(self.primary().as_str(), "ar" | "fa" | "he" | "ur" | "ug" | "yi" | "ps" | "ckb" | "dv")
    }

    /// The best of `available` for this language: the same tag, else the same script of Chinese
    /// (`zh-HK` reads `zh-TW`, `zh` and `zh-SG` read `zh-CN`), else the same primary language, else `None`.
    pub fn best<'a>(&self, available: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
        let wanted = self.0.to_ascii_lowercase();
        let same = |tag: &&'a str| tag.eq_ignore_ascii_case(&wanted);
        available
            .clone()
            .find(same)
            .or_else(|| {
                available.clone().find(|tag| {
                    self.is_chinese() && traditional(tag) == traditional(&wanted) && is_chinese(tag)
                })
            })
            .or_else(|| available.clone().find(|tag| primary(tag) == primary(&wanted)))
    }

    fn primary(&self) -> String {
        primary(&self.0)
    }

    fn is_chinese(&self) -> bool {
        is_chinese(&self.0)
    }
}

fn primary(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_ascii_lowercase()
}

fn is_chinese(tag: &str) -> bool {
    primary(tag) == "zh"
}

fn traditional(tag: &str) -> bool {
    tag.split('-')
        .any(|subtag| ["hant", "tw", "hk", "mo"].iter().any(|part| subtag.eq_ignore_ascii_case(part)))
}

impl Default for Lang {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Lang {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tag = String::deserialize(deserializer)?;
        Self::parse(&tag)
            .ok_or_else(|| de::Error::custom("expected a language tag such as \"en\" or \"zh-CN\""))
    }
}

/// A text: one string for every language, or a string per language tag.
///
/// In JSON a plain string or an object: `"Name"` or `{"en": "Name", "zh-CN": "姓名"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// The same in every language.
    One(String),
    /// One string per language tag, in the order they were written.
    Many(Vec<(String, String)>),
}

impl Text {
    /// The text for a reader of `lang`; where that language is missing English, then the first there is.
    pub fn get(&self, lang: &Lang) -> &str {
        match self {
            Self::One(text) => text,
            Self::Many(texts) => {
                let of = |wanted: &str| texts.iter().find(|(tag, _)| tag == wanted);
                lang.best(texts.iter().map(|(tag, _)| tag.as_str()))
                    .and_then(of)
                    .or_else(|| of("en"))
                    .or_else(|| texts.first())
                    .map_or("", |(_, text)| text)
            }
        }
    }

    /// The text in every language there is.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::One(text) => (Some(text.as_str()), [].as_slice()),
            Self::Many(texts) => (None, texts.as_slice()),
        };
        one.into_iter().chain(many.iter().map(|(_, text)| text.as_str()))
    }

    /// The text once it has been cut to one language by [`Text::localize`].
    pub fn as_str(&self) -> &str {
        match self {
            Self::One(text) => text,
            Self::Many(texts) => texts.first().map_or("", |(_, text)| text),
        }
    }

    /// Keeps only the string for `lang`.
    pub fn localize(&mut self, lang: &Lang) {
        if let Self::Many(_) = self {
            *self = Self::One(self.get(lang).to_owned());
        }
    }

    /// Whether no language has a visible character.
    pub fn is_blank(&self) -> bool {
        self.all().all(|text| text.trim().is_empty())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::One(text.to_owned())
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(text) => serializer.serialize_str(text),
            Self::Many(texts) => serializer.collect_map(texts.iter().map(|(tag, text)| (tag, text))),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a text, or an object with a text per language such as {\"en\": \"…\", \"zh-CN\": \"…\"}",
                )
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::One(text.to_owned()))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                let mut texts = Vec::new();
                while let Some((lang, text)) = map.next_entry::<Lang, String>()? {
                    texts.push((lang.0, text));
                }
                Ok(Text::Many(texts))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
