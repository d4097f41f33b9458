//! A person's name, taken apart: CRMs keep given and family names, forms ask for one.
//!
//! A guess, and a careful one: both parts together are always the whole name, and a single word is a family name, since
//! that is the one CRMs insist on.

use minijinja::{Error, Value};

use super::text_of;

/// Two characters that are one family name: the compound names of Chinese and Korean.
const COMPOUND: [&str; 39] = [
    "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "尉遲", "公孙",
    "公孫", "慕容", "令狐", "长孙", "長孫", "宇文", "司徒", "司空", "夏侯", "端木", "百里", "呼延", "东郭",
    "南宫", "南宮", "独孤", "獨孤", "西门", "西門", "남궁", "황보", "제갈", "선우", "독고", "사공", "서문",
];

/// Words that begin a family name of several words.
const PARTICLES: [&str; 27] = [
    "van", "von", "vom", "zu", "zum", "zur", "de", "del", "della", "delle", "der", "den", "di", "da", "dal",
    "dos", "das", "do", "du", "des", "la", "le", "ter", "ten", "bin", "ibn", "al",
];

/// `given`: nothing where the name is one word.
pub fn given(name: &Value) -> Result<Option<String>, Error> {
    Ok(split(&text_of("given", name)?).0)
}

/// `family`.
pub fn family(name: &Value) -> Result<Option<String>, Error> {
    Ok(split(&text_of("family", name)?).1)
}

/// Given and family name; of a name that is one word, the family name alone.
pub fn split(name: &str) -> (Option<String>, Option<String>) {
    let (given, family) = parts(name);
    (Some(given).filter(|part| !part.is_empty()), Some(family).filter(|part| !part.is_empty()))
}

fn parts(name: &str) -> (String, String) {
    if let Some((family, given)) = name.split_once([',', '，']) {
        return (words(given).join(" "), words(family).join(" "));
    }
    // Names of other languages are written with a dot in Chinese and Japanese, in their own order.
    if let Some((given, family)) = name.rsplit_once(['·', '•', '・']) {
        return (given.trim().to_owned(), family.trim().to_owned());
    }
    let words = words(name);
    let family_first = words.iter().all(|word| word.chars().all(is_east_asian));
    match words.as_slice() {
        [] => Default::default(),
        [word] if family_first => undivided(word),
        [word] => (String::new(), (*word).to_owned()),
        [family, given @ ..] if family_first => (given.join(" "), (*family).to_owned()),
        [.., last] => {
            let particle = |word: &&str| PARTICLES.contains(&word.to_lowercase().as_str());
            let lower = |word: &&str| word.chars().next().is_some_and(char::is_lowercase);
            let first = words.first().filter(|word| particle(word) && lower(word)).map(|_| 0);
            let between =
                words.iter().skip(1).position(|word| particle(word) && word != last).map(|at| at + 1);
            let (given, family) = words.split_at(first.or(between).unwrap_or(words.len() - 1));
            (given.join(" "), family.join(" "))
        }
    }
}

/// A name without spaces: the family name comes first, and is one character unless it is known to be two.
fn undivided(name: &str) -> (String, String) {
    let two = COMPOUND.iter().find(|compound| name.starts_with(**compound)).map(|compound| compound.len());
    let at = two.or_else(|| name.chars().next().map(char::len_utf8)).unwrap_or_default();
    let (family, given) = name.split_at(at);
    (given.to_owned(), family.to_owned())
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Han characters, kana and Hangul.
fn is_east_asian(typed: char) -> bool {
    matches!(typed,
        '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::shown;
    use super::parts;

    #[test]
    fn names_are_taken_apart_as_their_language_has_it() {
        for (name, given, family) in [
            ("Ada Lovelace", "Ada", "Lovelace"),
            ("  Juan  Carlos García ", "Juan Carlos", "García"),
            ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
            ("Anna van der Berg", "Anna", "van der Berg"),
            ("Vincent Van Gogh", "Vincent", "Van Gogh"),
            ("van der Berg", "nothing", "van der Berg"),
            ("Van Nguyen", "Van", "Nguyen"),
            ("Kim Le", "Kim", "Le"),
            ("Lovelace, Ada King", "Ada King", "Lovelace"),
            ("Cher", "nothing", "Cher"),
            ("王小明", "小明", "王"),
            ("王芳", "芳", "王"),
            ("王 小明", "小明", "王"),
            ("欧阳娜娜", "娜娜", "欧阳"),
            ("司马光", "光", "司马"),
            ("諸葛亮", "亮", "諸葛"),
            ("山田 太郎", "太郎", "山田"),
            ("김철수", "철수", "김"),
            ("남궁민수", "민수", "남궁"),
            ("约翰·史密斯", "约翰", "史密斯"),
            ("王", "nothing", "王"),
            ("王芳 Fang", "王芳", "Fang"),
            ("", "nothing", "nothing"),
        ] {
            assert_eq!(shown("x | given", name), given, "given name of {name}");
            assert_eq!(shown("x | family", name), family, "family name of {name}");
        }
    }

    proptest! {
        #[test]
        fn no_character_of_a_name_is_lost(name in "[\\w王明欧阳김 ·,-]{0,24}") {
            let (given, family) = parts(&name);
            let sorted = |text: &str| {
                let mut typed: Vec<char> = text.chars().filter(|typed| typed.is_alphanumeric()).collect();
                typed.sort_unstable();
                typed
            };
            prop_assert_eq!(sorted(&format!("{given}{family}")), sorted(&name));
            prop_assert!(!family.is_empty() || sorted(&name).is_empty() || !given.is_empty());
        }
    }
}
