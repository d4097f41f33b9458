//! The name under which an uploaded file is shown and offered for download. It never becomes a path.

/// A display name that is safe on every system: 1–120 characters, no path, no control or invisible characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

const MAX_CHARS: usize = 120;
const MAX_EXTENSION_CHARS: usize = 10;

impl FileName {
    /// Cleans the value of an `Upload-Name` header: percent-encoded UTF-8 (RFC 3986, 2.1), where a stray `%` stands
    /// for itself and bytes that are no UTF-8 become U+FFFD.
    pub fn from_header(encoded: &str) -> Self {
        Self::clean(&decoded(encoded))
    }

    /// Cleans a name. The folders before it go, and so do control characters, direction overrides (`gpj.exe` can look
    /// like `exe.jpg`), dots and spaces at the ends; characters that Windows refuses become `_`, its device names get
    /// one in front, and a long name loses the end of its stem, not its extension. Nothing left becomes `file`.
    pub fn clean(name: &str) -> Self {
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let visible = last.chars().filter(|&typed| !typed.is_control() && !is_invisible(typed)).map(
            |typed| match typed {
                '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
                typed if typed.is_whitespace() => ' ',
                typed => typed,
            },
        );
        let name: String = visible.collect();
        let name = shortened(name.trim_matches([' ', '.']));
        let stem = name.split('.').next().unwrap_or_default().trim_end();
        Self(match name.as_str() {
            "" => "file".to_owned(),
            _ if is_device(stem) => shortened(&["_", &name].concat()),
            _ => name,
        })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the last dot, in lower case; `""` where there is none.
    pub fn extension(&self) -> String {
        self.0.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
    }
}

/// Characters of no width, and the marks that change the direction of what follows (Unicode TR 36, 2.4 and 3.1).
fn is_invisible(typed: char) -> bool {
    crate::check::width::is_invisible(typed)
        || matches!(typed, '\u{2028}' | '\u{2029}' | '\u{180E}' | '\u{E0000}'..='\u{E007F}')
}

/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>
fn is_device(stem: &str) -> bool {
    let upper = stem.to_ascii_uppercase();
    let numbered = |device| {
        upper.strip_prefix(device).is_some_and(|rest| {
            rest.chars().count() == 1 && rest.contains(|digit| matches!(digit, '0'..='9' | '¹' | '²' | '³'))
        })
    };
    matches!(upper.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered("COM")
        || numbered("LPT")
}

fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= MAX_CHARS {
        return name.to_owned();
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let extension =
        extension.filter(|extension| extension.chars().count() <= MAX_EXTENSION_CHARS).unwrap_or_default();
    let kept = MAX_CHARS - extension.chars().count() - usize::from(!extension.is_empty());
    let stem: String = name.chars().take(kept).collect();
    let stem = stem.trim_end_matches([' ', '.']);
    if extension.is_empty() { stem.to_owned() } else { [stem, ".", extension].concat() }
}

fn decoded(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match (first, tail) {
            (b'%', [high, low, after @ ..]) => {
                hex(*high).zip(hex(*low)).map(|(high, low)| (high * 16 + low, after))
            }
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::FileName;

    #[test]
    fn names_are_shown_as_the_visitor_knows_them() {
        assert_eq!(FileName::from_header("%E7%97%85%E5%8E%86.pdf").as_str(), "病历.pdf");
        assert_eq!(FileName::from_header("my report (2).pdf").as_str(), "my report (2).pdf");
        assert_eq!(FileName::from_header("100%.pdf").as_str(), "100%.pdf");
        assert_eq!(FileName::clean("a.B.PDF").extension(), "pdf");
    }

    #[test]
    fn no_name_becomes_a_path_or_a_trick() {
        for (name, expected) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\fakepath\\scan.png", "scan.png"),
            ("..", "file"),
            ("", "file"),
            ("a/", "file"),
            (".htaccess", "htaccess"),
            ("evil\u{202E}fdp.exe", "evilfdp.exe"),
            ("a\u{0}b\r\n.txt", "ab.txt"),
            ("con.txt", "_con.txt"),
            ("COM1", "_COM1"),
            ("a<b>:c.txt. ", "a_b__c.txt"),
        ] {
            assert_eq!(FileName::clean(name).as_str(), expected, "{name:?}");
        }
        assert_eq!(FileName::from_header("..%2F..%2Fx.pdf").as_str(), "x.pdf");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = FileName::clean(&["病".repeat(300), ".pdf".to_owned()].concat());
        assert!(name.as_str().ends_with("病.pdf") && name.as_str().chars().count() == 120);
        assert_eq!(FileName::clean(&"a".repeat(300)).as_str().len(), 120);
    }

    proptest! {
        #[test]
        fn every_name_is_safe_and_cleaning_twice_is_cleaning_once(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let raw = String::from_utf8_lossy(&bytes);
            let name = FileName::from_header(&raw);
            prop_assert!((1..=120).contains(&name.as_str().chars().count()));
            let unsafe_character = |typed: char| typed.is_control() || matches!(typed, '/' | '\\' | '\u{202E}');
            prop_assert!(!name.as_str().chars().any(unsafe_character));
            prop_assert!(!name.as_str().starts_with(['.', ' ']) && !name.as_str().ends_with(['.', ' ']));
            prop_assert_eq!(FileName::clean(name.as_str()), name);
        }
    }
}
