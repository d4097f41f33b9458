//! Characters as input methods and copied text bring them: full width, other scripts' digits, invisible marks.

/// The plain character for one that an input method typed in full width (Unicode block "Halfwidth and Fullwidth
/// Forms"), in Arabic-Indic digits, or as one of the many dashes and spaces. Others stay as they are.
pub fn fold(typed: char) -> char {
    let code = u32::from(typed);
    let plain = match code {
        0xFF01..=0xFF5E => code - 0xFF01 + 0x21,
        0x0660..=0x0669 => code - 0x0660 + 0x30,
        0x06F0..=0x06F9 => code - 0x06F0 + 0x30,
        0x2010..=0x2015 | 0x2212 | 0x30FC | 0xFE58 | 0xFE63 => 0x2D,
        0x00A0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => 0x20,
        0x3002 | 0xFF61 => 0x2E,
        _ => code,
    };
    char::from_u32(plain).unwrap_or(typed)
}

/// Whether a character shows nothing: zero-width and direction marks that come along with copied text.
pub fn is_invisible(typed: char) -> bool {
    matches!(u32::from(typed), 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x2069 | 0xFEFF | 0x00AD | 0x061C)
}

/// The text with every character folded and the invisible ones left out, without white space at its ends.
pub fn plain(typed: &str) -> String {
    let folded: String = typed.chars().filter(|&typed| !is_invisible(typed)).map(fold).collect();
    folded.trim().to_owned()
}
